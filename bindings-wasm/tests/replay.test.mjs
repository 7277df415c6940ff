// Replays the transcripts of tests/transcripts, recorded on another host, on the test build.

import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { initSync, replay } from "../pkg-test-clock/authcore.js";

initSync({ module: readFileSync(new URL("../pkg-test-clock/authcore_bg.wasm", import.meta.url)) });

const FOLDER = fileURLToPath(new URL("../../tests/transcripts", import.meta.url));
const names = existsSync(FOLDER)
  ? readdirSync(FOLDER)
      .filter((name) => name.endsWith(".json"))
      .sort()
  : [];

test("there are transcripts", { skip: names.length === 0 && "none is recorded yet" }, () => {
  assert.ok(names.length > 0);
});

for (const name of names) {
  const transcript = JSON.parse(readFileSync(`${FOLDER}/${name}`, "utf8"));

  test(`${name} gives the same bytes`, () => replay(JSON.stringify(transcript)));

  test(`${name} is told apart from another response`, () => {
    const status = transcript.response.status + 1;
    const other = { ...transcript, response: { ...transcript.response, status } };
    assert.throws(() => replay(JSON.stringify(other)));
  });
}

test("what is no transcript is refused", () => {
  assert.throws(() => replay("{}"), /settings/);
});
