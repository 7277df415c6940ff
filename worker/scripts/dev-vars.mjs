// Writes the secrets of a local Worker to .dev.vars, once; they never leave this machine.

import { randomBytes } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { WORKER } from "./tools.mjs";

const file = join(WORKER, ".dev.vars");
const secret = `k1:${randomBytes(32).toString("base64")}`;
try {
  // `wx`: a ring that is there already seals the rows of the local database.
  writeFileSync(file, `AUTHCORE_SECRET=${secret}\nAUTHCORE_ENV=dev\n`, { flag: "wx", mode: 0o600 });
  console.error(`dev: wrote a new secret to ${file}`);
} catch (error) {
  if (error.code !== "EEXIST") throw error;
}
