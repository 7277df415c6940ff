"""Serves the Python service on a port of this machine, until standard input ends.

usage: host.py <options as JSON>
  database   the SQLite file
  variables  the AUTHCORE_ variables

Standard output is one line of JSON: the URL. All else that is said goes to standard error.
"""

from __future__ import annotations

import json
import logging
import os
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import authcore
from authcore._authcore import replay
from authcore._loop import drive

# One more than any route takes: core answers 413 without the rest.
MOST = authcore.Request.MAX_BODY + 1


def handler(service: authcore.Service) -> type[BaseHTTPRequestHandler]:
    """What answers a connection of `service`."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def handle_one_request(self) -> None:
            """Reads a request of any method, answers it, and logs route and status."""
            self.raw_requestline = self.rfile.readline(65537)
            if not self.raw_requestline or not self.parse_request():
                self.close_connection = True
                return
            if self.command == "POST" and self.path.startswith("/__test/"):
                # A transcript may be larger than any request.
                told = self.rfile.read(int(self.headers["content-length"])).decode()
                asked = {"replay": self.replay, "sweep": self.sweep, "ring_keys": self.ring_keys}
                asked[self.path.removeprefix("/__test/")](told)
                return
            body = self.read_body()
            headers = [
                (name, value.encode("latin-1", "replace")) for name, value in self.headers.items()
            ]
            # The target as sent: `self.path` has lost doubled slashes at its beginning.
            target = self.requestline.split()[1]
            request = authcore.Request(self.command, target, headers, body, self.client_address[0])
            self.answer(service.handle(request))

        def replay(self, transcript: str) -> None:
            """Replays a transcript, as the Worker's build for tests does."""
            try:
                replay(transcript)
            except AssertionError as difference:
                self.send_response_only(409)
                body = str(difference).encode()
            else:
                self.send_response_only(200)
                body = b""
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def sweep(self, told: str) -> None:
            """Sweeps at the moment that is told, or at the host's own."""
            if told:
                seed = os.urandom(32)
                drive(service._core.sweep(int(told), seed), service._database)
            else:
                service.sweep()
            self.send_response_only(204)
            self.end_headers()

        def ring_keys(self, told: str) -> None:
            """What is told of the ring's keys at a moment."""
            keys = drive(service._core.ring_keys(int(told), os.urandom(32)), service._database)
            shown = {
                key.id: {"place": key.place, "needed": key.needed, "rows": key.rows} for key in keys
            }
            self.send_response_only(200)
            body = json.dumps(shown).encode()
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def read_body(self) -> bytes:
            """The body, at most one byte more than any route takes."""
            if self.headers.get("transfer-encoding"):
                return self.read_chunks()
            length = int(self.headers.get("content-length") or 0)
            if length > MOST:
                self.close_connection = True
            return self.rfile.read(min(length, MOST))

        def read_chunks(self) -> bytes:
            """A body in chunks (RFC 9112 section 7.1)."""
            body = b""
            while (size := int(self.rfile.readline(100).split(b";")[0], 16)) > 0:
                body += self.rfile.read(min(size, MOST - len(body)))
                if len(body) >= MOST:
                    self.close_connection = True
                    return body
                self.rfile.readline(100)
            self.rfile.readline(100)
            return body

        def answer(self, response: authcore.Response) -> None:
            """Sends a response as it is."""
            self.send_response_only(response.status)
            for name, value in response.headers:
                self.send_header(name, value)
            if response.status != 204 and self.command != "HEAD":
                self.send_header("content-length", str(len(response.body)))
            if self.close_connection:
                self.send_header("connection", "close")
            self.end_headers()
            self.wfile.write(response.body)
            self.wfile.flush()

    return Handler


class Server(ThreadingHTTPServer):
    """A thread for each connection, and room for a hundred that come at once."""

    request_queue_size = 256
    daemon_threads = True


def main() -> None:
    """Serves until standard input ends."""
    options = json.loads(sys.argv[1])
    logging.basicConfig(level=logging.DEBUG, stream=sys.stderr, format="%(message)s")
    settings = authcore.Settings.from_variables(options["variables"])
    service = authcore.Service(settings, authcore.Sqlite(options["database"]))
    service.migrate()
    server = Server(("127.0.0.1", 0), handler(service))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(json.dumps({"url": f"http://127.0.0.1:{server.server_port}"}), flush=True)
    sys.stdin.read()
    server.shutdown()


if __name__ == "__main__":
    main()
