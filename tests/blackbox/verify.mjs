// Verifies an access token with jose, which fetches the key set itself.
//
// Standard input: {"url", "token", "algorithm"} as JSON, EdDSA unless it is given; standard output:
// what jose says of it.

import { readFileSync } from "node:fs";
import { createRemoteJWKSet, jwtVerify } from "jose";

const { url, token, algorithm = "EdDSA" } = JSON.parse(readFileSync(0, "utf8"));
const verified = await jwtVerify(token, createRemoteJWKSet(new URL(url)), {
  issuer: "http://localhost:8787",
  audience: "authcore",
  typ: "at+jwt",
  algorithms: [algorithm],
});
console.log(
  JSON.stringify({ payload: verified.payload, protectedHeader: verified.protectedHeader }),
);
