// What every function of authcore throws: a code of the one table, as an Error.

/** A failure with its stable code. Never holds a secret. */
export class AuthcoreError extends Error {
  constructor({ code, status, title, detail, errors }) {
    super(`${code}: ${detail}`);
    this.code = code;
    this.status = status;
    this.title = title;
    this.detail = detail;
    this.errors = errors;
  }
}

Object.defineProperty(AuthcoreError.prototype, "name", { value: "AuthcoreError" });
