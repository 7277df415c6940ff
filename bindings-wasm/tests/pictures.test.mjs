// The QR codes of this module, by readers that others wrote: zbarimg, and resvg for the SVG.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { test } from "node:test";
import { Hotp, Totp } from "authcore";

const fromTests = createRequire(new URL("../../tests/package.json", import.meta.url));
const { initWasm, Resvg } = fromTests("@resvg/resvg-wasm");
await initWasm(readFileSync(fromTests.resolve("@resvg/resvg-wasm/index_bg.wasm")));

/** The text that a scanner reads from a PNG. */
function scanned(png) {
  const words = ["--quiet", "--raw", "--oneshot", "-"];
  return execFileSync("zbarimg", words, { input: png, encoding: "utf8" }).replace(/\n$/, "");
}

/** An SVG as a browser would show it. */
function rasterised(svg, width) {
  return new Resvg(svg, { fitTo: { mode: "width", value: width } }).render().asPng();
}

for (const length of [1, 40, 120, 240]) {
  const options = { issuer: "Büro & Söhne", account: `${"a".repeat(length)}@example.org` };
  for (const [name, code, counter] of [
    ["Totp", new Totp(undefined, options), []],
    ["Hotp", new Hotp(undefined, options), [7]],
  ]) {
    // SECURITY 17
    test(`zbarimg reads both pictures of a ${name} with a name of ${length} letters`, () => {
      const uri = code.uri(...counter);
      assert.equal(scanned(code.qrPng(...counter)), uri);
      for (const width of [400, 1200]) {
        assert.equal(scanned(rasterised(code.qrSvg(...counter), width)), uri);
      }
    });
  }
}
