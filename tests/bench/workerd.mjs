// Measures the Worker in workerd beside its peers: CPU time of a request, first hash, start, size.
//
// usage: node workerd.mjs <folder of the built tasks> <file for the measurements> [rounds], by
// `make bench-worker`. The clock of a Worker stands still while it computes, so what is counted is
// the CPU time of workerd's process; variants run in turn, round by round.

import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { WORKER } from "../../worker/scripts/tools.mjs";
import { above, beyond } from "./floor.mjs";
import { jwtRows } from "./jwt.mjs";
import { inTurn } from "./load.mjs";
import { authcore, bearing, LOADED, plain, service, tokens } from "./requests.mjs";
import { summarised } from "./rounds.mjs";
import { coldly, database, start, WORKERD_VERSION } from "./runtime.mjs";

const [built, out, rounds = "15"] = process.argv.slice(2);
const ROUNDS = Number(rounds);
const ALGORITHMS = ["HS256", "EdDSA", "ES256"];
// So many checks in one request tell what one takes: what a request that does nothing costs moves
// by more than that, from round to round.
const MANY = 50;

const empty = { folder: join(built, "js"), modules: ["empty.mjs"] };
const peer = (TASK, KEY = "", TIMES = "1") => ({
  folder: join(built, "js"),
  modules: ["peers.mjs", "argon2.wasm"],
  bindings: { TASK, KEY, TIMES },
});
const rust = (TASK, KEY = "", TIMES = "1", folder = "rust") => ({
  folder: join(built, folder),
  modules: LOADED,
  bindings: { TASK, KEY, TIMES },
});
// The flag of worker/wrangler.toml.
const withNode = (worker) => ({ ...worker, flags: ["nodejs_compat"] });
const crate = rust("hash-by-crate", "", "1", "rust-scalar");
const crateWithVectors = rust("hash-by-crate");
const shipped = authcore(WORKER);
const byES256 = { ...shipped, bindings: { ...shipped.bindings, AUTHCORE_JWT_ALG: "ES256" } };

async function cpuRows() {
  const folders = [database(), database()];
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
      checked[`authcore ${alg}`] = await begun(withNode(rust("check", jwk)), ask);
      checked[`WebCrypto ${alg}`] = await begun(peer("WebCrypto", jwk), ask);
      checked[`jose ${alg}`] = await begun(peer("jose", jwk), ask);
      const many = withNode(rust("check", jwk, `${MANY}`));
      checked[`authcore ${alg}, many`] = await begun(many, ask);
      checked[`WebCrypto ${alg}, many`] = await begun(peer("WebCrypto", jwk, `${MANY}`), ask);
      checked[`jose ${alg}, many`] = await begun(peer("jose", jwk, `${MANY}`), ask);
      if (alg !== "HS256") {
        checked[`authcore by core ${alg}`] = await begun(rust("check-by-core", jwk), ask);
      }
    }
    const own = await service(shipped, folders[0]);
    hosts.push(own["GET /healthz"]);
    // What it signs itself, by the costlier curve.
    const signing = await service(byES256, folders[1]);
    hosts.push(signing["GET /healthz"]);
    for (const route of ["POST /v1/refresh", "POST /v1/login"]) {
      own[`${route}, signed by ES256`] = signing[route];
    }
    const variants = {
      JavaScript: await begun(empty),
      "worker-rs": await begun(rust("nothing")),
      "worker-rs, nodejs_compat": await begun(withNode(rust("nothing"))),
      ...checked,
      "hash authcore": await begun(rust("hash")),
      "hash @phi-ag/argon2": await begun(peer("@phi-ag/argon2")),
      "hash RustCrypto argon2": await begun(crate),
      "hash RustCrypto argon2, +simd128": await begun(crateWithVectors),
      ...own,
    };
    const taken = await inTurn(variants, ROUNDS);
    return rowsOf(taken, Object.keys(own));
  } finally {
    for (const host of hosts) await host.dispose();
    for (const folder of folders) rmSync(folder, { recursive: true });
  }
}

