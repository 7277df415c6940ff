// What the runtime does of EdDSA and ES256, and what it is not even asked.

import assert from "node:assert/strict";
import crypto from "node:crypto";
import { afterEach, test } from "node:test";
import * as authcore from "authcore";
import { provide } from "../js/host.js";
import { assertCctv } from "./cctv.mjs";
import { CCTV } from "./vectors.mjs";

const { KeySet } = authcore;

const CLAIMS = { exp: 4_000_000_000, iss: "https://auth.example", sub: "ada" };
const EXPECTED = { issuer: CLAIMS.iss };
const ASYMMETRIC = ["EdDSA", "ES256"];
const NAMES = ["createPrivateKey", "createPublicKey", "sign", "verify"];

afterEach(() => provide(crypto));

/** The keys of a JWK under this host. */
function under(host, jwk) {
  provide(host);
  return KeySet.fromJwk(jwk);
}

/** `node:crypto`, in which these functions are others, and which counts what it is asked. */
function changed(functions) {
  const asked = [];
  const counted = (name) => [
    name,
    (...words) => {
      asked.push(name);
      return (functions[name] ?? crypto[name])(...words);
    },
  ];
  return { ...Object.fromEntries(NAMES.map(counted)), asked };
}

const fails = () => {
  throw new Error("not here");
};

const times = (host, name) => host.asked.filter((asked) => asked === name).length;

for (const alg of ASYMMETRIC) {
  // SECURITY 46
  test(`runtime and module verify each other: ${alg}`, () => {
    const jwk = KeySet.generate(alg).toPrivateJwk();
    const module = under(undefined, jwk);
    const ofModule = module.issue(CLAIMS);
    const host = changed({});
    const runtime = under(host, jwk);
    const ofRuntime = runtime.issue(CLAIMS);
    // By EdDSA the octets are the same; ECDSA's draw a random number in the runtime only.
    assert.equal(ofRuntime === ofModule, alg === "EdDSA");
    assert.equal(runtime.issue(CLAIMS) === ofRuntime, alg === "EdDSA");
    for (const token of [ofModule, ofRuntime]) {
      assert.deepEqual(runtime.verify(token, EXPECTED), CLAIMS);
    }
    const tried = alg === "EdDSA" ? 0 : 1;
    assert.deepEqual([times(host, "sign"), times(host, "verify")], [2, 2 + tried]);
    provide(undefined);
    for (const token of [ofModule, ofRuntime]) {
      assert.deepEqual(module.verify(token, EXPECTED), CLAIMS);
    }
    assert.equal(module.issue(CLAIMS), ofModule);
  });

  test(`the runtime is asked for the one operation, its keys are made once: ${alg}`, () => {
    const host = changed({});
    provide(host);
    const keys = KeySet.generate(alg);
    for (let count = 0; count < 3; count += 1) {
      assert.deepEqual(keys.verify(keys.issue(CLAIMS), EXPECTED), CLAIMS);
    }
    const counts = NAMES.map((name) => times(host, name));
    // ES256 is tried once, on a signature that is known.
    assert.deepEqual(counts, alg === "EdDSA" ? [1, 1, 3, 3] : [1, 2, 3, 4]);
  });

  test(`what the runtime cannot do, the module does: ${alg}`, () => {
    const jwk = KeySet.generate(alg).toPrivateJwk();
    const module = under(undefined, jwk);
    const hosts = [
      { sign: fails, verify: fails },
      { createPrivateKey: fails, createPublicKey: fails },
      // Not the 64 octets of RFC 7518 §3.4 and RFC 8032 §5.1.6.
      { sign: () => Buffer.alloc(70), verify: fails },
    ];
    for (const host of hosts) {
      const keys = under(changed(host), jwk);
      const token = keys.issue(CLAIMS);
      assert.equal(token, module.issue(CLAIMS));
      assert.deepEqual(keys.verify(token, EXPECTED), CLAIMS);
      const other = KeySet.generate(alg);
      assert.throws(() => other.verify(token, EXPECTED), { code: "token_invalid" });
    }
  });
}

test("a runtime that looks for ES256 in DER is not asked", () => {
  const inDer = (key) => Object.assign(Object.create(null), { key, dsaEncoding: "der" });
  const host = changed({
    sign: (hash, input, key) => crypto.sign(hash, input, inDer(key)),
    verify: (hash, input, key, signature) => crypto.verify(hash, input, inDer(key), signature),
  });
  provide(host);
  const keys = KeySet.generate("ES256");
  const token = keys.issue(CLAIMS);
  assert.deepEqual(keys.verify(token, EXPECTED), CLAIMS);
  assert.equal(keys.issue(CLAIMS), token, "signed by the module");
  assert.deepEqual([times(host, "createPrivateKey"), times(host, "sign")], [0, 0]);
});

