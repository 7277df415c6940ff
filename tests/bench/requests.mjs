// What is asked of a Worker: tokens to check, and the service's own requests.

import { join } from "node:path";
import { exportJWK, generateKeyPair, generateSecret, SignJWT } from "jose";
import { CONNECTIONS, send } from "./load.mjs";
import { start } from "./runtime.mjs";

/** Of those who sign up here, and of the accounts that tests/bench/growth fills. */
export const PASSWORD = "tall zebra 42 crossing";
const SETTINGS = {
  AUTHCORE_ENV: "dev",
  AUTHCORE_SECRET: "k1:0tnD/cCbS95jy9aNfgcIU6+18xADu/0vNoRFqTlQvDw=",
  AUTHCORE_LIMITS: "login 1000000/h, accounts 1000000/h, other 1000000/min",
};
const STRENGTH = ["strength/index.js", "strength/strength.js", "strength/strength_bg.wasm"];
/** What an isolate loads of a Worker in Rust. */
export const LOADED = ["index.js", "index_bg.wasm"];

/** authcore's Worker, as it was built in a folder. */
export const authcore = (worker) => ({
  folder: join(worker, "build"),
  modules: [...LOADED, ...STRENGTH],
  // As in worker/wrangler.toml.
  flags: ["nodejs_compat"],
  bindings: SETTINGS,
});

/** The private half never leaves: what verifies is the public one, or the secret. */
export async function tokens(alg) {
  const symmetric = alg.startsWith("HS");
  const options = { extractable: true };
  const pair = symmetric ? await generateSecret(alg, options) : await generateKeyPair(alg, options);
  const now = Math.floor(Date.now() / 1000);
  const claims = {
    iss: "https://auth.example",
    aud: "https://api.example",
    sub: "01990000-0000-7000-8000-0000000000aa",
    sid: "01990000-0000-7000-8000-0000000000bb",
    client_id: "web",
    iat: now,
    nbf: now,
    exp: now + 86_400,
    jti: "01990000-0000-7000-8000-0000000000cc",
    auth_time: now,
    amr: ["pwd"],
    roles: ["user"],
  };
  const header = { alg, kid: "k", typ: "at+jwt" };
  const key = symmetric ? pair : pair.privateKey;
  const token = await new SignJWT(claims).setProtectedHeader(header).sign(key);
  const jwk = await exportJWK(symmetric ? pair : pair.publicKey);
  return { token, jwk: JSON.stringify({ ...jwk, alg, kid: "k" }) };
}

export const plain = () => ({});
// Cloudflare's edge tells the client's address: without one all would share a small budget.
const ADDRESS = { "cf-connecting-ip": "192.0.2.1" };
export const json = (path, body) => ({
  method: "POST",
  path,
  headers: { "content-type": "application/json", ...ADDRESS },
  body: JSON.stringify(body),
});
export const bearing = (path, token) => ({
  path,
  headers: { authorization: `Bearer ${token}`, ...ADDRESS },
});

/** A Worker's own requests, on one process with D1. Each connection has its account and session. */
export async function service(worker, persist) {
  const host = await start({ ...worker, persist });
  const post = async (path, body) => JSON.parse(await send(host.url, json(path, body)));
  const sessions = [];
  for (let number = 0; number < CONNECTIONS; number++) {
    const username = `bench${number}`;
    await post("/v1/accounts", { username, password: PASSWORD });
    sessions.push(await post("/v1/login", { login: username, password: PASSWORD }));
  }
  const login = (number) => json("/v1/login", { login: `bench${number}`, password: PASSWORD });
  const refresh = (number) =>
    json("/v1/refresh", { refresh_token: sessions[number].refresh_token });
  const took = (number, text) => {
    sessions[number] = JSON.parse(text);
  };
  return {
    "GET /healthz": { ...host, ask: () => ({ path: "/healthz" }) },
    "GET /.well-known/jwks.json": { ...host, ask: () => ({ path: "/.well-known/jwks.json" }) },
    "GET /v1/me": { ...host, ask: (number) => bearing("/v1/me", sessions[number].access_token) },
    "POST /v1/refresh": { ...host, ask: refresh, took },
    "POST /v1/login": { ...host, ask: login, took },
  };
}
