// authcore in Node: reads the WebAssembly module from the package.

import { readFileSync } from "node:fs";
import { initSync } from "../pkg/authcore.js";

initSync({ module: readFileSync(new URL("../pkg/authcore_bg.wasm", import.meta.url)) });

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