test("no secret of HMAC is given away", () => {
  const host = changed({});
  provide(host);
  for (const alg of ["HS256", "HS512"]) {
    const keys = KeySet.generate(alg);
    assert.deepEqual(keys.verify(keys.issue(CLAIMS), EXPECTED), CLAIMS);
  }
  assert.deepEqual(host.asked, []);
});

const bytes = (hex) => Buffer.from(hex, "hex");
/** Octets of a number, little-endian, and the number. */
const number = (octets) => BigInt(`0x${Buffer.from(octets).reverse().toString("hex")}`);
const octets = (value) => bytes(value.toString(16).padStart(64, "0")).reverse();

// The ordinates of the points of small order (RFC 8032 §5.1), and the first beyond the prime.
const ORDINATES = [
  "0000000000000000000000000000000000000000000000000000000000000000",
  "0100000000000000000000000000000000000000000000000000000000000000",
  "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
  "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
  "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
  "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
  "f0ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
];
const ED25519_ORDER = 2n ** 252n + 27742317777372353535851937790883648493n;
const P256_ORDER = BigInt("0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551");

/** Signatures on which implementations differ, made of a good one. */
const REFUSED = {
  EdDSA(signature) {
    const [r, s] = [signature.subarray(0, 32), signature.subarray(32)];
    const signed = (point) => Buffer.from([...point.subarray(0, 31), point[31] | 0x80]);
    const points = ORDINATES.map(bytes).flatMap((point) => [point, signed(point)]);
    return [
      ...points.map((point) => Buffer.concat([point, s])),
      Buffer.concat([r, octets(number(s) + ED25519_ORDER)]),
      Buffer.concat([r, octets(ED25519_ORDER)]),
      Buffer.concat([r, Buffer.alloc(32, 0xff)]),
      signature.subarray(0, 63),
      Buffer.concat([signature, Buffer.alloc(1)]),
    ];
  },
  ES256(signature) {
    const [r, s] = [signature.subarray(0, 32), signature.subarray(32)];
    const order = bytes(P256_ORDER.toString(16));
    const out = [Buffer.alloc(32), order, Buffer.alloc(32, 0xff)];
    const der = crypto.sign("sha256", Buffer.from("x"), crypto.createPrivateKey(P256_KEY));
    return [
      ...out.flatMap((half) => [Buffer.concat([half, s]), Buffer.concat([r, half])]),
      der,
      signature.subarray(0, 63),
      Buffer.concat([signature, Buffer.alloc(1)]),
    ];
  },
};
const P256_KEY = crypto
  .generateKeyPairSync("ec", { namedCurve: "P-256" })
  .privateKey.export({ format: "pem", type: "pkcs8" });

for (const alg of ASYMMETRIC) {
  // SECURITY 46
  test(`a runtime that takes everything is asked of no signature that is none: ${alg}`, () => {
    const host = changed({ verify: () => true });
    provide(host);
    const keys = KeySet.generate(alg);
    const parts = keys.issue(CLAIMS).split(".");
    const presented = (signature) =>
      [...parts.slice(0, 2), signature.toString("base64url")].join(".");
    const good = Buffer.from(parts[2], "base64url");
    assert.deepEqual(keys.verify(presented(good), EXPECTED), CLAIMS);
    const before = host.asked.length;
    for (const wrong of REFUSED[alg](good)) {
      const verify = () => keys.verify(presented(wrong), EXPECTED);
      assert.throws(verify, { code: "token_invalid" }, wrong.toString("hex"));
    }
    assert.equal(host.asked.length, before, "the host was not asked");
    const late = () => keys.verify(presented(good), { ...EXPECTED, at: CLAIMS.exp * 1000 });
    assert.throws(late, { code: "token_expired" });
    assert.throws(() => keys.verify(presented(good), {}), { code: "token_invalid" });
  });
}

// SECURITY 46
test("CCTV's cases are judged as core judges them", () => {
  assertCctv(authcore, provide, crypto, CCTV);
});

// SECURITY 88
test("no failure of the runtime shows a key", () => {
  const jwk = KeySet.generate("EdDSA").toPrivateJwk();
  const says = (options) => {
    throw new Error(JSON.stringify(options));
  };
  const keys = under(changed({ createPrivateKey: says, sign: says }), jwk);
  assert.equal(keys.issue(CLAIMS), under(undefined, jwk).issue(CLAIMS));
});
