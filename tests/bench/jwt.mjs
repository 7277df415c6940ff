// Measures the npm package's tokens in workerd beside its peers: CPU time of one that is issued or
// verified, of many in a request.

import assert from "node:assert/strict";
import * as jose from "jose";
import { above } from "./floor.mjs";
import { inTurn, send } from "./load.mjs";
import { plain } from "./requests.mjs";
import { start } from "./runtime.mjs";
import { AUDIENCE, CLAIMS, ISSUER } from "./worker/js/jwt/tokens.mjs";

const ALGORITHMS = ["HS256", "EdDSA", "ES256"];
const TASKS = ["issue", "verify"];
// A request that does nothing costs as much as ten tokens, so a request does many.
const MANY = 200;
const SECRET = new TextEncoder().encode("0123456789abcdef0123456789abcdef");
const NODE = ["nodejs_compat"];
// fast-jwt verifies ES256 by `createVerify(…).verify({ key, … })` with a KeyObject, as Node has it;
// workerd refuses one in `options.key` (ERR_INVALID_ARG_TYPE).
const runsFastJwt = (alg, task) => alg !== "ES256" || task !== "verify";

/** A key in the forms that are asked for, and a token that was issued with it. */
async function made(alg) {
  const isSecret = alg.startsWith("HS");
  const pair = isSecret ? {} : await jose.generateKeyPair(alg, { extractable: true });
  const { privateKey = SECRET, publicKey = SECRET } = pair;
  // Keys are named as authcore names them.
  const kid = await jose.calculateJwkThumbprint(await jose.exportJWK(publicKey));
  const jwk = async (key) => JSON.stringify({ ...(await jose.exportJWK(key)), alg, kid });
  const header = { typ: "JWT", alg, kid };
  return {
    issue: {
      KEY: await jwk(privateKey),
      PEM: isSecret ? "" : await jose.exportPKCS8(privateKey),
    },
    verify: {
      KEY: await jwk(publicKey),
      PEM: isSecret ? "" : await jose.exportSPKI(publicKey),
      TOKEN: await new jose.SignJWT(CLAIMS).setProtectedHeader(header).sign(privateKey),
    },
    publicKey,
  };
}

/** Fails unless a variant's answer is a token of these claims, or are they. */
async function judged({ url }, task, key) {
  const answer = JSON.parse(await send(url));
  const expected = { issuer: ISSUER, audience: AUDIENCE };
  const isToken = task === "issue";
  const claims = isToken ? (await jose.jwtVerify(answer, key, expected)).payload : answer;
  assert.deepEqual(claims, CLAIMS);
}

/** Two rows of one task: of what authcore takes without the flag `nodejs_compat`, and with it. */
async function rowsOf(folder, alg, task, { [task]: bindings, publicKey }, rounds) {
  const worker = (name, flags, modules = []) => ({
    folder,
    modules: [`jwt-${name}.mjs`, ...modules],
    bindings: { TASK: task, TIMES: `${MANY}`, ...bindings },
    flags,
  });
  const module = ["authcore_simd_bg.wasm"];
  const workers = {
    authcore: worker("authcore", [], module),
    "authcore, nodejs_compat": worker("authcore", NODE, module),
    jose: worker("jose", []),
    WebCrypto: worker("webcrypto", []),
    nothing: { folder, modules: ["empty.mjs"] },
    "nothing, nodejs_compat": { folder, modules: ["empty.mjs"], flags: NODE },
  };
  if (runsFastJwt(alg, task)) workers["fast-jwt"] = worker("fast-jwt", NODE);
  const variants = {};
  try {
    for (const [name, worker] of Object.entries(workers)) {
      variants[name] = { ...(await start(worker)), ask: plain };
      if (!name.startsWith("nothing")) await judged(variants[name], task, publicKey);
    }
    const taken = await inTurn(variants, rounds);
    const { nothing, "nothing, nodejs_compat": withNode } = taken;
    const peers = { jose: [taken.jose, nothing], WebCrypto: [taken.WebCrypto, nothing] };
    if (runsFastJwt(alg, task)) peers["fast-jwt"] = [taken["fast-jwt"], withNode];
    const row = (where, authcore) =>
      above(
        `JWT ${alg} in a Worker${where}: ${task}: CPU, one of ${MANY} in a request`,
        { authcore, ...peers },
        MANY,
      );
    return [
      row("", [taken.authcore, nothing]),
      row(", nodejs_compat", [taken["authcore, nodejs_compat"], withNode]),
    ];
  } finally {
    for (const { dispose } of Object.values(variants)) await dispose();
  }
}

/** All rows of tokens; `folder` is where the variants were built. */
export async function jwtRows(folder, rounds) {
  const rows = [];
  for (const alg of ALGORITHMS) {
    const keys = await made(alg);
    for (const task of TASKS) rows.push(...(await rowsOf(folder, alg, task, keys, rounds)));
  }
  return rows;
}
