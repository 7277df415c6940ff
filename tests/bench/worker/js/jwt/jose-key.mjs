// A key as jose takes it without parsing it for each token: importJWK leaves a secret as bytes, of
// which it would make a CryptoKey each time.

import { importJWK } from "jose";

export const keyOf = (jwk, alg) =>
  jwk.kty === "oct"
    ? crypto.subtle.importKey("jwk", jwk, { name: "HMAC", hash: "SHA-256" }, false, [
        "sign",
        "verify",
      ])
    : importJWK(jwk, alg);
