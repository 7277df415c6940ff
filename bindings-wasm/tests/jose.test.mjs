// Tokens that others wrote, npm's jose: they are accepted and ours by it.

import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { test } from "node:test";
import { KeySet, verifyJwt } from "authcore";

const fromTests = createRequire(new URL("../../tests/package.json", import.meta.url));
const jose = await import(fromTests.resolve("jose"));

const CLAIMS = {
  aud: "https://api.example",
  // jose reads the clock.
  exp: 4_000_000_000,
  iss: "https://auth.example",
  sub: "ada",
};
const EXPECTED = { issuer: CLAIMS.iss, audience: CLAIMS.aud };

for (const alg of ["EdDSA", "ES256", "HS256", "HS512"]) {
  // SECURITY 35, 47
  test(`jose and we verify each other: ${alg}`, async () => {
    const ours = KeySet.generate(alg);
    const backup = ours.toPrivateJwk();
    const theirs = await jose.importJWK(backup, alg);
    const options = { ...EXPECTED, typ: "JWT", algorithms: [alg] };
    const keys = alg.startsWith("HS") ? theirs : jose.createLocalJWKSet(ours.jwks());
    const { payload } = await jose.jwtVerify(ours.issue(CLAIMS), keys, options);
    assert.deepEqual(payload, CLAIMS);
    const header = { alg, kid: backup.kid, typ: "JWT" };
    const token = await new jose.SignJWT(CLAIMS).setProtectedHeader(header).sign(theirs);
    assert.deepEqual(ours.verify(token, EXPECTED), CLAIMS);
    assert.equal(await jose.calculateJwkThumbprint(backup), backup.kid);
  });
}

// SECURITY 101
test("RS256 of jose is verified", async () => {
  const { publicKey, privateKey } = await jose.generateKeyPair("RS256", { extractable: true });
  const jwk = { ...(await jose.exportJWK(publicKey)), kid: "theirs" };
  const header = { alg: "RS256", kid: "theirs", typ: "JWT" };
  const token = await new jose.SignJWT(CLAIMS).setProtectedHeader(header).sign(privateKey);
  assert.deepEqual(verifyJwt(token, { keys: [jwk] }, EXPECTED), CLAIMS);
  const forged = `${token.slice(0, -4)}AAAA`;
  assert.throws(() => verifyJwt(forged, { keys: [jwk] }, EXPECTED), { code: "token_invalid" });
  const secret = await jose.exportJWK(privateKey);
  assert.throws(() => KeySet.fromJwk(secret), { code: "invalid_input" });
});
