// Runs a built Worker on workerd, with D1 and KV in a folder, until standard input ends.
//
// usage: host.mjs <options as JSON>
//   build      folder of the build
//   flags      compatibility flags
//   before     file of a module that stands before the Worker and imports it; null is none
//   persist    folder that wrangler's --persist-to was given
//   database   id of the D1 database; null binds none
//   kv         id of the KV namespace; null binds none
//   bindings   the AUTHCORE_ variables
//
// A line of standard input is a request to KV, answered by a line: {"list": true}, {"get": name},
// {"put": [name, value]}. Values are base64.
//
// Standard output is one line of JSON: the URL, Miniflare's own URL, which triggers cron, and the
// process id of workerd. All else, workerd at its most talkative, goes to standard error.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const WORKER = fileURLToPath(new URL("../../worker", import.meta.url));
// The very runtime that wrangler runs.
const { Log, LogLevel, Miniflare } = createRequire(join(WORKER, "package.json"))("miniflare");

class StandardErrorLog extends Log {
  log(message) {
    console.error(message);
  }
}

/** workerd, which Miniflare starts and does not name. */
function runtime() {
  const children = readFileSync(`/proc/self/task/${process.pid}/children`, "utf8");
  const isRuntime = (id) => readFileSync(`/proc/${id}/comm`, "utf8").trim() === "workerd";
  return Number(children.split(" ").filter(Boolean).find(isRuntime));
}

const { build, flags, before, persist, database, kv, bindings } = JSON.parse(process.argv[2]);
// As if it stood beside the build.
const standing = { type: "ESModule", path: join(build, "before.js") };
const host = new Miniflare({
  modules: [
    // The first one is run.
    ...(before === null ? [] : [{ ...standing, contents: readFileSync(before, "utf8") }]),
    { type: "ESModule", path: join(build, "index.js") },
    { type: "CompiledWasm", path: join(build, "index_bg.wasm") },
    { type: "ESModule", path: join(build, "strength", "index.js") },
    { type: "ESModule", path: join(build, "strength", "strength.js") },
    { type: "CompiledWasm", path: join(build, "strength", "strength_bg.wasm") },
  ],
  modulesRoot: build,
  compatibilityDate: "2026-04-26",
  compatibilityFlags: flags,
  bindings,
  d1Databases: database === null ? {} : { DB: database },
  d1Persist: join(persist, "v3", "d1"),
  kvNamespaces: kv === null ? {} : { KV: kv },
  kvPersist: join(persist, "v3", "kv"),
  host: "127.0.0.1",
  port: 0,
  // Straight to the Worker, without the Worker that Miniflare puts before it.
  unsafeDirectSockets: [{ host: "127.0.0.1", port: 0 }],
  // Otherwise Miniflare asks the network where it is.
  cf: false,
  unsafeTriggerHandlers: true,
  log: new StandardErrorLog(LogLevel.VERBOSE),
  verbose: true,
  handleRuntimeStdio: (stdout, stderr) => {
    stdout.pipe(process.stderr);
    stderr.pipe(process.stderr);
  },
});

const { origin: control } = await host.ready;
const { origin: url } = await host.unsafeGetDirectURL();
console.log(JSON.stringify({ url, control, workerd: runtime() }));

async function answer({ list, get, put }) {
  const namespace = await host.getKVNamespace("KV");
  if (list) return (await namespace.list()).keys.map((key) => key.name);
  // A buffer of its own: Miniflare passes on no part of another.
  const bytes = (text) => new Uint8Array(Buffer.from(text, "base64")).buffer;
  if (put) return (await namespace.put(put[0], bytes(put[1]))) ?? null;
  const value = await namespace.get(get, "arrayBuffer");
  return value && Buffer.from(value).toString("base64");
}

const requests = createInterface({ input: process.stdin });
requests.on("close", () => host.dispose());
for await (const line of requests) console.log(JSON.stringify(await answer(JSON.parse(line))));
