// An authenticator that others wrote, npm's otpauth: its codes are accepted and ours by it.

import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { test } from "node:test";
import { Hotp, Totp } from "authcore";
import { vectors } from "./vectors.mjs";

const fromTests = createRequire(new URL("../../tests/package.json", import.meta.url));
const OTPAuth = fromTests("otpauth");

// Any moment would do: 2026-01-01T00:00:00Z, the beginning of a step.
const NOW = 1_767_225_600_000;

for (const algorithm of ["SHA1", "SHA256", "SHA512"]) {
  for (const digits of [6, 7, 8]) {
    for (const period of [30, 60]) {
      // SECURITY 17, 85
      test(`otpauth and we accept each other: ${algorithm}, ${digits}, ${period}`, () => {
        const options = { algorithm, digits, period, issuer: "Example", account: "a@b.example" };
        const ours = new Totp(undefined, options);
        const theirs = OTPAuth.URI.parse(ours.uri());
        assert.ok(theirs instanceof OTPAuth.TOTP);
        for (let at = NOW; at < NOW + 100_000; at += 7_000) {
          const code = theirs.generate({ timestamp: at });
          assert.equal(ours.generate({ at }), code);
          assert.equal(ours.verify(code, { at }).step, Math.floor(at / 1000 / period));
          assert.equal(theirs.validate({ token: ours.generate({ at }), timestamp: at }), 0);
        }
      });
    }
  }
}

// SECURITY 85
test("a secret that otpauth made is ours too", () => {
  const theirs = new OTPAuth.TOTP({ secret: new OTPAuth.Secret({ size: 20 }) });
  const ours = new Totp(theirs.secret.base32);
  const code = theirs.generate({ timestamp: NOW });
  assert.equal(ours.verify(code, { at: NOW }).step, NOW / 30_000);
});

// SECURITY 85
test("otpauth counts as we do", () => {
  const ours = new Hotp(undefined, { issuer: "Example", account: "a@b.example" });
  const theirs = OTPAuth.URI.parse(ours.uri(40));
  assert.ok(theirs instanceof OTPAuth.HOTP);
  assert.equal(theirs.counter, 40);
  for (let counter = 40; counter < 50; counter += 1) {
    const code = theirs.generate({ counter });
    assert.equal(ours.generate(counter), code);
    assert.equal(ours.verify(code, 40).counter, counter);
  }
});

for (const { name, input, expected } of vectors("otpauth").cases) {
  if (expected === null) continue;
  // SECURITY 99
  test(`otpauth reads issuer and account as they were given: ${name}`, () => {
    const theirs = OTPAuth.URI.parse(expected.uri);
    assert.deepEqual([theirs.issuer, theirs.label], [input.issuer, input.account]);
    assert.equal(theirs.secret.base32, input.secret);
  });
}
