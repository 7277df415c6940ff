// The types of the package, the same in every runtime.

export {
  BackupCodes,
  errorCodes,
  hashPassword,
  needsRehash,
  Ring,
  verifyPassword,
} from "../pkg/authcore.js";
export { AuthcoreError, type ErrorCode, type FieldError, type Problem } from "./error.js";
export {
  type Jwk,
  type JwkSet,
  type JwtAlgorithm,
  type JwtClaims,
  KeySet,
  type VerifyOptions,
  verifyJwt,
} from "./jwt.js";
export {
  Hotp,
  type HotpOptions,
  type LabelOptions,
  type MatchedCounter,
  type MatchedStep,
  Totp,
  type TotpOptions,
} from "./totp.js";
