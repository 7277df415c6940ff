// EdDSA and ES256 by the runtime's `node:crypto`, which the flag `nodejs_compat` brings. Without it,
// and whatever fails here, the module does itself (docs/decisions/0027).

let crypto;
const kept = new Map();
let last = 0;

export function keep(text) {
  try {
    // No import: it would not resolve without the flag, and would load what takes 10 ms at the start.
    crypto ??= globalThis.process.getBuiltinModule("node:crypto");
    const jwk = JSON.parse(text);
    const key = crypto.createPublicKey({ key: jwk, format: "jwk" });
    // The form of RFC 7518 §3.4, which workerd reads from the key itself.
    key.dsaEncoding = "ieee-p1363";
    last += 1;
    kept.set(last, [jwk.kty === "EC" ? "sha256" : null, key]);
    return last;
  } catch {
    return undefined;
  }
}

export function holds(number, input, signature) {
  try {
    const [hash, key] = kept.get(number);
    return crypto.verify(hash, input, key, signature);
  } catch {
    return false;
  }
}

export function forget(number) {
  kept.delete(number);
}
