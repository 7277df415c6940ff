// JSON Web Tokens: what a caller passes is read here and judged by the module.

import { KeySet as KeySetModule, refusal } from "../pkg/authcore.js";
import { moment, optionalInteger, optionalText, options, text } from "./options.js";
import { read, write } from "./texts.js";

const ISSUE = ["typ"];
const VERIFY = ["issuer", "audience", "typ", "leeway", "at"];

/** The JSON of a value, which the module reads by its own strict rules. */
function json(value, pointer) {
  let written;
  try {
    written = JSON.stringify(value);
  } catch {
    // A cycle, a big integer: there is no text.
  }
  return text(written, pointer);
}

export class KeySet {
  #module;

  /** Made by the functions below. */
  constructor(module) {
    if (!(module instanceof KeySetModule)) {
      throw new TypeError("use KeySet.generate, fromSecret, fromJwk or fromJwks");
    }
    this.#module = module;
  }

  static generate(alg) {
    return new KeySet(KeySetModule.generate(text(alg, "/alg")));
  }

  static fromSecret(alg, secret) {
    if (!(secret instanceof Uint8Array)) {
      throw refusal("/secret", "wrong_type", "must be a Uint8Array");
    }
    return new KeySet(KeySetModule.fromSecret(text(alg, "/alg"), secret));
  }

  static fromJwk(jwk) {
    return new KeySet(KeySetModule.fromJwk(json(jwk, "/jwk")));
  }

  static fromJwks(jwks) {
    return new KeySet(KeySetModule.fromJwks(json(jwks, "/jwks")));
  }

  issue(claims, given) {
    const typ = optionalText(options(given, ISSUE).typ, "/typ");
    return read(this.#module.issue(write(json(claims, "/claims")), typ));
  }

  verify(token, given) {
    const presented = text(token, "/token");
    const { issuer, audience, typ, leeway, at } = options(given, VERIFY);
    const expected = [
      optionalText(issuer, "/issuer"),
      optionalText(audience, "/audience"),
      optionalText(typ, "/typ"),
      moment(at),
      optionalInteger(leeway, "/leeway"),
    ];
    return JSON.parse(read(this.#module.verify(write(presented), ...expected)));
  }

  jwks() {
    return JSON.parse(this.#module.jwks());
  }

  toPrivateJwk() {
    return JSON.parse(this.#module.toPrivateJwk());
  }

  free() {
    this.#module.free();
  }
}

// `using keys = …` frees them, where the runtime knows it.
if (Symbol.dispose) KeySet.prototype[Symbol.dispose] = KeySet.prototype.free;

export function verifyJwt(token, jwks, given) {
  const keys = KeySet.fromJwks(jwks);
  try {
    return keys.verify(token, given);
  } finally {
    keys.free();
  }
}
