// C2SP's ed25519vectors (tests/vectors/outside), case by case, on any runtime with `node:crypto`.
//
// A case signs no token. So the package is given a token with the key and the signature of the case,
// and its runtime, when it is asked whether that signature holds, is asked of the case's message:
// what the package looks at itself and what the runtime says make one answer, as with any token.

import { equal, thrown } from "./assert.mjs";

// What core's own test takes (core/src/jwt/provider/ed25519/cctv.rs).
const TAKEN = ["low_order_component_A", "low_order_component_R"];
const NO_KEY = ["low_order_A", "non_canonical_A"];
const NOT_ASKED = ["low_order_R", "non_canonical_R"];

const octets = (hex) => Uint8Array.from(hex.match(/../g), (pair) => Number.parseInt(pair, 16));
const base64url = (bytes) =>
  btoa(String.fromCharCode(...bytes))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replaceAll("=", "");
const text = (value) => base64url(new TextEncoder().encode(JSON.stringify(value)));

const CLAIMS = { exp: 4_000_000_000 };
const SIGNED = `${text({ typ: "JWT", alg: "EdDSA", kid: "cctv" })}.${text(CLAIMS)}`;

/** Fails unless every case is judged as core judges it; `provide` gives the package its runtime. */
export function assertCctv(authcore, provide, crypto, cases) {
  const counts = { cases: 0, keys: 0, asked: 0, taken: 0 };
  for (const { number, key, sig, msg, flags } of cases) {
    const has = (names) => names.some((name) => flags?.includes(name));
    const message = new TextEncoder().encode(msg);
    let asked = 0;
    provide({
      createPublicKey: (options) => crypto.createPublicKey(options),
      verify(hash, _, kept, signature) {
        asked += 1;
        return crypto.verify(hash, message, kept, signature);
      },
    });
    const jwk = { kty: "OKP", crv: "Ed25519", kid: "cctv", x: base64url(octets(key)) };
    const verify = () =>
      authcore.KeySet.fromJwk(jwk).verify(`${SIGNED}.${base64url(octets(sig))}`, {});
    const isTaken = (flags ?? []).every((flag) => TAKEN.includes(flag));
    if (isTaken) {
      equal(verify(), CLAIMS, `case ${number}`);
    } else {
      const code = has(NO_KEY) ? "invalid_input" : "token_invalid";
      equal(thrown(verify).code, code, `case ${number}`);
    }
    const isAsked = !has(NO_KEY) && !has(NOT_ASKED);
    equal(asked, Number(isAsked), `case ${number}: how often the runtime was asked`);
    counts.cases += 1;
    counts.keys += Number(!has(NO_KEY));
    counts.asked += asked;
    counts.taken += Number(isTaken);
  }
  equal(counts, { cases: 914, keys: 388, asked: 106, taken: 43 }, "cases");
}
