// authcore in Node: reads the WebAssembly module for this runtime from the package.

import { Buffer } from "node:buffer";
import * as crypto from "node:crypto";
import { readFileSync } from "node:fs";
import { initSync } from "../pkg/authcore.js";
import { provide } from "./host.js";
import { name } from "./simd.js";
import { attach } from "./texts.js";

const module = readFileSync(new URL(`../pkg/${name}`, import.meta.url));
attach(initSync({ module }).memory, Buffer);
provide(crypto);

export {
  BackupCodes,
  errorCodes,
  hashPassword,
  needsRehash,
  Ring,
  verifyPassword,
} from "../pkg/authcore.js";
export { AuthcoreError } from "./error.js";
export { KeySet, verifyJwt } from "./jwt.js";
export { Hotp, Totp } from "./totp.js";
