// What peers do for a request, in JavaScript: the same tasks as ../src/lib.rs, keys imported once.
//
// The variable TASK says which, and TIMES how often; KEY is the JWK of the key that tokens are checked
// with.

import Argon2 from "@phi-ag/argon2";
import wasm from "@phi-ag/argon2/argon2.wasm";
import { jwtVerify } from "jose";
import { keyOf } from "./jwt/jose-key.mjs";
import { verifier } from "./webcrypto.mjs";

const ISSUER = "https://auth.example";
const AUDIENCE = "https://api.example";
const PASSWORD = "correct horse battery staple";
const COST = { timeCost: 2, memoryCost: 19456, parallelism: 1 };

const token = (request) => request.headers.get("authorization").slice("Bearer ".length);

const TASKS = {
  async jose({ KEY }) {
    const jwk = JSON.parse(KEY);
    const key = await keyOf(jwk, jwk.alg);
    const expected = {
      issuer: ISSUER,
      audience: AUDIENCE,
      typ: "at+jwt",
      requiredClaims: ["sub", "exp"],
    };
    return (request) => jwtVerify(token(request), key, expected);
  },

  async WebCrypto({ KEY }) {
    const expected = { issuer: ISSUER, audience: AUDIENCE, typ: "at+jwt" };
    const verify = await verifier(JSON.parse(KEY), expected);
    return (request) => verify(token(request));
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
