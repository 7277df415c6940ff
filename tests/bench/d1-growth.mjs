// What the Worker's requests take with few accounts in D1 and with many: CPU time of workerd, whose
// D1 is Miniflare's, in the same process.
//
// usage: node d1-growth.mjs <rounds> <accounts>..., by `make bench-growth`. It prints JSON: a row for
// each task, as the other databases have them. The accounts are filled straight into D1's file.

import { spawnSync } from "node:child_process";
import { readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { ROOT, WORKER } from "../../worker/scripts/tools.mjs";
import { inTurn } from "./load.mjs";
import { authcore, service } from "./requests.mjs";
import { summarised } from "./rounds.mjs";
import { database, withD1 } from "./runtime.mjs";

const TASKS = {
  login: "POST /v1/login",
  refresh: "POST /v1/refresh",
  "token check": "GET /v1/me",
};
const [rounds, ...sizes] = process.argv.slice(2);

/** The one of D1's files that holds the tables: the other is D1's own. */
function file(persist) {
  const folder = join(persist, "v3", "d1", "miniflare-D1DatabaseObject");
  const named = readdirSync(folder).filter((name) => name.endsWith(".sqlite"));
  return join(
    folder,
    named.find((name) => !name.startsWith("metadata")),
  );
}

function fill(path, accounts) {
  const program = ["run", "--quiet", "--release", "--locked", "--package", "authcore-bench-growth"];
  const words = [...program, "--", "fill", path, accounts];
  const stdio = ["ignore", "inherit", "inherit"];
  const done = spawnSync("cargo", words, { cwd: ROOT, stdio });
  if (done.status !== 0) throw new Error(`no ${accounts} accounts`);
}

const folders = [];
const hosts = [];
try {
  const variants = {};
  for (const accounts of sizes) {
    console.warn(`D1: filling ${accounts} accounts`);
    const persist = database();
    folders.push(persist);
    fill(file(persist), accounts);
    const count = "SELECT count(*) AS accounts FROM accounts";
    const counted = await withD1(persist, (d1) => d1.prepare(count).first());
    if (counted.accounts !== Number(accounts)) throw new Error(`D1 has ${counted.accounts}`);
    const asked = await service(authcore(WORKER), persist);
    hosts.push(asked["GET /healthz"]);
    for (const [task, route] of Object.entries(TASKS)) {
      variants[`${accounts} ${task}`] = asked[route];
    }
  }
  const taken = await inTurn(variants, Number(rounds));
  const rows = Object.keys(TASKS).map((task) => {
    const all = sizes.map((accounts) => [accounts, taken[`${accounts} ${task}`]]);
    return summarised(`D1: ${task}`, Object.fromEntries(all));
  });
  console.log(JSON.stringify(rows));
} finally {
  for (const host of hosts) await host.dispose();
  for (const folder of folders) rmSync(folder, { recursive: true });
}
