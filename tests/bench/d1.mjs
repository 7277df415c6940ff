// Asks D1, as Miniflare has it, how it looks up the statements of login, refresh and token check,
// and those of the list of accounts.
//
// usage: node d1.mjs <measurements>, by `make bench-growth`. It prints JSON: of each how many
// statements, and which tables are read whole. Without statistics SQLite plans by the schema alone,
// so the database of D1 stays empty; the statements are those that the transcripts have on record,
// and of what has no route yet those that were measured.

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
  const lines = results.map(({ detail }) => detail);
  const read = lines.map((line) => line.match(/^SCAN (?!CONSTANT ROW)(\S+)/)?.[1]);
  // The rows of a query within the query have a plan in lines of its own.
  return read.filter((table) => table && !lines.includes(`CO-ROUTINE ${table}`));
}

const { asked: measured } = JSON.parse(readFileSync(process.argv[2], "utf8"));
const recorded = Object.entries(RECORDED).map(([task, name]) => [task, statements(name)]);
const persist = database();
try {
  const plans = await withD1(persist, async (d1) => {
    const found = [];
    for (const [task, asked] of [...recorded, ...Object.entries(measured)]) {
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
