// authcore in Cloudflare Workers, where a WebAssembly module is imported compiled, and may have
// vector instructions.

import { initSync } from "../pkg/authcore.js";
import module from "../pkg/authcore_simd_bg.wasm";
import { provide } from "./host.js";
import { attach } from "./texts.js";

attach(initSync({ module }).memory, globalThis.Buffer);
// With the flag `nodejs_compat`; an import would not resolve without it.
provide(globalThis.process?.getBuiltinModule?.("node:crypto"));

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
