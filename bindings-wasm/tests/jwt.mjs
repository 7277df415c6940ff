// The suite of tokens, for any runtime.

import { assertThrown, equal, thrown } from "./assert.mjs";

const SIGNING = ["EdDSA", "ES256", "HS256", "HS512"];
const NOW = 1_700_000_000;
const CLAIMS = {
  aud: "https://api.example",
  exp: NOW + 60,
  groups: [1, { a: null, é: true }],
  iss: "https://auth.example",
  sub: "ada",
};
// Made once by PyJWT, with a key that is gone: nothing here can sign by RS256.
const RS256 = {
  jwk: {
    kty: "RSA",
    kid: "theirs",
    e: "AQAB",
    n:
      "ygDOZrnzLY8QjEtyMcRchUIK6ZyDFO7Jurv8QbZBrsixAV10lfmOd-mICgdp_kNUXB7bfLV8H-3yWbf4SW50xwRo" +
      "MrWTWZsENakPPmuYeyS8p1Dy9LBZXzxggvunwxNxN88o6gljcvymBmxvys5yEjVpEpSXMfQ3Wi2i2MTtmb0mvuND" +
      "ApI1v0SMp6E7MuRNZfg4I3nVi_l6--S_Czy6axvq4rJTHx2AJVqb60QH_hwIbPM1efZyr0-XgnqcxtXJGjqPjhwJ" +
      "4Py7sRfjCoalgC9jbH1GXG6z5LnkGLH-yGb6Vjt3F0KNghtjhHhcXNy4RXICeAEg93jwxBaNZhhFeQ",
  },
  token:
    "eyJhbGciOiJSUzI1NiIsImtpZCI6InRoZWlycyIsInR5cCI6IkpXVCJ9.eyJpc3MiOiJodHRwczovL2F1dGguZXh" +
    "hbXBsZSIsImF1ZCI6Imh0dHBzOi8vYXBpLmV4YW1wbGUiLCJzdWIiOiJhZGEiLCJleHAiOjE3MDAwMDAwNjB9.u-" +
    "l4pMwNz9S1qpfrAJ-Y76U4lDE2_aS_UuwX34B2ky-slUs2CBosD-VAwx2LXN2d870eTCrDSgZ3Nmi7Y-QKoE7ZNB" +
    "r5BRvxhNyXPKqevlSwd2sSMF5lZ8Kgh-oetcQ_SunJQoxkispkeoWxAL28SD65pOoMKB8N3CnBJ5JNvG9seMltOs" +
    "0ZfHclgQPfMfRxp_TvjfZLOWcWzYO0vfGAVMqafMMqcbOXwXh5XE-GPCydjQcVzlQ0xveMLBUaGjZ34AypF9TtY7" +
    "7IjcpCGNuvW591RV_KYnsdIdqq5E97GiJwrf9q7BcEBNIrC29IxPeGSpHs2hPgJhWeGNooQKvMHA",
};
const EXPECTED = { issuer: CLAIMS.iss, audience: CLAIMS.aud, at: NOW * 1000 };

// SECURITY 35, 36, 37, 38, 39, 40, 41, 44, 45, 46
function assertJwt(authcore, { input, expected, error }) {
  // What only access tokens are asked for is core's to judge.
  if (input.verifier !== "claims") return;
  const { token, jwks, issuer, audience, typ, leeway, now } = input;
  const options = { issuer, audience, typ, leeway, at: now * 1000 };
  const verify = () => authcore.verifyJwt(token, { keys: jwks }, options);
  if (error !== null) {
    assertThrown(authcore, thrown(verify), error);
    return;
  }
  const claims = verify();
  for (const [name, value] of Object.entries(expected)) equal(claims[name], value, name);
}

export const FEATURES = { jwt: assertJwt };

function assertRefused(authcore, run, code, what) {
  const error = thrown(run);
  equal(error.code, code, what);
  assertThrown(authcore, error, code);
}

const bytes = (text) => new TextEncoder().encode(text);

