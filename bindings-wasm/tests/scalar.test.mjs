// Runs the suite in Node as in a runtime without vector instructions: by the package's other module.

import assert from "node:assert/strict";
import { test } from "node:test";
import { cases, EXPOSED } from "./cases.mjs";
import { errorTable, vectors } from "./vectors.mjs";

// As such a runtime would answer; the package asks once, when it is loaded.
WebAssembly.validate = () => false;
const authcore = await import("authcore");
const { name: loaded } = await import("../js/simd.js");

test("scalar: the module without vector instructions is loaded", () => {
  assert.equal(loaded, "authcore_bg.wasm");
});

const files = Object.fromEntries(EXPOSED.map((feature) => [feature, vectors(feature)]));
for (const { name, run } of cases(authcore, files, errorTable(), "runtime"))
  test(`scalar: ${name}`, run);
