// Starts workerd: through Miniflare with D1, as the suites do, or bare, to time its start.

import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { basename, extname, join } from "node:path";
import { createInterface } from "node:readline";
import { WORKER } from "../../worker/scripts/tools.mjs";
import { cpu, send } from "./load.mjs";

const require = createRequire(join(WORKER, "package.json"));
const { Log, LogLevel, Miniflare } = require("miniflare");
const WORKERD = require("workerd").default;
export const WORKERD_VERSION = require("workerd/package.json").version;

const COMPATIBILITY_DATE = "2026-04-26";
// As in worker/wrangler.toml.
const DATABASE = "00000000-0000-0000-0000-000000000000";

/** The processes that Miniflare has started and does not name. */
function runtimes() {
  const children = readFileSync(`/proc/self/task/${process.pid}/children`, "utf8");
  const isRuntime = (id) => readFileSync(`/proc/${id}/comm`, "utf8").trim() === "workerd";
  return children.split(" ").filter(Boolean).filter(isRuntime).map(Number);
}

/** A folder with a Worker's empty D1 database, made as somebody who installs the Worker does. */
export function database(worker = WORKER) {
  const folder = mkdtempSync(join(tmpdir(), "authcore-bench-"));
  const words = ["d1", "migrations", "apply", "DB", "--local", "--persist-to", folder];
  const wrangler = join(WORKER, "node_modules", ".bin", "wrangler");
  const env = { ...process.env, CI: "1" };
  const done = spawnSync(wrangler, words, { cwd: worker, env, encoding: "utf8" });
  if (done.status !== 0) throw new Error(`no database: ${done.stdout}${done.stderr}`);
  return folder;
}

/**
 * A Worker `{folder, modules, bindings, flags, persist}` in a process of its own, until `dispose`
 * is called. Of its modules the first is run; `persist` is the folder of its database, if it has one.
 */
export async function start({ folder, modules, bindings = {}, flags = [], persist }) {
  const before = runtimes();
  const kind = { ".wasm": "CompiledWasm" };
  const host = new Miniflare({
    modules: modules.map((file) => ({
      type: kind[extname(file)] ?? "ESModule",
      path: join(folder, file),
    })),
    modulesRoot: folder,
    compatibilityDate: COMPATIBILITY_DATE,
    compatibilityFlags: flags,
    bindings,
    d1Databases: persist ? { DB: DATABASE } : {},
    d1Persist: persist && join(persist, "v3", "d1"),
    host: "127.0.0.1",
    port: 0,
    // Straight to the Worker, without the Worker that Miniflare puts before it.
    unsafeDirectSockets: [{ host: "127.0.0.1", port: 0 }],
    // Otherwise Miniflare asks the network where it is.
    cf: false,
    log: new Log(LogLevel.NONE),
    handleRuntimeStdio: (stdout, stderr) => {
      stdout.resume();
      stderr.resume();
    },
  });
  await host.ready;
  const { origin: url } = await host.unsafeGetDirectURL();
  const [own] = runtimes().filter((id) => !before.includes(id));
  return { url, process: own, dispose: () => host.dispose() };
}

/** What an act makes of a folder's database, past any Worker. */
export async function withD1(persist, act) {
  const host = new Miniflare({
    modules: true,
    script: "export default {};",
    compatibilityDate: COMPATIBILITY_DATE,
    d1Databases: { DB: DATABASE },
    d1Persist: join(persist, "v3", "d1"),
    cf: false,
    log: new Log(LogLevel.NONE),
  });
  try {
    return await act(await host.getD1Database("DB"));
  } finally {
    await host.dispose();
  }
}

function configuration({ modules, bindings = {}, flags = [] }) {
  const text = JSON.stringify;
  const listed = modules.map((file) => {
    const kind = extname(file) === ".wasm" ? "wasm" : "esModule";
    return `(name = ${text(file)}, ${kind} = embed ${text(file)})`;
  });
  const bound = Object.entries(bindings).map(
    ([name, value]) => `(name = ${text(name)}, text = ${text(value)})`,
  );
  return `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [(name = "main", worker = (
    modules = [${listed.join(", ")}],
    compatibilityDate = "${COMPATIBILITY_DATE}",
    compatibilityFlags = ${text(flags)},
    bindings = [${bound.join(", ")}],
  ))],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "main")],
);
`;
}

/**
 * Starts bare workerd, sends each of the requests once, and ends it. Nanoseconds from the start of the
 * process to the first answer, the CPU time until then, and how long each later request took.
 */
export async function coldly(worker, requests) {
  const { folder } = worker;
  const file = join(folder, `bench-${process.pid}.capnp`);
  writeFileSync(file, configuration(worker));
  const begin = process.hrtime.bigint();
  const since = (moment) => Number(process.hrtime.bigint() - moment);
  const stdio = ["ignore", "ignore", "inherit", "pipe"];
  const child = spawn(WORKERD, ["serve", "--control-fd=3", basename(file)], { cwd: folder, stdio });
  try {
    const port = await new Promise((resolve, reject) => {
      child.on("exit", (code) => reject(new Error(`workerd ended with ${code}`)));
      createInterface({ input: child.stdio[3] }).on("line", (line) => {
        const event = JSON.parse(line);
        if (event.event === "listen") resolve(event.port);
      });
    });
    const url = `http://127.0.0.1:${port}`;
    const [first, ...rest] = requests;
    await send(url, first);
    const found = { first: since(begin), cpu: cpu(child.pid), later: [] };
    for (const request of rest) {
      const sent = process.hrtime.bigint();
      await send(url, request);
      found.later.push(since(sent));
    }
    return found;
  } finally {
    const ended = new Promise((resolve) => child.once("close", resolve));
    child.removeAllListeners("exit");
    child.kill("SIGKILL");
    await ended;
    rmSync(file);
  }
}
