// What peers do for a request, in JavaScript: the same tasks as ../src/lib.rs, keys imported once.
//
// The variable TASK says which, and TIMES how often; KEY is the JWK of the key that tokens are checked
// with.

import Argon2 from "@phi-ag/argon2";
import wasm from "@phi-ag/argon2/argon2.wasm";
import { importJWK, jwtVerify } from "jose";

const ISSUER = "https://auth.example";
const AUDIENCE = "https://api.example";
const PASSWORD = "correct horse battery staple";
const COST = { timeCost: 2, memoryCost: 19456, parallelism: 1 };

const ALGORITHMS = {
  HS256: { name: "HMAC", hash: "SHA-256" },
  EdDSA: { name: "Ed25519" },
  ES256: { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" },
};

const token = (request) => request.headers.get("authorization").slice("Bearer ".length);
const utf8 = new TextEncoder();
const text = new TextDecoder();

const bytes = (base64url) => Uint8Array.fromBase64(base64url, { alphabet: "base64url" });

const TASKS = {
  async jose({ KEY }) {
    const jwk = JSON.parse(KEY);
    const key = await importJWK(jwk, jwk.alg);
    const expected = {
      issuer: ISSUER,
      audience: AUDIENCE,
      typ: "at+jwt",
      requiredClaims: ["sub", "exp"],
    };
    return (request) => jwtVerify(token(request), key, expected);
  },

  // As little as a check can be: the runtime's own verification and the claims that matter.
  async WebCrypto({ KEY }) {
    const jwk = JSON.parse(KEY);
    const algorithm = ALGORITHMS[jwk.alg];
    const key = await crypto.subtle.importKey("jwk", jwk, algorithm, false, ["verify"]);
    return async (request) => {
      const [header, payload, signature] = token(request).split(".");
      const { alg, kid, typ } = JSON.parse(text.decode(bytes(header)));
      if (alg !== jwk.alg || kid !== jwk.kid || typ !== "at+jwt") throw new Error("header");
      const signed = utf8.encode(`${header}.${payload}`);
      const holds = await crypto.subtle.verify(algorithm, key, bytes(signature), signed);
      if (!holds) throw new Error("signature");
      const { iss, aud, exp } = JSON.parse(text.decode(bytes(payload)));
      if (iss !== ISSUER || aud !== AUDIENCE || exp * 1000 <= Date.now()) throw new Error("claims");
    };
  },

  async "@phi-ag/argon2"() {
    const argon2 = new Argon2(await WebAssembly.instantiate(wasm));
    return () => argon2.hash(PASSWORD, COST);
  },
};

let task;

export default {
  async fetch(request, environment) {
    task ??= await TASKS[environment.TASK](environment);
    // Started, and its first hash is yet to come.
    if (request.method !== "HEAD") {
      for (let times = Number(environment.TIMES); times > 0; times--) await task(request);
    }
    return new Response("ok");
  },
};
