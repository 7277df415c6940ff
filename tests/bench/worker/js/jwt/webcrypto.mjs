// WebCrypto without a library.

import { issuer, verifier } from "../webcrypto.mjs";
import { AUDIENCE, answering, CLAIMS, ISSUER } from "./tokens.mjs";

export default answering({
  async issue({ KEY }) {
    const issue = await issuer(JSON.parse(KEY), "JWT");
    return () => issue(CLAIMS);
  },

  async verify({ KEY, TOKEN }) {
    const expected = { issuer: ISSUER, audience: AUDIENCE, typ: "JWT" };
    const verify = await verifier(JSON.parse(KEY), expected);
    return () => verify(TOKEN);
  },
});
