// Builds what `make bench-worker` measures: the Worker of this folder as the real one is built, and
// the peers in JavaScript.
//
// usage: node build.mjs <folder to build into>

import { spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import {
  CACHE,
  optimise,
  putSignatures,
  SMALL,
  toolPath,
  VECTORS,
  WORKER,
} from "../../../worker/scripts/tools.mjs";

const FOLDER = fileURLToPath(new URL(".", import.meta.url));
const ESBUILD = join(WORKER, "node_modules", "esbuild", "bin", "esbuild");

function run(program, words, variables = {}) {
  const environment = {
    ...process.env,
    ...SMALL,
    ...variables,
    CARGO_TARGET_DIR: process.env.CARGO_TARGET_DIR || join(CACHE, "target"),
    WASM_BINDGEN_BIN: toolPath("wasm-bindgen"),
    ESBUILD_BIN: ESBUILD,
  };
  const done = spawnSync(program, words, { cwd: FOLDER, env: environment, stdio: "inherit" });
  if (done.status !== 0) throw new Error(`${program} failed`);
}

const out = resolve(process.argv[2]);
const js = join(out, "js");
mkdirSync(js, { recursive: true });
// Twice: with vector instructions, as the Worker is built, and without, as a crate is by default.
const builds = { rust: VECTORS, "rust-scalar": {} };
for (const [name, variables] of Object.entries(builds)) {
  const folder = join(out, name);
  putSignatures(folder);
  const words = ["--release", "--no-opt", "--out-dir", folder, "--", "--locked"];
  run(toolPath("worker-build"), words, variables);
  optimise(join(folder, "index_bg.wasm"));
}
const bundle = ["--bundle", "--format=esm", "--loader:.wasm=copy", "--asset-names=[name]"];
const bundled = (file, ...words) =>
  run(ESBUILD, [file, ...bundle, ...words, `--outdir=${js}`, "--out-extension:.js=.mjs"]);
bundled(join("js", "peers.mjs"));
for (const name of ["authcore", "jose", "webcrypto"]) {
  bundled(join("js", "jwt", `${name}.mjs`), `--entry-names=jwt-[name]`);
}
// It requires what only `nodejs_compat` has, and a module has no `require`.
const banner = 'import { createRequire } from "node:module"; const require = createRequire("/");';
const node = ["--platform=node", `--banner:js=${banner}`];
bundled(join("js", "jwt", "fast-jwt.mjs"), "--entry-names=jwt-[name]", ...node);
copyFileSync(join(FOLDER, "js", "empty.mjs"), join(js, "empty.mjs"));
