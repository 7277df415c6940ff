// authcore in Cloudflare Workers, where a WebAssembly module is imported compiled, and may have
// vector instructions.

import { initSync } from "../pkg/authcore.js";
import module from "../pkg/authcore_simd_bg.wasm";

initSync({ module });

export {
  BackupCodes,
  errorCodes,
  Hotp,
  hashPassword,
  KeySet,
  needsRehash,
  Ring,
  Totp,
  verifyJwt,
  verifyPassword,
} from "../pkg/authcore.js";
export { AuthcoreError } from "./error.js";
