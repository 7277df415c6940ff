// jose, which asks WebCrypto.

import { importJWK, jwtVerify, SignJWT } from "jose";
import { AUDIENCE, answering, CLAIMS, ISSUER } from "./tokens.mjs";

export default answering({
  async issue({ KEY }) {
    const jwk = JSON.parse(KEY);
    const { alg, kid } = jwk;
    const key = await importJWK(jwk, alg);
    return () => new SignJWT(CLAIMS).setProtectedHeader({ alg, kid }).sign(key);
  },

  async verify({ KEY, TOKEN }) {
    const jwk = JSON.parse(KEY);
    const key = await importJWK(jwk, jwk.alg);
    const expected = { issuer: ISSUER, audience: AUDIENCE };
    return async () => (await jwtVerify(TOKEN, key, expected)).payload;
  },
});
