// What npm would publish: these files, no script that runs at installation, no test hook.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { dirname } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const PACKAGE = dirname(dirname(fileURLToPath(import.meta.url)));
const WASM_OPT = `${PACKAGE}/../worker/node_modules/binaryen/bin/wasm-opt`;
const read = (path) => readFileSync(`${PACKAGE}/${path}`, "utf8");
const manifest = JSON.parse(read("package.json"));

// SECURITY 103
test("the package holds the library and nothing else", () => {
  const packed = execFileSync("npm", ["pack", "--dry-run", "--json", "--ignore-scripts"], {
    cwd: PACKAGE,
    encoding: "utf8",
  });
  const names = JSON.parse(packed)[0].files.map((file) => file.path);
  assert.deepEqual(names.sort(), [
    "README.md",
    "js/error.d.ts",
    "js/error.js",
    "js/host.js",
    "js/index.d.ts",
    "js/jwt.d.ts",
    "js/jwt.js",
    "js/node.js",
    "js/options.js",
    "js/simd.js",
    "js/texts.js",
    "js/totp.d.ts",
    "js/totp.js",
    "js/workerd.js",
    "package.json",
    "pkg/authcore.d.ts",
    "pkg/authcore.js",
    "pkg/authcore_bg.wasm",
    "pkg/authcore_bg.wasm.d.ts",
    "pkg/authcore_simd_bg.wasm",
  ]);
});

// SECURITY 103
test("nothing runs at installation and nothing else is installed", () => {
  for (const field of ["scripts", "dependencies", "optionalDependencies", "bin", "gypfile"]) {
    assert.equal(manifest[field], undefined, field);
  }
});

test("every entry of the package has the version of the workspace and exists", () => {
  const version = read("../Cargo.toml").match(/^version = "([^"]+)"/m)[1];
  assert.equal(manifest.version, version);
  for (const path of Object.values(manifest.exports["."])) assert.ok(read(path).length > 0, path);
});

// The name of the header that sets the clock, and the export that replays a transcript.
const hooks = (path) => {
  const module = new WebAssembly.Module(readFileSync(`${PACKAGE}/${path}`));
  const names = WebAssembly.Module.exports(module).map(({ name }) => name);
  assert.ok(names.includes("hashPassword"), path);
  return [names.includes("replay"), read(path).includes("x-authcore-test-now")];
};

// SECURITY 105
test("the release artefact has no test hook, where the build for tests has both", () => {
  for (const name of ["authcore_bg.wasm", "authcore_simd_bg.wasm"]) {
    assert.deepEqual(hooks(`pkg-test-clock/${name}`), [true, true], name);
    assert.deepEqual(hooks(`pkg/${name}`), [false, false], name);
  }
});

// Which of them is loaded: argon2id.test.mjs. What they hold hangs on flags of the compiler alone.
test("vector instructions are in the one module, and in the other there are none", () => {
  const said = (how, path) =>
    execFileSync(WASM_OPT, ["--all-features", how, `${PACKAGE}/${path}`], {
      encoding: "utf8",
      maxBuffer: 512 * 1024 * 1024,
    });
  // A product of vectors is the kernel's: SHA-256 has vectors, too, but none.
  const printed = said("--print", "pkg/authcore_simd_bg.wasm");
  assert.match(printed, /\(i64x2\.extmul_(low|high)_i32x4_u/);
  assert.doesNotMatch(said("--metrics", "pkg/authcore_bg.wasm"), /SIMD/);
});

// What the module asks of its runtime, beside what wasm-bindgen's glue does to values.
const ASKED = {
  getRandomValues: "new keys, secrets, salts and codes",
  keepPrivate: "js/host.js: a key of EdDSA or ES256, for node:crypto",
  keepPublic: "js/host.js",
  sign: "js/host.js",
  verify: "js/host.js",
  forget: "js/host.js",
};
const GLUE = [
  "Error",
  "charCodeAt",
  "get_unchecked",
  "isArray",
  "isSafeInteger",
  "length",
  "new",
  "set",
];

// SECURITY 102
test("the module asks its runtime for what is listed, and for nothing else", () => {
  for (const path of ["pkg/authcore_bg.wasm", "pkg/authcore_simd_bg.wasm"]) {
    const module = new WebAssembly.Module(readFileSync(`${PACKAGE}/${path}`));
    const names = WebAssembly.Module.imports(module)
      .map(({ name }) => name.replace(/^__wbg_/, "").replace(/_[0-9a-f]{16}$/, ""))
      .filter((name) => !name.startsWith("__wbindgen_") && !GLUE.includes(name));
    assert.deepEqual(new Set(names), new Set(Object.keys(ASKED)), path);
  }
});

test("every runtime and the types export the same names", async () => {
  const names = (path) =>
    [...read(path).matchAll(/^export \{([^}]*)\}/gm)]
      .flatMap(([, list]) => list.split(",").map((name) => name.trim()))
      .filter((name) => name !== "" && !name.startsWith("type "))
      .sort();
  const library = await import("authcore");
  for (const path of Object.values(manifest.exports["."])) {
    assert.deepEqual(names(path), Object.keys(library).sort(), path);
  }
});
