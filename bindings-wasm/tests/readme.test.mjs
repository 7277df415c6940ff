// The README's examples run, and come to what their comments say.

import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, test } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";

const PACKAGE = dirname(dirname(fileURLToPath(import.meta.url)));
const readme = readFileSync(join(PACKAGE, "README.md"), "utf8");
const examples = [...readme.matchAll(/^```js\n(.*?)^```$/gms)].map(([, example]) => example);

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
  assert.ok(examples.length >= 4);
  const claims = asserting(examples.join("")).match(/^assert\./gm);
  assert.ok(claims.length >= 7);
});

for (const [place, example] of examples.entries()) {
  test(`example ${place + 1} of the README runs`, async () => {
    const file = join(project, `${place}.mjs`);
    writeFileSync(file, asserting(example));
    await import(pathToFileURL(file));
  });
}
