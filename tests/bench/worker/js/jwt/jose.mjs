// jose, which asks WebCrypto.

import { jwtVerify, SignJWT } from "jose";
import { keyOf } from "./jose-key.mjs";
import { AUDIENCE, answering, CLAIMS, ISSUER } from "./tokens.mjs";

export default answering({
  async issue({ KEY }) {
    const jwk = JSON.parse(KEY);
    const { alg, kid } = jwk;
    const key = await keyOf(jwk, alg);
    return () => new SignJWT(CLAIMS).setProtectedHeader({ alg, kid }).sign(key);
  },

  async verify({ KEY, TOKEN }) {
    const jwk = JSON.parse(KEY);
    const key = await keyOf(jwk, jwk.alg);
    const expected = { issuer: ISSUER, audience: AUDIENCE };
    return async () => (await jwtVerify(TOKEN, key, expected)).payload;
  },
});
