// Measures the Worker of an earlier commit beside this tree's: CPU time of requests, start.
//
// usage: node before.mjs <worker folder of the earlier tree> <file for the measurements> [rounds],
// by `make bench-before`, which builds both.

import { rmSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { WORKER } from "../../worker/scripts/tools.mjs";
import { inTurn } from "./load.mjs";
import { authcore, service } from "./requests.mjs";
import { summarised } from "./rounds.mjs";
import { coldly, database, WORKERD_VERSION } from "./runtime.mjs";

const [earlier, out, rounds = "15"] = process.argv.slice(2);
const ROUNDS = Number(rounds);
const TREES = { before: earlier, now: WORKER };
// A Worker in JavaScript that does nothing.
const empty = {
  folder: fileURLToPath(new URL("worker/js", import.meta.url)),
  modules: ["empty.mjs"],
};

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

/** What both take above a Worker in JavaScript that does nothing. */
function aboveJavaScript({ task, medians, least }) {
  const above = ({ before, now, JavaScript }) => ({
    before: before - JavaScript,
    now: now - JavaScript,
  });
  return { task: `${task}, above JavaScript`, medians: above(medians), least: above(least) };
}

async function starts() {
  const taken = { before: [], now: [], JavaScript: [] };
  const spent = { before: [], now: [], JavaScript: [] };
  const workers = { before: authcore(TREES.before), now: authcore(TREES.now), JavaScript: empty };
  for (let round = 0; round < ROUNDS; round++) {
    for (const [name, worker] of Object.entries(workers)) {
      const found = await coldly(worker, [{ path: "/healthz" }]);
      taken[name].push(found.first);
      spent[name].push(found.cpu);
    }
  }
  const times = summarised("from the start of workerd to the first answer", taken);
  const work = summarised("CPU from the start of workerd to the first answer", spent);
  return [times, aboveJavaScript(times), work, aboveJavaScript(work)];
}

const rows = [...(await requests()), ...(await starts())];
const found = { runtime: `workerd ${WORKERD_VERSION}`, rows };
writeFileSync(out, `${JSON.stringify(found, null, 2)}\n`);
