// The types of what authcore throws.

/** A row of the table of errors. */
export interface ErrorCode {
  /** Stable: new ones may be added, existing ones keep their meaning. */
  readonly code: string;
  /** The HTTP status (RFC 9110 §15). */
  readonly status: number;
  /** The short title (RFC 9457 §3.1.4). */
  readonly title: string;
}

/** What is wrong with one argument. */
export interface FieldError {
  /** JSON pointer to it (RFC 6901), e.g. `/password`. */
  readonly pointer: string;
  /** Stable code of the reason, e.g. `too_long`. */
  readonly code: string;
  /** One sentence for a person, lower case, without a final period. */
  readonly detail: string;
}

/** What an AuthcoreError is made of: a problem document (RFC 9457) without its type. */
export interface Problem extends ErrorCode {
  /** What happened, for a person: lower case, without a final period. */
  readonly detail: string;
  /** One entry for each wrong argument, for `invalid_input`; otherwise empty. */
  readonly errors: readonly FieldError[];
}

/** A failure with its stable code. Never holds a secret. */
export class AuthcoreError extends Error implements Problem {
  constructor(problem: Problem);
  readonly name: "AuthcoreError";
  readonly code: string;
  readonly status: number;
  readonly title: string;
  readonly detail: string;
  readonly errors: readonly FieldError[];
}