function rowsOf(taken, own) {
  const { JavaScript, "worker-rs": nothing, "worker-rs, nodejs_compat": withFlag } = taken;
  const peers = (alg) => ({
    WebCrypto: [taken[`WebCrypto ${alg}`], JavaScript],
    jose: [taken[`jose ${alg}`], JavaScript],
  });
  const check = (alg) =>
    above(`token check ${alg}: CPU above the Worker that does nothing`, {
      authcore: [taken[`authcore ${alg}`], withFlag],
      ...peers(alg),
    });
  const byCore = (alg) =>
    above(`without nodejs_compat: token check ${alg}: CPU`, {
      authcore: [taken[`authcore by core ${alg}`], nothing],
      ...peers(alg),
    });
  const many = (alg) =>
    above(
      `token check ${alg}, one of ${MANY} in a request: CPU`,
      {
        authcore: [taken[`authcore ${alg}, many`], withFlag],
        WebCrypto: [taken[`WebCrypto ${alg}, many`], JavaScript],
        jose: [taken[`jose ${alg}, many`], JavaScript],
      },
      MANY,
    );
  return [
    summarised("argon2id, m=19456 t=2 p=1: CPU of a request that hashes", {
      authcore: taken["hash authcore"],
      "@phi-ag/argon2": taken["hash @phi-ag/argon2"],
      "RustCrypto argon2": taken["hash RustCrypto argon2"],
      "RustCrypto argon2, +simd128": taken["hash RustCrypto argon2, +simd128"],
    }),
    ...ALGORITHMS.map(check),
    ...ALGORITHMS.map(many),
    ...["EdDSA", "ES256"].map(byCore),
    alone(summarised("CPU of a request that does nothing", { "worker-rs": nothing, JavaScript })),
    ...own.map((name) => alone(summarised(`CPU of ${name}`, { authcore: taken[name] }))),
  ];
}

/** A row without a peer: nothing is compared. */
const alone = (row) => ({ ...row, compared: false });

/** The variants, another of them first in each round. */
function turned(variants, round) {
  const all = Object.entries(variants);
  const begin = round % all.length;
  return [...all.slice(begin), ...all.slice(0, begin)];
}

async function coldRows() {
  const started = {};
  const spent = {};
  const hashed = {};
  const note = (all, name, value) => {
    all[name] ??= [];
    all[name].push(value);
  };
  const starts = { authcore: shipped, "worker-rs": rust("nothing"), JavaScript: empty };
  const hashes = {
    authcore: rust("hash"),
    "@phi-ag/argon2": peer("@phi-ag/argon2"),
    "RustCrypto argon2": crate,
    "RustCrypto argon2, +simd128": crateWithVectors,
  };
  for (let round = 0; round < ROUNDS; round++) {
    for (const [name, worker] of turned(starts, round)) {
      const found = await coldly(worker, [{ path: "/healthz" }]);
      note(started, name, found.first);
      note(spent, name, found.cpu);
    }
    for (const [name, worker] of turned(hashes, round)) {
      const found = await coldly(worker, [{ method: "HEAD" }, {}]);
      note(hashed, name, found.later[0]);
    }
  }
  const task = (what) => `start: ${what} above a Worker in JavaScript`;
  const times = summarised("from the start of workerd to the first answer", started);
  const work = summarised("CPU from the start of workerd to the first answer", spent);
  return [
    summarised("argon2id: first hash of a process", hashed),
    alone(times),
    alone(beyond(task("time"), times, "authcore", "JavaScript")),
    alone(beyond(task("CPU time"), work, "authcore", "JavaScript")),
  ];
}

const rows = [
  ...(await cpuRows()),
  ...(await jwtRows(join(built, "js"), ROUNDS)),
  ...(await coldRows()),
];
const lock = JSON.parse(readFileSync(new URL("./package-lock.json", import.meta.url), "utf8"));
const version = (name) => lock.packages[`node_modules/${name}`].version;
const cargo = readFileSync(new URL("../../Cargo.lock", import.meta.url), "utf8");
const locked = (name) => cargo.match(new RegExp(`name = "${name}"\\nversion = "([^"]+)"`))[1];
const versions = {
  "@phi-ag/argon2": version("@phi-ag/argon2"),
  "RustCrypto argon2": locked("argon2"),
  "fast-jwt": version("fast-jwt"),
  jose: version("jose"),
  "worker-rs": locked("worker"),
};
const found = { runtime: `workerd ${WORKERD_VERSION}`, versions, rows };
writeFileSync(out, `${JSON.stringify(found, null, 2)}\n`);
