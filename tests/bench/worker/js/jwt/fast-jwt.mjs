// fast-jwt, which asks node:crypto: with the flag `nodejs_compat` only.

import { Buffer } from "node:buffer";
import { createSigner, createVerifier } from "fast-jwt";
import { AUDIENCE, answering, CLAIMS, ISSUER } from "./tokens.mjs";

/** The form of a key that it takes. */
function form({ KEY, PEM }) {
  const { alg, kid, k } = JSON.parse(KEY);
  return { alg, kid, key: PEM || Buffer.from(k, "base64url") };
}

export default answering({
  issue(environment) {
    const { alg, kid, key } = form(environment);
    const sign = createSigner({ key, algorithm: alg, kid });
    return () => sign(CLAIMS);
  },

  verify(environment) {
    const { alg, key } = form(environment);
    const verify = createVerifier({
      key,
      algorithms: [alg],
      allowedIss: ISSUER,
      allowedAud: AUDIENCE,
      cache: false,
    });
    return () => verify(environment.TOKEN);
  },
});
