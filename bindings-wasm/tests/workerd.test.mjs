// Runs the suite inside workerd, with `node:crypto`, without, and with it by the code with which the
// service asks for it in a Worker: one Worker with the package and the vectors, one request a case.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname } from "node:path";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";
import { cases, EXPOSED } from "./cases.mjs";
import { CCTV, errorTable, vectors } from "./vectors.mjs";

const PACKAGE = dirname(dirname(fileURLToPath(import.meta.url)));
const EXPORTS = JSON.parse(readFileSync(`${PACKAGE}/package.json`, "utf8")).exports["."];

const fromWorker = createRequire(new URL("../../worker/package.json", import.meta.url));
// wrangler's own: the one that `wrangler dev` runs.
const { Miniflare } = createRequire(fromWorker.resolve("wrangler"))("miniflare");

const files = Object.fromEntries(EXPOSED.map((feature) => [feature, vectors(feature)]));

// cases.mjs, cctv.mjs and what they import.
const SUITE = ["assert", "backup_codes", "cases", "cctv", "jwt", "totp"];

// js/workerd.js and what it imports.
const PARTS = ["error", "host", "jwt", "options", "texts", "totp", "workerd"];

const SIGNATURES = readFileSync(`${PACKAGE}/../worker/src/signatures.mjs`, "utf8");

const WORKER = `
import * as authcore from "../${EXPORTS.workerd.replace("./", "")}";
import { provide } from "../js/host.js";
import { holds, keep } from "../js/signatures.mjs";
import { cases } from "./cases.mjs";
import { assertCctv } from "./cctv.mjs";
import cctv from "./cctv.json";
import table from "./errors.json";
import files from "./vectors.json";

// Public keys and signatures by the service's own code, under the package's.
function byService(crypto) {
  return {
    ...crypto,
    createPublicKey({ key }) {
      const number = keep(JSON.stringify(key));
      if (number === undefined) throw new Error("no key");
      return { number };
    },
    verify(_, input, { number }, signature) {
      return holds(number, input, signature);
    },
  };
}

export default {
  async fetch(request) {
    const asked = new URL(request.url).searchParams;
    try {
      const found = globalThis.process?.getBuiltinModule("node:crypto");
      const crypto = asked.has("service") ? byService(found) : found;
      if (asked.has("service")) provide(crypto);
      if (asked.has("cctv")) {
        assertCctv(authcore, provide, crypto, JSON.parse(cctv));
        provide(crypto);
        return new Response("ok");
      }
      const signs = asked.get("signs");
      const all = cases(authcore, JSON.parse(files), JSON.parse(table), signs);
      all[Number(asked.get("case"))].run();
      return new Response("ok");
    } catch (error) {
      return new Response(String(error), { status: 500 });
    }
  },
};
`;

function modules() {
  const script = (path) => ({ type: "ESModule", path, contents: source(path) });
  return [
    { type: "ESModule", path: "tests/worker.mjs", contents: WORKER },
    ...SUITE.map((name) => script(`tests/${name}.mjs`)),
    { type: "Text", path: "tests/vectors.json", contents: JSON.stringify(files) },
    { type: "Text", path: "tests/cctv.json", contents: JSON.stringify(CCTV) },
    { type: "Text", path: "tests/errors.json", contents: JSON.stringify(errorTable()) },
    ...PARTS.map((name) => script(`js/${name}.js`)),
    { type: "ESModule", path: "js/signatures.mjs", contents: SIGNATURES },
    script("pkg/authcore.js"),
    {
      type: "CompiledWasm",
      path: "pkg/authcore_simd_bg.wasm",
      contents: source("pkg/authcore_simd_bg.wasm"),
    },
  ].map((module) => ({ ...module, path: `${PACKAGE}/${module.path}` }));
}

function source(path) {
  return readFileSync(`${PACKAGE}/${path}`, path.endsWith(".wasm") ? undefined : "utf8");
}

// Who signs and verifies, and the flag that gives a Worker `node:crypto`.
const HOSTS = [
  { by: "the module", signs: "module", compatibilityFlags: [], query: "" },
  { by: "the runtime", signs: "runtime", compatibilityFlags: ["nodejs_compat"], query: "" },
  {
    by: "the runtime, asked as the service asks it",
    signs: "runtime",
    compatibilityFlags: ["nodejs_compat"],
    query: "&service",
  },
];

for (const { by, signs, compatibilityFlags, query } of HOSTS) {
  const miniflare = new Miniflare({
    compatibilityDate: "2026-04-01",
    compatibilityFlags,
    modulesRoot: PACKAGE,
    modules: modules(),
  });
  after(() => miniflare.dispose());
  if (signs === "runtime") {
    // SECURITY 46
    test(`workerd, by ${by}: CCTV's cases are judged as core judges them`, async () => {
      const answer = await miniflare.dispatchFetch(`http://worker/?cctv${query}`);
      assert.equal(await answer.text(), "ok");
    });
  }
  for (const [number, { name }] of cases(undefined, files, errorTable(), signs).entries()) {
    test(`workerd, by ${by}: ${name}`, async () => {
      const url = `http://worker/?case=${number}&signs=${signs}${query}`;
      const answer = await miniflare.dispatchFetch(url);
      assert.equal(await answer.text(), "ok");
    });
  }
}
