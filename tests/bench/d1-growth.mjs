// What the Worker's requests take with few accounts in D1 and with many: CPU time of workerd, whose
// D1 is Miniflare's, in the same process.
//
// usage: node d1-growth.mjs <rounds> <accounts>..., by `make bench-growth`. It prints JSON: a row for
// each task, as the other databases have them. The accounts are filled straight into D1's file, and
// are those that log in.

import { spawnSync } from "node:child_process";
import { closeSync, openSync, readdirSync, readSync, rmSync } from "node:fs";
import { join } from "node:path";
import { ROOT, WORKER } from "../../worker/scripts/tools.mjs";
import { CONNECTIONS, inTurn, load } from "./load.mjs";
import { authcore, bearing, json, PASSWORD } from "./requests.mjs";
import { summarised } from "./rounds.mjs";
import { database, start, withD1 } from "./runtime.mjs";

const TASKS = ["login", "refresh", "token check"];
// Of each size, in turn; no account gets near the most that it may have.
const SESSIONS = 512;
const shipped = authcore(WORKER);
// Filling a million accounts takes longer than an access token lives.
const worker = { ...shipped, bindings: { ...shipped.bindings, AUTHCORE_ACCESS_TTL: "24 h" } };
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

/** Gives the database of a folder so many accounts. */
async function fill(persist, accounts) {
  console.warn(`D1: filling ${accounts} accounts`);
  const program = ["run", "--quiet", "--release", "--locked", "--package", "authcore-bench-growth"];
  const words = [...program, "--", "fill", file(persist), accounts];
  const stdio = ["ignore", "inherit", "inherit"];
  const done = spawnSync("cargo", words, { cwd: ROOT, stdio });
  if (done.status !== 0) throw new Error(`no ${accounts} accounts`);
  const count = "SELECT count(*) AS accounts FROM accounts";
  const counted = await withD1(persist, (d1) => d1.prepare(count).first());
  if (counted.accounts !== Number(accounts)) throw new Error(`D1 has ${counted.accounts}`);
}

/** Has the system keep a file in memory, as growth/src/fill.rs does: what lies unread leaves it. */
function warm(path) {
  const opened = openSync(path);
  const part = Buffer.alloc(1 << 20);
  let read = 0;
  do read = readSync(opened, part);
  while (read > 0);
  closeSync(opened);
}

/** The names of accounts all over the table, one after the other, as growth/src/measure.rs meets them. */
function everywhere(accounts) {
  let place = 13;
  return () => {
    // A stride that has no factor in common with the sizes.
    place += 7_919;
    let number = place % accounts;
    // One in ten has a second factor, for which a login would ask.
    while (number % 10 === 9) number = (number + 1) % accounts;
    return `user${number}`;
  };
}

/** The variants of one size: who logs in is always another, and the sessions have their turns. */
async function asked(host, accounts) {
  const next = everywhere(accounts);
  const shares = Array.from({ length: CONNECTIONS }, () => []);
  const login = () => json("/v1/login", { login: next(), password: PASSWORD });
  const begun = (number, text) => shares[number].push(JSON.parse(text));
  const few = Math.min(SESSIONS, accounts - accounts / 10);
  await load({ ...host, ask: login, took: begun }, few);
  /** Of a connection's own sessions the one whose turn it is: it stands last then. */
  const turn = (number) => {
    shares[number].push(shares[number].shift());
    return shares[number].at(-1);
  };
  return {
    login: { ...host, ask: login },
    refresh: {
      ...host,
      ask: (number) => json("/v1/refresh", { refresh_token: turn(number).refresh_token }),
      took: (number, text) => {
        shares[number][shares[number].length - 1] = JSON.parse(text);
      },
    },
    "token check": { ...host, ask: (number) => bearing("/v1/me", turn(number).access_token) },
  };
}

const folders = [];
const hosts = [];
try {
  for (const accounts of sizes) {
    const persist = database();
    folders.push(persist);
    await fill(persist, accounts);
  }
  const variants = {};
  for (const [place, accounts] of sizes.entries()) {
    const host = await start({ ...worker, persist: folders[place] });
    hosts.push(host);
    const requests = await asked(host, Number(accounts));
    for (const task of TASKS) variants[`${accounts} ${task}`] = requests[task];
  }
  for (const persist of folders) warm(file(persist));
  const taken = await inTurn(variants, Number(rounds));
  const rows = TASKS.map((task) => {
    const all = sizes.map((accounts) => [accounts, taken[`${accounts} ${task}`]]);
    return summarised(`D1: ${task}`, Object.fromEntries(all));
  });
  console.log(JSON.stringify(rows));
} finally {
  for (const host of hosts) await host.dispose();
  for (const folder of folders) rmSync(folder, { recursive: true });
}
