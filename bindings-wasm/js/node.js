// authcore in Node: reads the WebAssembly module for this runtime from the package.

import { readFileSync } from "node:fs";
import { initSync } from "../pkg/authcore.js";
import { name } from "./simd.js";

initSync({ module: readFileSync(new URL(`../pkg/${name}`, import.meta.url)) });

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
