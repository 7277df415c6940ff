// Measures the Worker in workerd beside its peers: CPU time of a request, first hash, start, size.
//
// usage: node workerd.mjs <folder of the built tasks> <file for the measurements> [rounds], by
// `make bench-worker`. The clock of a Worker stands still while it computes, so what is counted is
// the CPU time of workerd's process; variants run in turn, round by round.

import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { exportJWK, generateKeyPair, generateSecret, SignJWT } from "jose";
import { WORKER } from "../../worker/scripts/tools.mjs";
import { CONNECTIONS, load, send } from "./load.mjs";
import { summarised } from "./rounds.mjs";
import { coldly, database, start, WORKERD_VERSION } from "./runtime.mjs";

const [built, out, rounds = "15"] = process.argv.slice(2);
const ROUNDS = Number(rounds);
// A round of a variant takes so much CPU time at least.
const LEAST_NS = ROUNDS > 1 ? 250e6 : 1e6;
const ALGORITHMS = ["HS256", "EdDSA", "ES256"];
const PASSWORD = "tall zebra 42 crossing";

const LOADED = ["index.js", "index_bg.wasm"];
const STRENGTH = ["strength/index.js", "strength/strength.js", "strength/strength_bg.wasm"];
const SETTINGS = {
  AUTHCORE_ENV: "dev",
  AUTHCORE_SECRET: "k1:0tnD/cCbS95jy9aNfgcIU6+18xADu/0vNoRFqTlQvDw=",
  AUTHCORE_LIMITS: "login 1000000/h, accounts 1000000/h, other 1000000/min",
};

const empty = { folder: join(built, "js"), modules: ["empty.mjs"] };
const peer = (TASK, KEY = "") => ({
  folder: join(built, "js"),
  modules: ["peers.mjs", "argon2.wasm"],
  bindings: { TASK, KEY },
});
const rust = (TASK, KEY = "") => ({
  folder: join(built, "rust"),
  modules: LOADED,
  bindings: { TASK, KEY },
});
const authcore = {
  folder: join(WORKER, "build"),
  modules: [...LOADED, ...STRENGTH],
  bindings: SETTINGS,
};

/** The private half never leaves: what verifies is the public one, or the secret. */
async function tokens(alg) {
  const symmetric = alg.startsWith("HS");
  const options = { extractable: true };
  const pair = symmetric ? await generateSecret(alg, options) : await generateKeyPair(alg, options);
  const now = Math.floor(Date.now() / 1000);
  const claims = {
    iss: "https://auth.example",
    aud: "https://api.example",
    sub: "01990000-0000-7000-8000-0000000000aa",
    sid: "01990000-0000-7000-8000-0000000000bb",
    client_id: "web",
    iat: now,
    nbf: now,
    exp: now + 86_400,
    jti: "01990000-0000-7000-8000-0000000000cc",
    auth_time: now,
    amr: ["pwd"],
    roles: ["user"],
  };
  const header = { alg, kid: "k", typ: "at+jwt" };
  const key = symmetric ? pair : pair.privateKey;
  const token = await new SignJWT(claims).setProtectedHeader(header).sign(key);
  const jwk = await exportJWK(symmetric ? pair : pair.publicKey);
  return { token, jwk: JSON.stringify({ ...jwk, alg, kid: "k" }) };
}

const plain = () => ({});
// Cloudflare's edge tells the client's address: without one all would share a small budget.
const ADDRESS = { "cf-connecting-ip": "192.0.2.1" };
const json = (path, body) => ({
  method: "POST",
  path,
  headers: { "content-type": "application/json", ...ADDRESS },
  body: JSON.stringify(body),
});
const bearing = (path, token) => ({
  path,
  headers: { authorization: `Bearer ${token}`, ...ADDRESS },
});

/** The service's own requests, on one process with D1. Each connection has its account and session. */
async function service(persist) {
  const host = await start({ ...authcore, persist });
  const post = async (path, body) => JSON.parse(await send(host.url, json(path, body)));
  const sessions = [];
  for (let number = 0; number < CONNECTIONS; number++) {
    const username = `bench${number}`;
    await post("/v1/accounts", { username, password: PASSWORD });
    sessions.push(await post("/v1/login", { login: username, password: PASSWORD }));
  }
  const login = (number) => json("/v1/login", { login: `bench${number}`, password: PASSWORD });
  const refresh = (number) =>
    json("/v1/refresh", { refresh_token: sessions[number].refresh_token });
  const took = (number, text) => {
    sessions[number] = JSON.parse(text);
  };
  return {
    "GET /healthz": { ...host, ask: () => ({ path: "/healthz" }) },
    "GET /.well-known/jwks.json": { ...host, ask: () => ({ path: "/.well-known/jwks.json" }) },
    "GET /v1/me": { ...host, ask: (number) => bearing("/v1/me", sessions[number].access_token) },
    "POST /v1/refresh": { ...host, ask: refresh, took },
    "POST /v1/login": { ...host, ask: login, took },
  };
}

/** The CPU time of one request, by variant and round: nanoseconds. */
async function inTurn(variants) {
  const times = {};
  for (const [name, variant] of Object.entries(variants)) {
    // Warms up: a hash takes a thousand times as long as the other tasks.
    let [count, spent] = [CONNECTIONS, await load(variant, CONNECTIONS)];
    while (ROUNDS > 1 && spent < 5e6 && count < 1024) {
      count *= 4;
      spent = await load(variant, count);
    }
    times[name] = Math.max(CONNECTIONS, Math.ceil(LEAST_NS / spent));
  }
  const names = Object.keys(variants);
  const taken = Object.fromEntries(names.map((name) => [name, []]));
  for (let round = 0; round < ROUNDS; round++) {
    const begin = round % names.length;
    for (const name of [...names.slice(begin), ...names.slice(0, begin)]) {
      taken[name].push(await load(variants[name], times[name]));
    }
  }
  return taken;
}

