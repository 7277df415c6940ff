// The runtime's own EdDSA and ES256, through `node:crypto`: the module asks for them and for no
// more. Whatever fails here, the module does itself (docs/decisions/0027).

let crypto;
// Whether ES256 has here the form of RFC 7518 §3.4; unknown until it is needed.
let isRaw;

/** Gives the module the runtime's own signatures; `undefined` where it has none. */
export function provide(found) {
  crypto = found;
  isRaw = undefined;
}

// RFC 7515 appendix A.3.
const ES256 = {
  jwk: {
    kty: "EC",
    crv: "P-256",
    x: "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
    y: "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
  },
  input:
    "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFt" +
    "cGxlLmNvbS9pc19yb290Ijp0cnVlfQ",
  signature:
    "DtEhU3ljbEg8L38VWAfUAqOyKAM6+Xx+F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3+Kg6NU1Q==",
};

// Not every runtime takes a kept key beside options, but those that are known read this one from the
// key itself. One that did not would look for DER, and refuse what is right.
const raw = (key) => Object.assign(key, { dsaEncoding: "ieee-p1363" });

function takesRaw() {
  const key = raw(crypto.createPublicKey({ key: ES256.jwk, format: "jwk" }));
  const octets = (text) => Uint8Array.from(text, (character) => character.charCodeAt(0));
  return crypto.verify("sha256", octets(ES256.input), key, octets(atob(ES256.signature)));
}

const kept = new Map();
let last = 0;

function keep(text, make) {
  try {
    const jwk = JSON.parse(text);
    const isEs256 = jwk.kty === "EC";
    if (isEs256) isRaw ??= takesRaw();
    if (isEs256 && !isRaw) return undefined;
    const key = make({ key: jwk, format: "jwk" });
    last += 1;
    kept.set(last, isEs256 ? { hash: "sha256", key: raw(key) } : { hash: null, key });
    return last;
  } catch {
    return undefined;
  }
}

/** Keeps a private key, given as a JWK; its number, or `undefined`. */
export function keepPrivate(jwk) {
  return crypto && keep(jwk, crypto.createPrivateKey);
}

/** Keeps a public key, given as a JWK; its number, or `undefined`. */
export function keepPublic(jwk) {
  return crypto && keep(jwk, crypto.createPublicKey);
}

/** Writes a signature of 64 octets; whether it did. */
export function sign(number, input, signature) {
  try {
    const { hash, key } = kept.get(number);
    const made = crypto.sign(hash, input, key);
    if (made.length !== signature.length) return false;
    signature.set(made);
    return true;
  } catch {
    return false;
  }
}

/** Whether a signature holds; `undefined` if the runtime cannot say. */
export function verify(number, input, signature) {
  try {
    const { hash, key } = kept.get(number);
    return crypto.verify(hash, input, key, signature);
  } catch {
    return undefined;
  }
}

/** Forgets a key. */
export function forget(number) {
  kept.delete(number);
}
