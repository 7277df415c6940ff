// The types of one-time passwords.

/** What the authenticator shows beside a code. */
export interface LabelOptions {
  /** Who gives out the secret: 1 to 64 bytes, no colon. */
  issuer?: string;
  /** Whose secret it is, such as an e-mail address: 1 to 256 bytes. */
  account?: string;
}

/** What a generator is made with. */
interface GeneratorOptions extends LabelOptions {
  /** By default SHA1; many authenticators know no other. */
  algorithm?: "SHA1" | "SHA256" | "SHA512";
  /** 6 (the default) to 8. */
  digits?: number;
}

/** What a `Totp` is made with. */
export interface TotpOptions extends GeneratorOptions {
  /** Seconds: 10 to 300, by default 30. */
  period?: number;
  /** Steps to either side that are accepted too: 0 to 3, by default 1. */
  window?: number;
}

/** What a `Hotp` is made with. */
export interface HotpOptions extends GeneratorOptions {
  /** Counters after the expected one that are accepted too: 0 to 100, by default 10. */
  lookAhead?: number;
}

/** Proof that a code was accepted: store the step, and pass it as `afterStep` from then on. */
export interface MatchedStep {
  /** The step whose code was presented: periods since 1970. */
  readonly step: number;
}

/** Proof that a code was accepted: store `next`, and pass it as `counter` from then on. */
export interface MatchedCounter {
  /** The counter whose code was presented. */
  readonly counter: number;
  /** The counter to expect next; null after the last. */
  readonly next: number | null;
}

/**
 * Time-based one-time passwords (RFC 6238), as authenticators make them. Moments are Unix
 * milliseconds; without `at` it is now.
 */
export class Totp {
  /**
   * The codes of a secret in base32 (16 to 128 bytes; case, spaces, hyphens and padding do not
   * matter), or of a new one of 160 bits of the host's CSPRNG.
   *
   * Throws an `AuthcoreError`: `invalid_input` if the secret or an option does not fit.
   */
  constructor(secret?: string, options?: TotpOptions);

  /** The shared secret in base32, to be stored like a password in clear: sealed. */
  readonly secret: string;

  /** The code of a moment. */
  generate(options?: { at?: number }): string;

  /**
   * Judges a presented code; spaces in it are left out. Of the steps of the window that match
   * and come after `afterStep`, the last one that was accepted, the newest is taken. Store it
   * by compare-and-set: a code is accepted once.
   *
   * Throws an `AuthcoreError`: `otp_invalid` if there is none; `invalid_input`.
   */
  verify(code: string, options?: { at?: number; afterStep?: number | null }): MatchedStep;

  /**
   * The `otpauth://totp/` URI, by default for the constructor's issuer and account.
   *
   * Throws an `AuthcoreError`: `invalid_input` if one of them is missing or cannot be shown.
   */
  uri(options?: LabelOptions): string;

  /** The QR code of `uri` as an SVG that can stand in a page as it is. */
  qrSvg(options?: LabelOptions): string;

  /** The QR code of `uri` as a PNG, of less than 1,000 bytes for an ordinary URI. */
  qrPng(options?: LabelOptions): Uint8Array;

  /** Forgets the secret at once, not when it is collected. */
  free(): void;
  [Symbol.dispose](): void;
}

/** Counter-based one-time passwords (RFC 4226). A counter is 0 to 2^53−1. */
export class Hotp {
  /**
   * The codes of a secret, as for `Totp`.
   *
   * Throws an `AuthcoreError`: `invalid_input` if the secret or an option does not fit.
   */
  constructor(secret?: string, options?: HotpOptions);

  /** The shared secret in base32, to be stored like a password in clear: sealed. */
  readonly secret: string;

  /** The code of a counter. */
  generate(counter: number): string;

  /**
   * Judges a presented code by the expected counter and the look-ahead; the first match is
   * taken. Store its `next` by compare-and-set: a code is accepted once.
   *
   * Throws an `AuthcoreError`: `otp_invalid` if there is none; `invalid_input`.
   */
  verify(code: string, counter: number): MatchedCounter;

  /**
   * The `otpauth://hotp/` URI for an authenticator that begins at `counter`.
   *
   * Throws an `AuthcoreError`: `invalid_input`, as for `Totp`.
   */
  uri(counter: number, options?: LabelOptions): string;

  /** The QR code of `uri` as an SVG that can stand in a page as it is. */
  qrSvg(counter: number, options?: LabelOptions): string;

  /** The QR code of `uri` as a PNG. */
  qrPng(counter: number, options?: LabelOptions): Uint8Array;

  /** Forgets the secret at once, not when it is collected. */
  free(): void;
  [Symbol.dispose](): void;
}
