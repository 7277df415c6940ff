// Reading what a caller passes: nothing is turned into another type, nothing is passed over.
// What the numbers and the texts mean is judged by the module.

import { refusal } from "../pkg/authcore.js";

/** A string. No half of a surrogate pair is replaced: two texts would become one. */
export function text(value, pointer) {
  if (typeof value !== "string") throw refusal(pointer, "wrong_type", "must be a string");
  if (!value.isWellFormed()) {
    throw refusal(pointer, "not_unicode", "must be well-formed Unicode");
  }
  return value;
}

/** A number that is whole and exact. */
export function integer(value, pointer) {
  if (!Number.isSafeInteger(value)) {
    throw refusal(pointer, "wrong_type", "must be a whole number");
  }
  return value;
}

// A `Date` has no members, and would be taken for options of which none is given.
function isPlain(value) {
  if (typeof value !== "object" || value === null) return false;
  const parent = Object.getPrototypeOf(value);
  return parent === null || Object.getPrototypeOf(parent) === null;
}

const NONE = Object.freeze({});

/** Options of these names. Any other is refused: misspelt, it would be passed over in silence. */
export function options(value, names) {
  if (value === undefined) return NONE;
  if (!isPlain(value)) throw refusal("", "wrong_type", "the options must be a plain object");
  for (const name of Object.keys(value)) {
    if (!names.includes(name)) {
      throw refusal("", "unknown_member", "there is no option of that name");
    }
  }
  return value;
}

// `undefined` and null stand for an absent member.

/** A member that is a string; `undefined` if it is absent. */
export function optionalText(value, pointer) {
  return value === undefined || value === null ? undefined : text(value, pointer);
}

/** A member that is a whole number; `undefined` if it is absent. */
export function optionalInteger(value, pointer) {
  return value === undefined || value === null ? undefined : integer(value, pointer);
}

/** A moment in Unix milliseconds, or the host's now. */
export function moment(value) {
  return value === undefined || value === null ? Date.now() : integer(value, "/at");
}
