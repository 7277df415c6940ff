// The suite of the primitives, for any runtime: named cases over the library and the vectors.
// A case throws when it fails; nothing here knows where it runs.

import { assertThrown, equal, thrown } from "./assert.mjs";
import * as backupCodes from "./backup_codes.mjs";
import * as jwt from "./jwt.mjs";
import * as totp from "./totp.mjs";

/** How the vectors of each feature that the package has are run. */
const FEATURES = {
  argon2id: assertVector,
  ...backupCodes.FEATURES,
  ...jwt.FEATURES,
  password_hash: assertVector,
  ...totp.FEATURES,
};

/** The vector files of features that the package has. */
export const EXPOSED = Object.keys(FEATURES);

const PASSWORD = "canary pässword \u{1f511}";

// SECURITY 3, 9, 85
function assertVector(authcore, { input, expected, error }) {
  const { hash, password } = input;
  if (error !== null) {
    assertThrown(
      authcore,
      thrown(() => authcore.verifyPassword(hash, password)),
      error,
    );
    if (error.startsWith("hash_")) {
      assertThrown(
        authcore,
        thrown(() => authcore.needsRehash(hash)),
        error,
      );
    }
    return;
  }
  equal(expected.verified, true, "expected.verified");
  equal(authcore.verifyPassword(hash, password), undefined, "verifyPassword");
  equal(authcore.needsRehash(hash), expected.needs_rehash, "needsRehash");
}

function vectorCases(authcore, vectors) {
  return Object.entries(FEATURES).flatMap(([feature, assertFeature]) => {
    const file = vectors[feature];
    equal(file.feature, feature, "feature");
    if (file.cases.length === 0) throw new Error(`${feature}: no cases`);
    return file.cases.map((vector) => ({
      name: `${feature}: ${vector.name}`,
      run: () => assertFeature(authcore, vector),
    }));
  });
}

const BEHAVIOURS = {
  // SECURITY 7
  "a password verifies against its own hash and no other does"(authcore) {
    const hash = authcore.hashPassword(PASSWORD);
    equal(hash.startsWith("$argon2id$v=19$m=19456,t=2,p=1$"), true, "the default cost");
    equal(authcore.verifyPassword(hash, PASSWORD), undefined, "verifyPassword");
    equal(authcore.needsRehash(hash), false, "needsRehash");
    for (const other of ["", PASSWORD.slice(0, -2), `${PASSWORD} `, PASSWORD.normalize("NFD")]) {
      const error = thrown(() => authcore.verifyPassword(hash, other));
      assertThrown(authcore, error, "invalid_credentials");
    }
  },

  // SECURITY 7
  "the salt is drawn anew for each hash"(authcore) {
    const hashes = [1, 2, 3].map(() => authcore.hashPassword(PASSWORD));
    equal(new Set(hashes.map((hash) => hash.split("$")[4])).size, 3, "salts");
  },

  // SECURITY 4
  "more than 1024 bytes are refused before any work"(authcore) {
    const hash = authcore.hashPassword("é".repeat(512));
    equal(authcore.verifyPassword(hash, "é".repeat(512)), undefined, "1024 bytes");
    const long = `${"é".repeat(512)}e`;
    for (const run of [
      () => authcore.hashPassword(long),
      () => authcore.verifyPassword(hash, long),
    ]) {
      const error = thrown(run);
      assertThrown(authcore, error, "invalid_input");
      equal(
        error.errors.map(({ pointer, code }) => [pointer, code]),
        [["/password", "too_long"]],
        "errors",
      );
    }
  },

  // SECURITY 3
  "nothing but a string is taken for one"(authcore) {
    const hash = authcore.hashPassword("");
    for (const other of [undefined, null, 0, 12345, true, {}, [], ["password"], Symbol("x"), 1n]) {
      for (const run of [
        () => authcore.hashPassword(other),
        () => authcore.verifyPassword(hash, other),
        () => authcore.verifyPassword(other, ""),
        () => authcore.needsRehash(other),
      ]) {
        const error = thrown(run);
        assertThrown(authcore, error, "invalid_input");
        equal(error.errors[0].code, "wrong_type", "errors");
      }
    }
  },

  // SECURITY 3
  "half a surrogate pair is refused, not replaced"(authcore) {
    const hash = authcore.hashPassword("\u{fffd}");
    for (const half of ["\ud800", "x\udfff", "\udc00\ud800"]) {
      for (const run of [
        () => authcore.hashPassword(half),
        () => authcore.verifyPassword(hash, half),
      ]) {
        const error = thrown(run);
        assertThrown(authcore, error, "invalid_input");
        equal(error.errors[0].code, "not_unicode", "errors");
      }
    }
  },

  // SECURITY 88
  "no error holds a password or a hash"(authcore) {
    const hash = authcore.hashPassword(PASSWORD);
    const tag = hash.split("$")[5];
    const errors = [
      thrown(() => authcore.verifyPassword(hash, "canary of another")),
      thrown(() => authcore.verifyPassword(hash, "canary".repeat(200))),
      thrown(() => authcore.hashPassword("canary".repeat(200))),
      thrown(() => authcore.hashPassword("canary\ud800")),
      thrown(() => authcore.hashPassword(["canary"])),
      thrown(() => authcore.verifyPassword(`${hash}=`, PASSWORD)),
      thrown(() => authcore.verifyPassword("canary$canary", PASSWORD)),
      thrown(() => authcore.needsRehash(hash.replace("m=19456", "m=4194304"))),
      thrown(() => authcore.needsRehash(hash.replace("argon2id", "canary"))),
    ];
    for (const error of errors) {
      const members = Object.getOwnPropertyNames(error).map((name) => error[name]);
      const shown = `${error} ${JSON.stringify(members)}`;
      equal(/canary/i.test(shown) || shown.includes(tag), false, shown);
    }
  },

  "the codes are those of core's table, each with its status and title"(authcore, _signs, table) {
    equal(table.length >= 30, true, "rows");
    equal(authcore.errorCodes(), table, "errorCodes");
  },

  "every code of the table is an AuthcoreError's"(authcore, _signs, table) {
    for (const row of table) {
      const errors = [{ pointer: "/x", code: "y", detail: "z" }];
      const error = new authcore.AuthcoreError({
        ...row,
        detail: `a detail of ${row.code}`,
        errors,
      });
      assertThrown(authcore, error, row.code);
      equal(error.detail, `a detail of ${row.code}`, "detail");
      equal(error.errors, errors, "errors");
    }
  },
};

/**
 * All cases: `{ name, run }`. `table` has the rows of core's table of errors. `signs` says who signs
 * by EdDSA and ES256: the `runtime`, or the `module`, whose signatures are always the same.
 */
export function cases(authcore, vectors, table, signs) {
  const all = { ...BEHAVIOURS, ...totp.BEHAVIOURS, ...backupCodes.BEHAVIOURS, ...jwt.BEHAVIOURS };
  const behaviours = Object.entries(all).map(([name, behaves]) => ({
    name,
    run: () => behaves(authcore, signs, table),
  }));
  return [...behaviours, ...vectorCases(authcore, vectors)];
}