/**
 * A row of what variants take above others: differences of lower quartiles, and of the least. Medians
 * of differences would be noise on a machine that does other things too.
 */
function above(task, pairs) {
  const quartile = (all) => [...all].sort((one, other) => one - other)[all.length >> 2];
  const least = (all) => Math.min(...all);
  const of =
    (figure) =>
    ([name, [taken, floor]]) => [name, figure(taken) - figure(floor)];
  const all = (figure) => Object.fromEntries(Object.entries(pairs).map(of(figure)));
  return { task, medians: all(quartile), least: all(least) };
}

async function cpuRows() {
  const persist = database();
  const hosts = [];
  const begun = async (worker, ask = plain) => {
    const host = await start(worker);
    hosts.push(host);
    return { ...host, ask };
  };
  try {
    const checked = {};
    for (const alg of ALGORITHMS) {
      const { token, jwk } = await tokens(alg);
      const ask = () => bearing("/", token);
      checked[`authcore ${alg}`] = await begun(rust("check", jwk), ask);
      checked[`WebCrypto ${alg}`] = await begun(peer("WebCrypto", jwk), ask);
      checked[`jose ${alg}`] = await begun(peer("jose", jwk), ask);
    }
    const own = await service(persist);
    hosts.push(own["GET /healthz"]);
    const taken = await inTurn({
      JavaScript: await begun(empty),
      "worker-rs": await begun(rust("nothing")),
      ...checked,
      "hash authcore": await begun(rust("hash")),
      "hash @phi-ag/argon2": await begun(peer("@phi-ag/argon2")),
      "hash RustCrypto argon2": await begun(rust("hash-by-crate")),
      ...own,
    });
    return rowsOf(taken, Object.keys(own));
  } finally {
    for (const host of hosts) await host.dispose();
    rmSync(persist, { recursive: true });
  }
}

function rowsOf(taken, own) {
  const { JavaScript, "worker-rs": nothing } = taken;
  const check = (alg) =>
    above(`token check ${alg}: CPU above the Worker that does nothing`, {
      authcore: [taken[`authcore ${alg}`], nothing],
      WebCrypto: [taken[`WebCrypto ${alg}`], JavaScript],
      jose: [taken[`jose ${alg}`], JavaScript],
    });
  return [
    summarised("argon2id, m=19456 t=2 p=1: CPU of a request that hashes", {
      authcore: taken["hash authcore"],
      "@phi-ag/argon2": taken["hash @phi-ag/argon2"],
      "RustCrypto argon2": taken["hash RustCrypto argon2"],
    }),
    ...ALGORITHMS.map(check),
    alone(summarised("CPU of a request that does nothing", { "worker-rs": nothing, JavaScript })),
    ...own.map((name) => alone(summarised(`CPU of ${name}`, { authcore: taken[name] }))),
  ];
}

/** A row without a peer: nothing is compared. */
const alone = (row) => ({ ...row, compared: false });

async function coldRows() {
  const started = {};
  const spent = {};
  const hashed = {};
  const note = (all, name, value) => {
    all[name] ??= [];
    all[name].push(value);
  };
  const starts = { authcore, "worker-rs": rust("nothing"), JavaScript: empty };
  const hashes = {
    authcore: rust("hash"),
    "@phi-ag/argon2": peer("@phi-ag/argon2"),
    "RustCrypto argon2": rust("hash-by-crate"),
  };
  for (let round = 0; round < ROUNDS; round++) {
    for (const [name, worker] of Object.entries(starts)) {
      const found = await coldly(worker, [{ path: "/healthz" }]);
      note(started, name, found.first);
      note(spent, name, found.cpu);
    }
    for (const [name, worker] of Object.entries(hashes)) {
      const found = await coldly(worker, [{ method: "HEAD" }, {}]);
      note(hashed, name, found.later[0]);
    }
  }
  const beyond = (what, all) =>
    alone(
      above(`start: ${what} above a Worker in JavaScript`, {
        authcore: [all.authcore, all.JavaScript],
      }),
    );
  return [
    summarised("argon2id: first hash of a process", hashed),
    alone(summarised("from the start of workerd to the first answer", started)),
    beyond("time", started),
    beyond("CPU time", spent),
  ];
}

const rows = [...(await cpuRows()), ...(await coldRows())];
const lock = JSON.parse(readFileSync(new URL("./package-lock.json", import.meta.url), "utf8"));
const version = (name) => lock.packages[`node_modules/${name}`].version;
const cargo = readFileSync(new URL("../../Cargo.lock", import.meta.url), "utf8");
const crate = (name) => cargo.match(new RegExp(`name = "${name}"\\nversion = "([^"]+)"`))[1];
const versions = {
  "@phi-ag/argon2": version("@phi-ag/argon2"),
  "RustCrypto argon2": crate("argon2"),
  jose: version("jose"),
  "worker-rs": crate("worker"),
};
const found = { runtime: `workerd ${WORKERD_VERSION}`, versions, rows };
writeFileSync(out, `${JSON.stringify(found, null, 2)}\n`);
