// Measures the npm package in Node beside its peers, each in its best case: parsed keys, warmed up.
//
// usage: node wasm.mjs <file for the measurements>, by `make bench-wasm`.

import { randomBytes } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { argon2id as nobleArgon2id } from "@noble/hashes/argon2.js";
import initialize from "@phi-ag/argon2/node";
import { createSigner, createVerifier } from "fast-jwt";
import { argon2id } from "hash-wasm";
import * as jose from "jose";
import sodium from "libsodium-wrappers-sumo";
import * as OTPAuth from "otpauth";
import QRCode from "qrcode";
import * as authcore from "../../bindings-wasm/js/node.js";
import { measure } from "./rounds.mjs";
import { keyOf } from "./worker/js/jwt/jose-key.mjs";
import { AUDIENCE, CLAIMS, ISSUER } from "./worker/js/jwt/tokens.mjs";

const PASSWORD = "correct horse battery staple";
const COST = { parallelism: 1, iterations: 2, memorySize: 19456 };
const SECRET = Buffer.from("0123456789abcdef0123456789abcdef");
const BASE32 = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
const AT = 1_800_000_000_000;

async function password() {
  const phi = await initialize();
  await sodium.ready;
  const phiOptions = { timeCost: COST.iterations, memoryCost: COST.memorySize, parallelism: 1 };
  const salt = () => randomBytes(16);
  const variants = {
    authcore: () => authcore.hashPassword(PASSWORD),
    "@phi-ag/argon2": () => phi.hash(PASSWORD, phiOptions),
    "libsodium-wrappers-sumo": () =>
      sodium.crypto_pwhash(
        32,
        PASSWORD,
        salt(),
        COST.iterations,
        COST.memorySize * 1024,
        sodium.crypto_pwhash_ALG_ARGON2ID13,
      ),
    "hash-wasm": () =>
      argon2id({
        password: PASSWORD,
        salt: salt(),
        hashLength: 32,
        ...COST,
        outputType: "encoded",
      }),
    "@noble/hashes": () =>
      nobleArgon2id(PASSWORD, salt(), { t: COST.iterations, m: COST.memorySize, p: 1 }),
  };
  return measure("argon2id, m=19456 t=2 p=1: hash", variants, 11);
}

async function tokens(alg) {
  const symmetric = alg.startsWith("HS");
  const ours = symmetric ? authcore.KeySet.fromSecret(alg, SECRET) : authcore.KeySet.generate(alg);
  const jwk = ours.toPrivateJwk();
  const key = await keyOf(jwk, alg);
  const { d, ...rest } = jwk;
  const publicKey = symmetric ? key : await jose.importJWK(rest, alg);
  const pem = symmetric
    ? SECRET
    : await jose.exportPKCS8(await jose.importJWK(jwk, alg, { extractable: true }));
  const publicPem = symmetric
    ? SECRET
    : await jose.exportSPKI(await jose.importJWK(rest, alg, { extractable: true }));
  // It keeps the `iat` that it is given.
  const sign = createSigner({ key: pem, algorithm: alg, kid: jwk.kid });
  const verify = createVerifier({
    key: publicPem,
    algorithms: [alg],
    allowedIss: ISSUER,
    allowedAud: AUDIENCE,
    cache: false,
  });
  const token = ours.issue(CLAIMS);
  const expected = { issuer: ISSUER, audience: AUDIENCE };
  const issuing = {
    authcore: () => ours.issue(CLAIMS),
    jose: () => new jose.SignJWT(CLAIMS).setProtectedHeader({ alg, kid: jwk.kid }).sign(key),
    "fast-jwt": () => sign(CLAIMS),
  };
  const verifying = {
    authcore: () => ours.verify(token, expected),
    jose: () => jose.jwtVerify(token, publicKey, expected),
    "fast-jwt": () => verify(token),
  };
  return [
    await measure(`JWT ${alg}: issue`, issuing),
    await measure(`JWT ${alg}: verify`, verifying),
  ];
}

async function codesAndPictures() {
  const ours = new authcore.Totp(BASE32, { issuer: "Example", account: "marie@example.org" });
  const peer = new OTPAuth.TOTP({
    issuer: "Example",
    label: "marie@example.org",
    secret: OTPAuth.Secret.fromBase32(BASE32),
  });
  const code = peer.generate({ timestamp: AT });
  const following = peer.generate({ timestamp: AT + 30_000 });
  const right = [-1, 0, 1].map((step) => peer.generate({ timestamp: AT + step * 30_000 }));
  const wrong = ["000000", "111111", "222222", "333333"].find((code) => !right.includes(code));
  const refuse = () => {
    try {
      ours.verify(wrong, { at: AT });
    } catch (error) {
      if (error.code !== "otp_invalid") throw error;
    }
  };
  const uri = ours.uri();
  const options = { errorCorrectionLevel: "M", margin: 4, scale: 4 };
  return [
    await measure("TOTP: generate", {
      authcore: () => ours.generate({ at: AT }),
      otpauth: () => peer.generate({ timestamp: AT }),
    }),
    await measure("TOTP: verify, one step to either side", {
      authcore: () => ours.verify(code, { at: AT }),
      otpauth: () => peer.validate({ token: code, timestamp: AT, window: 1 }),
    }),
    // otpauth ends its search at the code that matches; core always makes all three, so that time
    // does not tell which it was. Of the next step's code, and of a wrong one, both make all three.
    await measure("TOTP: verify the next step's code, one step to either side", {
      authcore: () => ours.verify(following, { at: AT }),
      otpauth: () => peer.validate({ token: following, timestamp: AT, window: 1 }),
    }),
    await measure("TOTP: refuse a wrong code, one step to either side", {
      authcore: refuse,
      otpauth: () => peer.validate({ token: wrong, timestamp: AT, window: 1 }),
    }),
    await measure("QR code: PNG", {
      authcore: () => ours.qrPng(),
      qrcode: () => QRCode.toBuffer(uri, options),
    }),
    await measure("QR code: SVG", {
      authcore: () => ours.qrSvg(),
      qrcode: () => QRCode.toString(uri, { ...options, type: "svg" }),
    }),
  ];
}

const rows = [await password()];
for (const alg of ["HS256", "EdDSA", "ES256"]) rows.push(...(await tokens(alg)));
rows.push(...(await codesAndPictures()));
const lock = JSON.parse(readFileSync(new URL("./package-lock.json", import.meta.url), "utf8"));
// Native code, which native.py measures.
const names = Object.keys(lock.packages[""].dependencies).filter(
  (name) => !name.includes("node-rs"),
);
const versions = Object.fromEntries(
  names.map((name) => [name, lock.packages[`node_modules/${name}`].version]),
);
const found = { runtime: `Node ${process.versions.node}`, versions, rows };
writeFileSync(process.argv[2], `${JSON.stringify(found, null, 2)}\n`);