export const BEHAVIOURS = {
  "what is asked of a token is asked each time, whatever was asked before"(authcore) {
    const keys = authcore.KeySet.generate("HS256");
    const token = keys.issue(CLAIMS);
    const others = [
      [{ issuer: "https://other.example" }, "token_invalid"],
      [{ issuer: 7 }, "invalid_input"],
      [{ audience: null }, "token_invalid"],
      [{ typ: "at+jwt" }, "token_invalid"],
      [{ leeway: 0.5 }, "invalid_input"],
      [{ leeway: 301 }, undefined],
      [{ at: CLAIMS.exp * 1000 }, "token_expired"],
    ];
    for (const [other, code] of others) {
      equal(keys.verify(token, EXPECTED), CLAIMS, "before");
      const verify = () => keys.verify(token, { ...EXPECTED, ...other });
      if (code === undefined) equal(verify(), CLAIMS, "as well");
      else assertRefused(authcore, verify, code, JSON.stringify(other));
      equal(keys.verify(token, { ...EXPECTED }), CLAIMS, "after");
    }
    const unbound = keys.issue({ exp: CLAIMS.exp });
    equal(keys.verify(unbound, { at: EXPECTED.at }), { exp: CLAIMS.exp }, "nothing asked");
    assertRefused(authcore, () => keys.verify(unbound, EXPECTED), "token_invalid", "another");
  },

  "what is issued is verified, under each algorithm"(authcore, signs) {
    for (const alg of SIGNING) {
      const keys = authcore.KeySet.generate(alg);
      const token = keys.issue(CLAIMS);
      equal(keys.verify(token, EXPECTED), CLAIMS, alg);
      // A runtime draws a random number for each signature by ECDSA, and there alone.
      const isTheSame = alg !== "ES256" || signs === "module";
      equal(keys.issue(CLAIMS) === token, isTheSame, `the same claims, the same token: ${alg}`);
      const again = authcore.KeySet.fromJwk(keys.toPrivateJwk());
      equal(again.issue(CLAIMS) === token, isTheSame, `the same key: ${alg}`);
      equal(again.verify(keys.issue(CLAIMS), EXPECTED), CLAIMS, `the same key: ${alg}`);
      const other = authcore.KeySet.generate(alg);
      assertRefused(authcore, () => other.verify(token, EXPECTED), "token_invalid", alg);
      const late = { ...EXPECTED, at: CLAIMS.exp * 1000 };
      assertRefused(authcore, () => keys.verify(token, late), "token_expired", alg);
      equal(keys.verify(token, { ...late, leeway: 1 }), CLAIMS, "leeway");
      for (const wrong of [{ typ: "at+jwt" }, { issuer: undefined }, { audience: "other" }]) {
        const options = { ...EXPECTED, ...wrong };
        assertRefused(authcore, () => keys.verify(token, options), "token_invalid", alg);
      }
      const typed = keys.issue(CLAIMS, { typ: "mail+jwt" });
      equal(keys.verify(typed, { ...EXPECTED, typ: "mail+jwt" }), CLAIMS, "typ");
    }
  },

  // SECURITY 47
  "a key set shows public members only"(authcore) {
    for (const alg of SIGNING) {
      const keys = authcore.KeySet.generate(alg);
      const { keys: shown } = keys.jwks();
      equal(shown.length, alg.startsWith("HS") ? 0 : 1, alg);
      for (const jwk of shown) {
        for (const name of ["d", "k", "p", "q"]) equal(name in jwk, false, name);
        const token = keys.issue(CLAIMS);
        equal(authcore.verifyJwt(token, keys.jwks(), EXPECTED), CLAIMS, "verifyJwt");
      }
    }
  },

  // SECURITY 35, 47
  "a public key, or a short secret, is no secret of HMAC"(authcore) {
    const { keys } = authcore.KeySet.generate("ES256").jwks();
    const base64 =
      "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEEVs/o5+uQbTjL3chynL4wXgUg2R9q9UU8I5mEovUf86QZ7kOBIjJwqnzD1omageEHWwHdBO6B+dFabmdT9POxg==";
    const pem = `-----BEGIN PUBLIC KEY-----\n${base64}\n-----END PUBLIC KEY-----\n`;
    const ssh =
      "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIPL1I9oiq+B8crkmuV4YViiUnhdLjCp3hvy1bNGuGfNL me@example";
    const der = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
    const texts = [JSON.stringify(keys[0]), JSON.stringify({ keys }), pem, base64, ssh];
    for (const secret of [...texts.map(bytes), der]) {
      for (const alg of ["HS256", "HS512"]) {
        const make = () => authcore.KeySet.fromSecret(alg, secret);
        assertRefused(authcore, make, "invalid_input", alg);
      }
    }
    for (const [alg, least] of [
      ["HS256", 32],
      ["HS512", 64],
    ]) {
      authcore.KeySet.fromSecret(alg, bytes("s".repeat(least)));
      const short = () => authcore.KeySet.fromSecret(alg, bytes("s".repeat(least - 1)));
      assertRefused(authcore, short, "invalid_input", alg);
    }
  },

  // SECURITY 101
  "RS256 is verified and never signed"(authcore) {
    const keys = { keys: [RS256.jwk] };
    equal(authcore.verifyJwt(RS256.token, keys, EXPECTED).sub, "ada", "verifyJwt");
    const forged = `${RS256.token.slice(0, -4)}AAAA`;
    const verify = () => authcore.verifyJwt(forged, keys, EXPECTED);
    assertRefused(authcore, verify, "token_invalid", "verifyJwt");
    const make = () => authcore.KeySet.generate("RS256");
    assertRefused(authcore, make, "invalid_input", "generate");
    const jwk = { kty: "RSA", n: "AQAB", e: "AQAB", d: "AQAB" };
    const imported = () => authcore.KeySet.fromJwk(jwk);
    assertRefused(authcore, imported, "invalid_input", "fromJwk");
  },

  // SECURITY 38
  "claims are strict JSON"(authcore) {
    const keys = authcore.KeySet.generate("HS256");
    for (const [claims, pointer] of [
      [{}, "/exp"],
      [{ exp: "1" }, "/exp"],
      [{ exp: 1, n: 0.5 }, "/n"],
      [{ exp: 1, n: 2 ** 53 }, "/n"],
      [{ exp: 1, aud: [1] }, "/aud"],
    ]) {
      const error = thrown(() => keys.issue(claims));
      assertThrown(authcore, error, "invalid_input");
      equal(
        error.errors.map((entry) => entry.pointer),
        [pointer],
        "pointer",
      );
    }
    for (const claims of [undefined, null, 1, "x", [], () => {}]) {
      assertRefused(authcore, () => keys.issue(claims), "invalid_input", typeof claims);
    }
  },
};
