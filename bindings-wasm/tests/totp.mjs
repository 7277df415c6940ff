// The suite of TOTP and HOTP, for any runtime.

import { assertThrown, equal, thrown } from "./assert.mjs";

// Any moment would do: 2026-01-01T00:00:00Z, the beginning of a step.
const NOW = 1_767_225_600_000;
const STEP = NOW / 30_000;
const SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";

/** The generator of a vector's input; what it does not say is left to core. */
function made(Kind, input) {
  const { algorithm, digits, period, window, look_ahead: lookAhead, issuer, account } = input;
  const options = { algorithm, digits, issuer, account };
  return new Kind(
    input.secret,
    "period" in input ? { ...options, period, window } : { ...options, lookAhead },
  );
}

// SECURITY 11, 18, 85
function assertTotp(authcore, { input, expected, error }) {
  const totp = made(authcore.Totp, input);
  const { at, code, after_step: afterStep } = input;
  if (code === undefined) {
    equal(totp.generate({ at }), expected.code, "generate");
    equal(totp.verify(expected.code, { at }), { step: expected.step }, "verify");
  } else if (error === null) {
    equal(totp.verify(code, { at, afterStep }), expected, "verify");
  } else {
    assertThrown(
      authcore,
      thrown(() => totp.verify(code, { at, afterStep })),
      error,
    );
  }
}

// SECURITY 85
function assertHotp(authcore, { input, expected, error }) {
  const hotp = made(authcore.Hotp, input);
  const { counter, code } = input;
  if (code === undefined) {
    equal(hotp.generate(counter), expected.code, "generate");
  } else if (error === null) {
    equal(hotp.verify(code, counter).counter, expected.counter, "verify");
  } else {
    assertThrown(
      authcore,
      thrown(() => hotp.verify(code, counter)),
      error,
    );
  }
}

// SECURITY 17, 99
function assertOtpauth(authcore, { input, expected, error }) {
  const uri = () =>
    "counter" in input
      ? made(authcore.Hotp, input).uri(input.counter)
      : made(authcore.Totp, input).uri();
  if (error === null) equal(uri(), expected.uri, "uri");
  else assertThrown(authcore, thrown(uri), error);
}

/** How the vectors of each feature are run. */
export const FEATURES = { hotp: assertHotp, otpauth: assertOtpauth, totp: assertTotp };

