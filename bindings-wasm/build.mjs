// Builds the npm package's WebAssembly module: `make wasm`.
//
// usage: node build.mjs [--test-clock]
// With --test-clock it can replay transcripts, goes to pkg-test-clock/ and is not optimised.

import { spawnSync } from "node:child_process";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { CACHE, optimise, ROOT, SMALL, toolPath } from "../worker/scripts/tools.mjs";

const HERE = dirname(fileURLToPath(import.meta.url));
const TARGET = process.env.CARGO_TARGET_DIR || join(CACHE, "target");

function run(program, words) {
  const environment = { ...process.env, ...SMALL, CARGO_TARGET_DIR: TARGET };
  const done = spawnSync(program, words, { cwd: ROOT, env: environment, stdio: "inherit" });
  if (done.status !== 0) throw new Error(`${program} failed`);
}

function main(words) {
  const forTests = words.includes("--test-clock");
  const folder = join(HERE, forTests ? "pkg-test-clock" : "pkg");
  const features = forTests ? ["--features", "test-clock"] : [];
  const target = ["--target", "wasm32-unknown-unknown", "--package", "authcore-wasm"];
  run("cargo", ["build", "--locked", "--release", ...target, ...features]);
  const built = join(TARGET, "wasm32-unknown-unknown", "release", "authcore_wasm.wasm");
  const names = ["--target", "web", "--out-dir", folder, "--out-name", "authcore"];
  run(toolPath("wasm-bindgen"), [...names, built]);
  if (!forTests) optimise(join(folder, "authcore_bg.wasm"));
}

try {
  main(process.argv.slice(2));
} catch (error) {
  console.error(`build: ${error.message}`);
  process.exit(1);
}
