// The types of the package, the same in every runtime.

export {
  BackupCodes,
  errorCodes,
  Hotp,
  type HotpOptions,
  hashPassword,
  type LabelOptions,
  type MatchedCounter,
  type MatchedStep,
  needsRehash,
  Ring,
  Totp,
  type TotpOptions,
  verifyPassword,
} from "../pkg/authcore.js";
export { AuthcoreError, type ErrorCode, type FieldError, type Problem } from "./error.js";
