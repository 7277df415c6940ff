// Runs the suite in Node as in a runtime without `node:crypto`: every signature is the module's.

import { test } from "node:test";
import * as authcore from "authcore";
import { provide } from "../js/host.js";
import { cases, EXPOSED } from "./cases.mjs";
import { errorTable, vectors } from "./vectors.mjs";

provide(undefined);

const files = Object.fromEntries(EXPOSED.map((feature) => [feature, vectors(feature)]));
for (const { name, run } of cases(authcore, files, errorTable(), "module"))
  test(`module: ${name}`, run);
