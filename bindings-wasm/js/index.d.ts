// The types of the package, the same in every runtime.

export {
  BackupCodes,
  errorCodes,
  Hotp,
  type HotpOptions,
  hashPassword,
  type Jwk,
  type JwkSet,
  type JwtAlgorithm,
  type JwtClaims,
  KeySet,
  type LabelOptions,
  type MatchedCounter,
  type MatchedStep,
  needsRehash,
  Ring,
  Totp,
  type TotpOptions,
  type VerifyOptions,
  verifyJwt,
  verifyPassword,
} from "../pkg/authcore.js";
export { AuthcoreError, type ErrorCode, type FieldError, type Problem } from "./error.js";
