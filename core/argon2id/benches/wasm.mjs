// Compares the kernels as WebAssembly with the `argon2` crate, in Node: after
// `make wasm` and `node bindings-wasm/build.mjs --test-clock`,
// `node core/argon2id/benches/wasm.mjs [m t p rounds]`.
//
// One hash of each in turn, so that what disturbs the machine disturbs all. The crate's memory comes
// and goes within the module's, so it is not new to the runtime either.

import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const FOLDER = new URL("../../../bindings-wasm/pkg-test-clock/", import.meta.url);
const words = process.argv.slice(2);

function probe(file) {
  const module = new WebAssembly.Module(readFileSync(new URL(file, FOLDER)));
  return new WebAssembly.Instance(module).exports;
}

const VARIANTS = {
  "argon2 crate, scalar": (probe) => probe("probe.wasm").by_argon2,
  portable: (probe) => probe("probe.wasm").by_kernel.bind(undefined, 0),
  simd128: (probe) => probe("probe_simd.wasm").by_kernel.bind(undefined, 0),
};

function measured(run, ...cost) {
  const started = performance.now();
  run(...cost);
  return performance.now() - started;
}

const median = (times) => times.sort((a, b) => a - b)[times.length >> 1];

// The first hash of a fresh process, with what it takes to load the module.
function first(name) {
  const words = [fileURLToPath(import.meta.url), "--first", name];
  const times = Array.from({ length: 9 }, () => {
    const done = spawnSync(process.execPath, words, { encoding: "utf8" });
    return Number(done.stdout);
  });
  return median(times);
}

function main([m = 19456, t = 2, p = 1, rounds = 51]) {
  const runs = Object.entries(VARIANTS).map(([name, make]) => ({
    name,
    run: make(probe),
    times: [],
  }));
  for (let round = 0; round < rounds; round++) {
    for (const { run, times } of runs) times.push(measured(run, m, t, p));
  }
  console.log(
    `| argon2id, m=${m},t=${t},p=${p}, ${rounds} rounds, Node ${process.versions.node} |`,
  );
  console.log("| | median, ms | least, ms | times as fast | first of a process, ms |");
  console.log("|---|---|---|---|---|");
  const ofCrate = median(runs[0].times);
  for (const { name, times } of runs) {
    const [own, least] = [median(times), Math.min(...times)].map((time) => time.toFixed(1));
    const ratio = (ofCrate / own).toFixed(2);
    console.log(`| ${name} | ${own} | ${least} | ${ratio} | ${first(name).toFixed(1)} |`);
  }
}

if (words[0] === "--first") {
  const run = VARIANTS[words[1]](probe);
  console.log(measured(run, 19456, 2, 1));
} else {
  main(words.map(Number));
}
