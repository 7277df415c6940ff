// Reads tests/vectors and core's table of errors, and says which features the package does not have.

import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const FOLDER = new URL("../../tests/vectors/", import.meta.url);

/** Features that JavaScript does not expose: their vectors run on core alone. */
export const NOT_EXPOSED = [
  "email",
  "json",
  "json_test_suite",
  "keyed_hash",
  "ring",
  "seal",
  "streams",
  "strength",
  "token",
  "username",
  "uuid",
];

/** The features that have vectors. */
export function features() {
  const names = readdirSync(fileURLToPath(FOLDER)).filter((name) => name.endsWith(".json"));
  return names.map((name) => name.slice(0, -".json".length)).sort();
}

/** The vectors of one feature. */
export function vectors(feature) {
  return JSON.parse(readFileSync(new URL(`${feature}.json`, FOLDER), "utf8"));
}

/** C2SP's ed25519vectors, as they were published. */
export const CCTV = JSON.parse(
  readFileSync(new URL("outside/ed25519vectors.json", FOLDER), "utf8"),
);

// As bindings-python/tests/test_errors.py reads it.
const ROW = /^ {4}\w+ = "(\w+)", (\d+), \w+, "(.+)";$/gm;

/** The rows of core's table of errors, read from its source. */
export function errorTable() {
  const source = readFileSync(new URL("../../core/src/error.rs", import.meta.url), "utf8");
  const rows = [...source.matchAll(ROW)];
  return rows.map(([, code, status, title]) => ({ code, status: Number(status), title }));
}
