// The npm package, as a Worker has it.

import { KeySet } from "../../../../../bindings-wasm/js/workerd.js";
import { AUDIENCE, answering, CLAIMS, ISSUER } from "./tokens.mjs";

export default answering({
  issue({ KEY }) {
    const keys = KeySet.fromJwk(JSON.parse(KEY));
    return () => keys.issue(CLAIMS);
  },

  verify({ KEY, TOKEN }) {
    const keys = KeySet.fromJwk(JSON.parse(KEY));
    const expected = { issuer: ISSUER, audience: AUDIENCE };
    return () => keys.verify(TOKEN, expected);
  },
});
