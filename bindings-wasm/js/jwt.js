// JSON Web Tokens: what a caller passes is read here and judged by the module.

import { Asked, KeySet as KeySetModule, refusal } from "../pkg/authcore.js";
import { moment, optionalInteger, optionalText, options, text } from "./options.js";
import { read, write } from "./texts.js";

const ISSUE = ["typ"];
const VERIFY = ["issuer", "audience", "typ", "leeway", "at"];

// What was asked of a token last, and as the module has it.
let last = {};
let asked;

/** What is asked of a token, but for the moment. */
function expectation({ issuer, audience, typ, leeway }) {
  const same =
    asked !== undefined &&
    issuer === last.issuer &&
    audience === last.audience &&
    typ === last.typ &&
    leeway === last.leeway;
  if (same) return asked;
  const read = [
    optionalText(issuer, "/issuer"),
    optionalText(audience, "/audience"),
    optionalText(typ, "/typ"),
    optionalInteger(leeway, "/leeway"),
  ];
  asked?.free();
  asked = new Asked(...read);
  last = { issuer, audience, typ, leeway };
  return asked;
}

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
    const wanted = options(given, VERIFY);
    const expected = expectation(wanted);
    return JSON.parse(read(this.#module.verify(write(presented), expected, moment(wanted.at))));
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
