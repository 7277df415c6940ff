// Assertions that need no runtime: a case throws when it fails.

/** Fails unless both have the same JSON. */
export function equal(actual, expected, what) {
  const [a, b] = [actual, expected].map((value) => JSON.stringify(value));
  if (a !== b) throw new Error(`${what}: ${a} is not ${b}`);
}

/** What was thrown; fails if nothing was. */
export function thrown(run) {
  try {
    run();
  } catch (error) {
    return error;
  }
  throw new Error("nothing was thrown");
}

/** The table as it was given out: every thrown error must agree with its row. */
export function assertThrown(authcore, error, code) {
  if (!(error instanceof authcore.AuthcoreError && error instanceof Error)) {
    throw new Error(`not an AuthcoreError: ${error}`);
  }
  const row = authcore.errorCodes().find((row) => row.code === code);
  equal({ code: error.code, status: error.status, title: error.title }, row, error.message);
  equal(error.name, "AuthcoreError", "name");
  equal(error.message, `${code}: ${error.detail}`, "message");
}
