// The READMEs' examples run, and come to what their comments say: the package's, and those of the
// repository that are for JavaScript.

import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, test } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";

const PACKAGE = dirname(dirname(fileURLToPath(import.meta.url)));
const ofPackage = readFileSync(join(PACKAGE, "README.md"), "utf8");
const [, ofRepository] = readFileSync(join(PACKAGE, "..", "README.md"), "utf8").split(
  /^## In JavaScript\n(.*?)^## /ms,
);
const examplesOf = (text) =>
  [...text.matchAll(/^```js(?: quickstart)?\n(.*?)^```$/gms)].map((found) => found[1]);
const examples = [...examplesOf(ofRepository), ...examplesOf(ofPackage)];

// Somebody's project, into which the package was installed.
const project = mkdtempSync(join(tmpdir(), "authcore-readme-"));
after(() => rmSync(project, { recursive: true }));
mkdirSync(join(project, "node_modules"));
symlinkSync(PACKAGE, join(project, "node_modules", "authcore"));

/** An example that asserts what it says: `…; // throws code`, and `…; // value` of one word. */
function asserting(example) {
  const claims = example
    .replaceAll(/^(\S.*); \/\/ throws (\w+)$/gm, 'assert.throws(() => $1, { code: "$2" });')
    .replaceAll(/^([^\s=][^=\n]*); \/\/ (\S+)$/gm, 'assert.equal(String($1), "$2");');
  return `import assert from "node:assert/strict";\n${claims}`;
}

test("there are examples, and they claim something", () => {
  assert.equal(examplesOf(ofRepository).length, 1);
  assert.ok(examples.length >= 5);
  const claims = asserting(examples.join("")).match(/^assert\./gm);
  assert.ok(claims.length >= 9);
});

for (const [place, example] of examples.entries()) {
  test(`example ${place + 1} of the READMEs runs`, async () => {
    const file = join(project, `${place}.mjs`);
    writeFileSync(file, asserting(example));
    await import(pathToFileURL(file));
  });
}
