// Builds the Worker with worker-build; wrangler's build command, and `make build`.
//
// usage: node build.mjs [--test-clock]
// With --test-clock the artefact has the stepped clock of the suites and goes to build-test-clock/.

import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { CACHE, toolPath, WORKER } from "./tools.mjs";

function options(words) {
  const worker = ["--release"];
  const cargo = ["--locked"];
  // wasm-opt takes longer than all the rest: the inner loop goes without it.
  if (process.env.WRANGLER_COMMAND === "dev" || words.includes("--test-clock")) {
    worker.push("--no-opt");
  }
  if (words.includes("--test-clock")) {
    worker.push("--out-dir", "build-test-clock");
    cargo.push("--features", "test-clock");
  }
  return [...worker, "--", ...cargo];
}

function main(words) {
  const bin = (name) => join(WORKER, "node_modules", name);
  // Set, so that worker-build downloads nothing: each comes from a registry, pinned by a lock file.
  const environment = {
    CARGO_TARGET_DIR: join(CACHE, "target"),
    ...process.env,
    WASM_BINDGEN_BIN: toolPath("wasm-bindgen"),
    WASM_OPT_BIN: bin("binaryen/bin/wasm-opt"),
    ESBUILD_BIN: bin("esbuild/bin/esbuild"),
  };
  const done = spawnSync(toolPath("worker-build"), options(words), {
    cwd: WORKER,
    env: environment,
    stdio: "inherit",
  });
  return done.status ?? 1;
}

try {
  process.exit(main(process.argv.slice(2)));
} catch (error) {
  console.error(`build: ${error.message}`);
  process.exit(1);
}
