// Builds the Worker with worker-build, and the strength module beside it; wrangler's build command,
// and `make build`.
//
// usage: node build.mjs [--test-clock]
// With --test-clock the artefact has the stepped clock of the suites and goes to build-test-clock/.

import { spawnSync } from "node:child_process";
import { copyFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import {
  CACHE,
  optimise,
  putSignatures,
  ROOT,
  SMALL,
  toolPath,
  VECTORS,
  WORKER,
} from "./tools.mjs";

const TARGET = process.env.CARGO_TARGET_DIR || join(CACHE, "target");
const bin = (name) => join(WORKER, "node_modules", name);

const isForTests = (words) => words.includes("--test-clock");
// wasm-opt takes longer than all the rest: the inner loop goes without it.
const isQuick = (words) => process.env.WRANGLER_COMMAND === "dev" || isForTests(words);
const folder = (words) => (isForTests(words) ? "build-test-clock" : "build");

function options(words) {
  // Of worker-build, wasm-opt would keep the name of each function: 36 KB that every isolate loads.
  const worker = ["--release", "--no-opt", "--out-dir", folder(words)];
  const cargo = ["--locked"];
  if (isForTests(words)) cargo.push("--features", "test-clock");
  return [...worker, "--", ...cargo];
}

function run(program, words, cwd = ROOT) {
  // Set, so that worker-build downloads nothing: each comes from a registry, pinned by a lock file.
  const environment = {
    ...process.env,
    ...SMALL,
    ...VECTORS,
    CARGO_TARGET_DIR: TARGET,
    WASM_BINDGEN_BIN: toolPath("wasm-bindgen"),
    ESBUILD_BIN: bin("esbuild/bin/esbuild"),
  };
  const done = spawnSync(program, words, { cwd, env: environment, stdio: "inherit" });
  if (done.status !== 0) throw new Error(`${program} failed`);
}

/// The strength module, which the Worker imports when it is first asked for.
function buildStrength(words) {
  const out = join(WORKER, folder(words), "strength");
  const target = ["--target", "wasm32-unknown-unknown", "--package", "authcore-strength"];
  run("cargo", ["build", "--locked", "--release", ...target]);
  const built = join(TARGET, "wasm32-unknown-unknown", "release", "authcore_strength.wasm");
  const names = ["--target", "web", "--no-typescript", "--out-dir", out, "--out-name", "strength"];
  run(toolPath("wasm-bindgen"), [...names, built]);
  if (!isQuick(words)) optimise(join(out, "strength_bg.wasm"));
  copyFileSync(join(WORKER, "src", "strength.mjs"), join(out, "index.js"));
}

function main(words) {
  const signatures = putSignatures(join(WORKER, folder(words)));
  run(toolPath("worker-build"), options(words), WORKER);
  // In index.js by now: what is shipped holds nothing twice.
  rmSync(signatures, { recursive: true });
  if (!isQuick(words)) optimise(join(WORKER, folder(words), "index_bg.wasm"));
  buildStrength(words);
}

try {
  main(process.argv.slice(2));
} catch (error) {
  console.error(`build: ${error.message}`);
  process.exit(1);
}
