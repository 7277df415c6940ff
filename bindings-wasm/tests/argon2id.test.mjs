// The hash's kernels as WebAssembly, in Node and in workerd; which module the package loads.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, test } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";

const PACKAGE = dirname(dirname(fileURLToPath(import.meta.url)));
const read = (path) => readFileSync(join(PACKAGE, path));

const fromWorker = createRequire(new URL("../../worker/package.json", import.meta.url));
// wrangler's own: the one that `wrangler dev` runs.
const { Miniflare } = createRequire(fromWorker.resolve("wrangler"))("miniflare");

// The probe, and how many kernels it holds.
const PROBES = [
  ["probe.wasm", 1],
  ["probe_simd.wasm", 2],
];
const CASES = 300;
// Of the 19,456 KiB of a hash nothing may be left; code's tables, stack and heap are far less.
const LEFT = 1500;

/** How many KiB of a module's memory are not zero. */
function notZero({ buffer }) {
  let kibibytes = 0;
  for (let begin = 0; begin < buffer.byteLength; begin += 1024) {
    const words = new BigUint64Array(buffer, begin, 128);
    kibibytes += words.some((word) => word !== 0n);
  }
  return kibibytes;
}

for (const [probe, kernels] of PROBES) {
  // SECURITY 85
  test(`node: the kernels of ${probe} agree with the argon2 crate`, () => {
    const module = new WebAssembly.Module(read(`pkg-test-clock/${probe}`));
    assert.deepEqual(WebAssembly.Module.imports(module), []);
    const { exports } = new WebAssembly.Instance(module);
    assert.equal(exports.kernels(), kernels);
    assert.equal(exports.differences(0, CASES), 0);
  });

  // SECURITY 85
  test(`node: the kernels of ${probe} hash as RFC 9106 and the reference do`, () => {
    const module = new WebAssembly.Module(read(`pkg-test-clock/${probe}`));
    assert.equal(new WebAssembly.Instance(module).exports.missed(), 0);
  });

  test(`node: ${probe} keeps the memory of one hash, wiped, and less than 64 MB`, () => {
    const module = new WebAssembly.Module(read(`pkg-test-clock/${probe}`));
    const { by_kernel, by_argon2, memory } = new WebAssembly.Instance(module).exports;
    const tag = by_kernel(0, 19_456, 2, 1);
    const size = memory.buffer.byteLength;
    assert.ok(size < 64 * 1000 * 1000, `${size}`);
    for (let i = 0; i < 3; i++) assert.equal(by_kernel(0, 19_456, 2, 1), tag);
    assert.equal(memory.buffer.byteLength, size);
    // The memory of a hash is wiped when it is done; the crate's is not, and it is noticed.
    assert.ok(notZero(memory) < LEFT, `${notZero(memory)} KiB`);
    assert.equal(by_argon2(19_456, 2, 1), tag);
    assert.ok(notZero(memory) > 19_000, `${notZero(memory)} KiB`);
  });
}

for (const name of ["authcore_bg.wasm", "authcore_simd_bg.wasm"]) {
  test(`node: ${name} keeps its whole memory below 64 MB, and no hash's in it`, async () => {
    // Glue of its own: each holds one module.
    const glue = await import(`../pkg/authcore.js?${name}`);
    const { memory } = glue.initSync({ module: read(`pkg/${name}`) });
    const hash = glue.hashPassword("a password");
    const size = memory.buffer.byteLength;
    assert.ok(size < 64 * 1000 * 1000, `${size}`);
    for (let i = 0; i < 3; i++) glue.verifyPassword(hash, "a password");
    assert.equal(memory.buffer.byteLength, size);
    assert.ok(notZero(memory) < LEFT, `${notZero(memory)} KiB`);
  });
}

const WORKER = `
import module from "./probe_simd.wasm";
export default {
  async fetch() {
    const { kernels, differences, missed } = new WebAssembly.Instance(module).exports;
    const told = { kernels: kernels(), differences: differences(0, ${CASES}), missed: missed() };
    return Response.json(told);
  },
};
`;
const miniflare = new Miniflare({
  compatibilityDate: "2026-04-01",
  modulesRoot: PACKAGE,
  modules: [
    { type: "ESModule", path: `${PACKAGE}/worker.mjs`, contents: WORKER },
    {
      type: "CompiledWasm",
      path: `${PACKAGE}/probe_simd.wasm`,
      contents: read("pkg-test-clock/probe_simd.wasm"),
    },
  ],
});
after(() => miniflare.dispose());

// SECURITY 85
test("workerd: the kernels agree with the argon2 crate and with what is published", async () => {
  const answer = await miniflare.dispatchFetch("http://worker/");
  assert.deepEqual(await answer.json(), { kernels: 2, differences: 0, missed: 0 });
});

// Hashes in a process of its own, with a copy of the package from which one module was taken away.
function hashesWithout(module, ...options) {
  const folder = mkdtempSync(join(tmpdir(), "authcore-"));
  try {
    for (const part of ["js", "pkg", "package.json"]) {
      cpSync(join(PACKAGE, part), join(folder, part), { recursive: true });
    }
    rmSync(join(folder, "pkg", module));
    const entry = JSON.stringify(pathToFileURL(join(folder, "js", "node.js")).href);
    const program = `const { hashPassword, verifyPassword } = await import(${entry});
      verifyPassword(hashPassword("a password"), "a password");`;
    const words = [...options, "--input-type=module", "--eval", program];
    return spawnSync(process.execPath, words, { stdio: "ignore" }).status === 0;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

// As a runtime without vector instructions would answer.
const WITHOUT = ["--import", "data:text/javascript,WebAssembly.validate = () => false"];

test("the module with vector instructions is loaded where the runtime has them", () => {
  assert.ok(hashesWithout("authcore_bg.wasm"));
  assert.ok(!hashesWithout("authcore_simd_bg.wasm"));
});

test("the module without them is loaded where it has none", () => {
  assert.ok(hashesWithout("authcore_simd_bg.wasm", ...WITHOUT));
  assert.ok(!hashesWithout("authcore_bg.wasm", ...WITHOUT));
});
