// The suite of backup codes, for any runtime.

import { assertThrown, equal, thrown } from "./assert.mjs";

const RING = "k1:r8zCmYQpW1x3vUq5nT7jKf0bHs2dLg4eAo6iXy9MwRE=";
const OLDER = "k0:0tnD/cCbS95jy9aNfgcIU6+18xADu/0vNoRFqTlQvDw=";

// SECURITY 19
function assertBackupCode(authcore, { input, expected, error }) {
  const { text, account } = input;
  // Codes of given bytes are core's alone: here they are drawn.
  if (text === undefined) return;
  const ring = new authcore.Ring(input.ring ?? RING);
  if (error !== null) {
    assertThrown(
      authcore,
      thrown(() => authcore.BackupCodes.find(text, [], ring, "ann")),
      error,
    );
    return;
  }
  for (const stored of expected.hashes) {
    const found = authcore.BackupCodes.find(text, ["k1.x", stored, "k2.x"], ring, account);
    equal(found, stored, "find");
  }
}

/** How the vectors of each feature are run. */
export const FEATURES = { backup_codes: assertBackupCode };

export const BEHAVIOURS = {
  // SECURITY 19
  "a set of backup codes is drawn, shown and found"(authcore) {
    const ring = new authcore.Ring(RING);
    const made = new authcore.BackupCodes();
    equal(new Set(made.codes).size, 10, "codes");
    for (const code of made.codes) {
      equal(/^[0-9A-HJKMNP-TV-Z]{4}(-[0-9A-HJKMNP-TV-Z]{4}){3}$/.test(code), true, "shape");
    }
    equal(new authcore.BackupCodes().codes.includes(made.codes[0]), false, "drawn anew");
    const stored = made.hashes(ring, "ann");
    for (const [place, code] of made.codes.entries()) {
      const typed = ` ${code.toLowerCase().replaceAll("0", "o").replaceAll("-", " ")}\n`;
      equal(authcore.BackupCodes.find(typed, stored, ring, "ann"), stored[place], "find");
      const rest = stored.filter((hash) => hash !== stored[place]);
      for (const run of [
        () => authcore.BackupCodes.find(code, rest, ring, "ann"),
        () => authcore.BackupCodes.find(code, stored, ring, "bob"),
      ]) {
        assertThrown(authcore, thrown(run), "otp_invalid");
      }
    }
    equal(
      made.hashes(ring, "bob").some((hash) => stored.includes(hash)),
      false,
      "hashes",
    );
  },

  "a backup code outlives a new key"(authcore) {
    const made = new authcore.BackupCodes(5);
    const stored = made.hashes(new authcore.Ring(RING), "ann");
    const renewed = new authcore.Ring(`${OLDER},${RING}`);
    equal(authcore.BackupCodes.find(made.codes[2], stored, renewed, "ann"), stored[2], "find");
    const run = () =>
      authcore.BackupCodes.find(made.codes[2], stored, new authcore.Ring(OLDER), "ann");
    assertThrown(authcore, thrown(run), "otp_invalid");
  },

  "a set has five to twenty backup codes"(authcore) {
    for (const count of [5, 20]) {
      equal(new authcore.BackupCodes(count).codes.length, count, "count");
    }
    for (const count of [0, 4, 21, -10, 2 ** 32 + 10, 10.5, "10", null]) {
      const error = thrown(() => new authcore.BackupCodes(count));
      assertThrown(authcore, error, "invalid_input");
      equal(error.errors[0].pointer, "/count", "errors");
    }
  },

  // SECURITY 83, 88
  "no error shows a key or a backup code"(authcore) {
    const errors = [
      thrown(() => new authcore.Ring("k1:canary")),
      thrown(() => new authcore.Ring(["canary"])),
      thrown(() => authcore.BackupCodes.find("canary", [], new authcore.Ring(RING), "ann")),
      thrown(() => authcore.BackupCodes.find("x", "canary", new authcore.Ring(RING), "ann")),
    ];
    const codes = ["invalid_settings", "invalid_input", "otp_invalid", "invalid_input"];
    for (const [place, error] of errors.entries()) {
      assertThrown(authcore, error, codes[place]);
      const members = Object.getOwnPropertyNames(error).map((name) => error[name]);
      equal(/canary/i.test(`${error} ${JSON.stringify(members)}`), false, String(error));
    }
  },
};
