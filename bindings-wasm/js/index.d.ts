// The types of the package, the same in every runtime.

export { errorCodes, hashPassword, needsRehash, verifyPassword } from "../pkg/authcore.js";
export { AuthcoreError, type ErrorCode, type FieldError, type Problem } from "./error.js";
