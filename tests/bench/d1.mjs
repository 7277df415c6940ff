// Asks D1, as Miniflare has it, how it looks up the statements of login, refresh and token check.
//
// usage: node d1.mjs, by `make bench-growth`. It prints JSON: of each how many statements, and which
// tables are read whole. Without statistics SQLite plans by the schema alone, so the database of D1
// stays empty; the statements are those that the transcripts have on record.

import { readFileSync, rmSync } from "node:fs";
import { database, withD1 } from "./runtime.mjs";

const RECORDED = { login: "login", refresh: "refresh", "token check": "me" };

function statements(name) {
  const file = new URL(`../transcripts/${name}.json`, import.meta.url);
  const { effects } = JSON.parse(readFileSync(file, "utf8"));
  return effects.flatMap((effect) => effect.statements ?? []);
}

/** The tables that are read from end to end for a statement, by an index or not. */
async function whole(d1, { sql, params }) {
  const { results } = await d1
    .prepare(`EXPLAIN QUERY PLAN ${sql}`)
    .bind(...params)
    .all();
  const read = results.map(({ detail }) => detail.match(/^SCAN (?!CONSTANT ROW)(\S+)/)?.[1]);
  return read.filter(Boolean);
}

const persist = database();
try {
  const plans = await withD1(persist, async (d1) => {
    const found = [];
    for (const [task, name] of Object.entries(RECORDED)) {
      const asked = statements(name);
      const tables = new Set();
      for (const statement of asked) {
        for (const table of await whole(d1, statement)) tables.add(table);
      }
      found.push({ task: `D1: ${task}`, statements: asked.length, whole: [...tables].sort() });
    }
    return found;
  });
  console.log(JSON.stringify(plans));
} finally {
  rmSync(persist, { recursive: true });
}
