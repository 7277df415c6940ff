// Measures the Worker of an earlier commit beside this tree's: CPU time of requests, start.
//
// usage: node before.mjs <worker folder of the earlier tree> <file for the measurements> [rounds],
// by `make bench-before`, which builds both.

import { rmSync, writeFileSync } from "node:fs";
import { WORKER } from "../../worker/scripts/tools.mjs";
import { inTurn } from "./load.mjs";
import { authcore, service } from "./requests.mjs";
import { summarised } from "./rounds.mjs";
import { coldly, database, WORKERD_VERSION } from "./runtime.mjs";

const [earlier, out, rounds = "15"] = process.argv.slice(2);
const ROUNDS = Number(rounds);
const TREES = { before: earlier, now: WORKER };

async function requests() {
  const folders = [];
  const hosts = [];
  const variants = {};
  try {
    for (const [name, worker] of Object.entries(TREES)) {
      const persist = database(worker);
      folders.push(persist);
      const asked = await service(authcore(worker), persist);
      hosts.push(asked["GET /healthz"]);
      for (const [task, variant] of Object.entries(asked)) variants[`${name} ${task}`] = variant;
    }
    const taken = await inTurn(variants, ROUNDS);
    const tasks = Object.keys(taken).filter((name) => name.startsWith("now "));
    return tasks.map((name) => {
      const task = name.slice("now ".length);
      return summarised(`CPU of ${task}`, {
        before: taken[`before ${task}`],
        now: taken[`now ${task}`],
      });
    });
  } finally {
    for (const host of hosts) await host.dispose();
    for (const folder of folders) rmSync(folder, { recursive: true });
  }
}

async function starts() {
  const taken = { before: [], now: [] };
  const spent = { before: [], now: [] };
  for (let round = 0; round < ROUNDS; round++) {
    for (const [name, worker] of Object.entries(TREES)) {
      const found = await coldly(authcore(worker), [{ path: "/healthz" }]);
      taken[name].push(found.first);
      spent[name].push(found.cpu);
    }
  }
  return [
    summarised("from the start of workerd to the first answer", taken),
    summarised("CPU from the start of workerd to the first answer", spent),
  ];
}

const rows = [...(await requests()), ...(await starts())];
const found = { runtime: `workerd ${WORKERD_VERSION}`, rows };
writeFileSync(out, `${JSON.stringify(found, null, 2)}\n`);
