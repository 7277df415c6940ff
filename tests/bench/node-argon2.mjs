// Hashes with @node-rs/argon2 as often as each line of its input says, and answers how long that
// took: nanoseconds. native.py runs it as a variant of its row.

import { createInterface } from "node:readline";
import { Algorithm, hashSync } from "@node-rs/argon2";

const PASSWORD = "correct horse battery staple";
const COST = { algorithm: Algorithm.Argon2id, memoryCost: 19456, timeCost: 2, parallelism: 1 };

for await (const line of createInterface({ input: process.stdin })) {
  const begin = process.hrtime.bigint();
  for (let times = Number(line); times > 0; times--) hashSync(PASSWORD, COST);
  console.log(String(process.hrtime.bigint() - begin));
}
