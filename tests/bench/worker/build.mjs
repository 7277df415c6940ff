// Builds what `make bench-worker` measures: the Worker of this folder as the real one is built, and
// the peers in JavaScript.
//
// usage: node build.mjs <folder to build into>

import { spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { CACHE, optimise, SMALL, toolPath, WORKER } from "../../../worker/scripts/tools.mjs";

const FOLDER = import.meta.dirname;
const ESBUILD = join(WORKER, "node_modules", "esbuild", "bin", "esbuild");

function run(program, words) {
  const environment = {
    ...process.env,
    ...SMALL,
    CARGO_TARGET_DIR: process.env.CARGO_TARGET_DIR || join(CACHE, "target"),
    WASM_BINDGEN_BIN: toolPath("wasm-bindgen"),
    ESBUILD_BIN: ESBUILD,
  };
  const done = spawnSync(program, words, { cwd: FOLDER, env: environment, stdio: "inherit" });
  if (done.status !== 0) throw new Error(`${program} failed`);
}

const out = resolve(process.argv[2]);
const rust = join(out, "rust");
const js = join(out, "js");
mkdirSync(js, { recursive: true });
run(toolPath("worker-build"), ["--release", "--no-opt", "--out-dir", rust, "--", "--locked"]);
optimise(join(rust, "index_bg.wasm"));
const bundle = ["--bundle", "--format=esm", "--loader:.wasm=copy", "--asset-names=[name]"];
run(ESBUILD, [join("js", "peers.mjs"), ...bundle, `--outdir=${js}`, "--out-extension:.js=.mjs"]);
copyFileSync(join(FOLDER, "js", "empty.mjs"), join(js, "empty.mjs"));
