// Runs the suite in Node, on the package as it is installed: by its own name and exports.

import assert from "node:assert/strict";
import { test } from "node:test";
import * as authcore from "authcore";
import { cases, EXPOSED } from "./cases.mjs";
import { errorTable, features, NOT_EXPOSED, vectors } from "./vectors.mjs";

test("every feature with vectors is run or named as not exposed", () => {
  assert.deepEqual(features(), [...EXPOSED, ...NOT_EXPOSED].sort());
});

const files = Object.fromEntries(EXPOSED.map((feature) => [feature, vectors(feature)]));
for (const { name, run } of cases(authcore, files, errorTable(), "runtime")) test(name, run);

test("what is disposed of is freed", () => {
  for (const made of [
    new authcore.Totp(),
    new authcore.Hotp(),
    authcore.KeySet.generate("EdDSA"),
  ]) {
    made[Symbol.dispose]();
    assert.throws(() => (made.jwks ? made.jwks() : made.secret));
  }
});
