// Builds the npm package's WebAssembly modules: `make wasm`.
//
// usage: node build.mjs [--test-clock]
// With --test-clock they can replay transcripts, go to pkg-test-clock/ and are not optimised; a
// probe of the hash's kernels stands beside them.

import { spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { CACHE, optimise, ROOT, SMALL, toolPath, VECTORS } from "../worker/scripts/tools.mjs";

const HERE = dirname(fileURLToPath(import.meta.url));
const TARGET = process.env.CARGO_TARGET_DIR || join(CACHE, "target");

// Of the two the package loads one: a runtime without vector instructions refuses a module with
// them. The same glue serves both.
const MODULES = [
  { name: "authcore_bg.wasm", probe: "probe.wasm", variables: {} },
  { name: "authcore_simd_bg.wasm", probe: "probe_simd.wasm", variables: VECTORS },
];

// What takes most of the time of a token or a code beside what Cargo.toml names; the Worker, which
// holds much more of core, is built for its size there too (docs/decisions/0023).
const QUICK = {
  authcore: "2",
  "authcore-wasm": '"s"',
  serde_core: "3",
  serde_json: "3",
  sha1: "3",
  "totp-rs": "3",
};

const GLUE = ["authcore.js", "authcore.d.ts", "authcore_bg.wasm.d.ts"];

function run(program, words, variables) {
  const environment = { ...process.env, ...SMALL, ...variables, CARGO_TARGET_DIR: TARGET };
  const done = spawnSync(program, words, { cwd: ROOT, env: environment, stdio: "inherit" });
  if (done.status !== 0) throw new Error(`${program} failed`);
}

/// Builds something of a package as WebAssembly, and says where it is.
function build(what, file, variables) {
  const target = ["--target", "wasm32-unknown-unknown", ...what];
  const quick = Object.entries(QUICK).flatMap(([name, level]) => [
    "--config",
    `profile.release.package.${name}.opt-level=${level}`,
  ]);
  run("cargo", ["build", "--locked", "--release", ...quick, ...target], variables);
  return join(TARGET, "wasm32-unknown-unknown", "release", file);
}

function main(words) {
  const forTests = words.includes("--test-clock");
  const folder = join(HERE, forTests ? "pkg-test-clock" : "pkg");
  rmSync(folder, { recursive: true, force: true });
  const own = ["--package", "authcore-wasm", ...(forTests ? ["--features", "test-clock"] : [])];
  const glues = MODULES.map(({ name, probe, variables }) => {
    const built = build(own, "authcore_wasm.wasm", variables);
    const out = join(TARGET, "bindgen", name);
    const names = ["--target", "web", "--out-dir", out, "--out-name", "authcore"];
    run(toolPath("wasm-bindgen"), [...names, built]);
    if (!forTests) optimise(join(out, "authcore_bg.wasm"));
    mkdirSync(folder, { recursive: true });
    copyFileSync(join(out, "authcore_bg.wasm"), join(folder, name));
    for (const file of GLUE) copyFileSync(join(out, file), join(folder, file));
    if (forTests) {
      const example = ["--package", "authcore-argon2id", "--example", "argon2id_probe"];
      const probed = build(example, "examples/argon2id_probe.wasm", variables);
      copyFileSync(probed, join(folder, probe));
      // As what is shipped.
      optimise(join(folder, probe));
    }
    return readFileSync(join(out, "authcore.js"), "utf8");
  });
  if (glues.some((glue) => glue !== glues[0])) throw new Error("the modules need different glue");
}

try {
  main(process.argv.slice(2));
} catch (error) {
  console.error(`build: ${error.message}`);
  process.exit(1);
}