export const BEHAVIOURS = {
  // SECURITY 10, 11, 18
  "a code is accepted once"(authcore) {
    const totp = new authcore.Totp(SECRET);
    const at = (step) => ({ at: step * 30_000 });
    const { step } = totp.verify(totp.generate(at(STEP)), at(STEP));
    equal(step, STEP, "step");
    const used = totp.generate(at(STEP));
    for (const text of [used, ` ${used}`, totp.generate(at(STEP - 1))]) {
      const again = () => totp.verify(text, { ...at(STEP + 1), afterStep: step });
      assertThrown(authcore, thrown(again), "otp_invalid");
    }
    const following = totp.generate(at(STEP + 1));
    equal(totp.verify(following, { ...at(STEP), afterStep: step }).step, STEP + 1, "the next");
    equal(totp.verify(used, { ...at(STEP), afterStep: null }).step, STEP, "null stands for none");
  },

  "a counter is accepted once"(authcore) {
    const hotp = new authcore.Hotp(SECRET);
    equal(hotp.verify(hotp.generate(5), 3), { counter: 5, next: 6 }, "verify");
    assertThrown(
      authcore,
      thrown(() => hotp.verify(hotp.generate(5), 6)),
      "otp_invalid",
    );
    const last = Number.MAX_SAFE_INTEGER;
    equal(hotp.verify(hotp.generate(last), last).next, null, "the last counter");
  },

  // SECURITY 17
  "new secrets have 160 bits and are all distinct"(authcore) {
    const secrets = Array.from({ length: 1000 }, () => new authcore.Totp().secret);
    equal(new Set(secrets).size, 1000, "distinct");
    for (const secret of secrets) equal(/^[A-Z2-7]{32}$/.test(secret), true, "160 bits");
    equal(new authcore.Hotp().secret.length, 32, "Hotp");
  },

  "without a moment it is the host's now"(authcore) {
    const totp = new authcore.Totp(SECRET);
    const now = Date.now;
    try {
      for (const moment of [NOW, NOW + 86_400_000]) {
        Date.now = () => moment;
        equal(totp.generate(), totp.generate({ at: moment }), "generate");
        equal(totp.verify(totp.generate()).step, moment / 30_000, "verify");
      }
    } finally {
      Date.now = now;
    }
  },

  // SECURITY 10
  "a misspelt option is refused, not passed over"(authcore) {
    const totp = new authcore.Totp(SECRET);
    const at = NOW;
    const code = totp.generate({ at });
    for (const run of [
      () => totp.verify(code, { at, after_step: STEP }),
      () => totp.verify(code, { at, afterstep: STEP }),
      () => totp.generate({ now: at }),
      () => totp.uri({ label: "ann" }),
      () => new authcore.Totp(SECRET, { interval: 60 }),
      () => new authcore.Hotp(SECRET, { window: 1 }),
    ]) {
      const error = thrown(run);
      assertThrown(authcore, error, "invalid_input");
      equal(error.errors[0].code, "unknown_member", "errors");
    }
  },

  "what is of another type is refused with its place"(authcore) {
    const totp = new authcore.Totp(SECRET);
    const at = NOW;
    for (const [pointer, run] of [
      ["/code", () => totp.verify(123456, { at })],
      ["/code", () => totp.verify(undefined, { at })],
      ["/at", () => totp.generate({ at: "now" })],
      ["/at", () => totp.generate({ at: NOW + 0.5 })],
      ["/at", () => totp.generate({ at: new Date(NOW) })],
      ["/at", () => totp.generate({ at: Number.NaN })],
      ["/at", () => totp.generate({ at: 2 ** 53 })],
      ["/afterStep", () => totp.verify("123456", { at, afterStep: String(STEP) })],
      ["/secret", () => new authcore.Totp(null)],
      ["/secret", () => new authcore.Totp([1, 2])],
      ["/digits", () => new authcore.Totp(SECRET, { digits: "6" })],
      ["/counter", () => new authcore.Hotp(SECRET).generate(1n)],
      ["", () => totp.generate(NOW)],
      ["", () => totp.generate(null)],
      ["", () => totp.generate(new Date(NOW))],
      ["", () => totp.generate([])],
      ["", () => new authcore.Totp(SECRET, "SHA1")],
    ]) {
      const error = thrown(run);
      assertThrown(authcore, error, "invalid_input");
      equal([error.errors[0].pointer, error.errors[0].code], [pointer, "wrong_type"], pointer);
    }
    for (const options of [{ digits: -1 }, { period: 2 ** 32 + 30 }, { window: -1 }]) {
      const error = thrown(() => new authcore.Totp(SECRET, options));
      assertThrown(authcore, error, "invalid_input");
      equal(error.errors[0].code, "out_of_range", JSON.stringify(options));
    }
    for (const counter of [-1, -(2 ** 53 - 1)]) {
      const error = thrown(() => new authcore.Hotp(SECRET).generate(counter));
      equal(error.errors[0].code, "out_of_range", "counter");
    }
  },

  "the label of a call takes the place of the constructor's"(authcore) {
    const totp = new authcore.Totp(SECRET, { issuer: "Example", account: "ann" });
    equal(totp.uri().startsWith("otpauth://totp/Example:ann?"), true, "own");
    const other = totp.uri({ issuer: "Other", account: "bob" });
    equal(other.startsWith("otpauth://totp/Other:bob?"), true, "given");
    equal(totp.qrSvg({ account: "ann" }), totp.qrSvg(), "qrSvg");
    const error = thrown(() => new authcore.Totp(SECRET).uri({ account: "ann" }));
    equal([error.errors[0].pointer, error.errors[0].code], ["/issuer", "empty"], "errors");
  },

  // SECURITY 99
  "the pictures hold no text and are small"(authcore) {
    const options = { issuer: "<script>alert(1)</script>", account: "x\"'><b>" };
    const svg = new authcore.Totp(SECRET, options).qrSvg();
    equal(svg.split("<").length, 5, svg);
    equal(/script|alert/.test(svg), false, svg);
    const png = new authcore.Totp(undefined, { issuer: "Example", account: "a@b.example" }).qrPng();
    equal(png instanceof Uint8Array && png.length < 1000, true, "qrPng");
    equal([...png.subarray(0, 4)], [0x89, 0x50, 0x4e, 0x47], "qrPng");
    const hotp = new authcore.Hotp(SECRET, { issuer: "Example", account: "ann" });
    equal(hotp.qrSvg(7) === hotp.qrSvg(8), false, "the counter is in the picture");
    equal(hotp.qrPng(7).length > 100, true, "qrPng");
  },

  // SECURITY 88
  "no error and no object shows a secret or a code"(authcore) {
    const totp = new authcore.Totp(SECRET);
    const code = totp.generate({ at: NOW });
    const errors = [
      thrown(() => new authcore.Totp("CANARY!")),
      thrown(() => new authcore.Totp(`CANARY\ud800`)),
      thrown(() => totp.verify("canary", { at: NOW })),
      thrown(() => totp.verify(code, { at: NOW, afterStep: STEP })),
      thrown(() => totp.verify("123456", { canary: 1 })),
    ];
    const members = (value) => Object.getOwnPropertyNames(value).map((name) => value[name]);
    const shown = [totp, ...errors].map((value) => `${value} ${JSON.stringify(members(value))}`);
    for (const text of shown) {
      equal(/canary/i.test(text) || text.includes(code) || text.includes(SECRET), false, text);
    }
  },
};
