// The types of tokens and their keys.

/** The algorithm of a key; RS256 is verified and never signed. */
export type JwtAlgorithm = "EdDSA" | "ES256" | "HS256" | "HS512";

/** Claims of a token (RFC 7519 §4). Moments are Unix seconds; numbers are whole. */
export interface JwtClaims {
  iss?: string;
  sub?: string;
  aud?: string | string[];
  exp?: number;
  nbf?: number;
  iat?: number;
  jti?: string;
  [name: string]: unknown;
}

/** A key as JSON (RFC 7517 §4). */
export type Jwk = Record<string, unknown>;

/** A set of keys as JSON (RFC 7517 §5). */
export interface JwkSet {
  keys: Jwk[];
}

/** What a token must be. A token that names an issuer or an audience is refused if none is given. */
export interface VerifyOptions {
  issuer?: string;
  audience?: string;
  /** The `typ` of its header, by default `JWT`. */
  typ?: string;
  /** Seconds that clocks may differ: by default 0, at most 300. */
  leeway?: number;
  /** Unix milliseconds; by default now. */
  at?: number;
}

/**
 * The keys that are trusted, and the one among them that signs (RFC 7515, 7517, 7519). The
 * algorithm belongs to the key, never to the token.
 *
 * Where the runtime has EdDSA and ES256 of its own, as Node has, it performs them; all else, and
 * these elsewhere, is the module's.
 */
export class KeySet {
  private constructor();

  /**
   * A new key, which signs.
   *
   * Throws an `AuthcoreError`: `invalid_input` for another algorithm.
   */
  static generate(alg: JwtAlgorithm): KeySet;

  /**
   * A secret for HS256 (32 bytes at least) or HS512 (64), which signs.
   *
   * Throws an `AuthcoreError`: `invalid_input` if it is shorter, or the text of a key or a
   * certificate: PEM, DER, SSH, JWK.
   */
  static fromSecret(alg: JwtAlgorithm, secret: Uint8Array): KeySet;

  /**
   * The key of a JWK: public, private (it signs), or `oct` with `alg` (it signs).
   *
   * Throws an `AuthcoreError`: `invalid_input` if it is not sound, not for signatures, or a
   * private RSA key.
   */
  static fromJwk(jwk: Jwk): KeySet;

  /**
   * The keys of a JWK Set; the first private one signs. Keys of another kind, algorithm or use
   * are left out (RFC 7517 §5).
   *
   * Throws an `AuthcoreError`: `invalid_input` if one of ours is not sound.
   */
  static fromJwks(jwks: JwkSet): KeySet;

  /**
   * A signed token; its `typ` is `JWT` unless given. The same claims give the same token, but for
   * ES256 where the runtime signs: it draws a random number for each.
   *
   * Throws an `AuthcoreError`: `invalid_input` if `exp` is missing, if a registered claim has
   * another type, or if no key signs.
   */
  issue(claims: JwtClaims, options?: { typ?: string }): string;

  /**
   * The claims of a token that one of these keys signed; see `verifyJwt`.
   *
   * Throws an `AuthcoreError`: `token_expired`, or `token_invalid` for anything else.
   */
  verify(token: string, options?: VerifyOptions): JwtClaims;

  /** The JWK Set to publish: public keys only. Of HMAC keys there is nothing to publish. */
  jwks(): JwkSet;

  /**
   * The private key that signs, as a JWK: for a backup.
   *
   * Throws an `AuthcoreError`: `invalid_input` if none does.
   */
  toPrivateJwk(): Jwk;

  /** Forgets the keys at once, not when they are collected. */
  free(): void;
  [Symbol.dispose](): void;
}

/**
 * The claims of a token that a key of this JWK Set signed. It must name a `kid` of the set and
 * expire; what it says of issuer and audience must be what is expected.
 *
 * Throws an `AuthcoreError`: `token_expired`, or `token_invalid` for anything else;
 * `invalid_input` if the set is none. `KeySet.fromJwks(jwks).verify` reads the keys once.
 */
export function verifyJwt(token: string, jwks: JwkSet, options?: VerifyOptions): JwtClaims;
