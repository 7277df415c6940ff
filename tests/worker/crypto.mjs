// The Worker behind one that counts what is asked of `node:crypto`, and tells it at /__asked.

import Worker from "./index.js";

// What the build exports beside the Worker.
export * from "./index.js";

const asked = { loaded: 0, verified: 0, refused: 0 };

// Without the flag `nodejs_compat` there is none.
if (globalThis.process !== undefined) {
  const found = process.getBuiltinModule;
  process.getBuiltinModule = (name) => {
    asked.loaded += 1;
    const module = found(name);
    const verify = (...given) => {
      const holds = module.verify(...given);
      asked[holds ? "verified" : "refused"] += 1;
      return holds;
    };
    return { ...module, verify };
  };
}

export default class extends Worker {
  fetch(request) {
    if (new URL(request.url).pathname === "/__asked") return Response.json(asked);
    return super.fetch(request);
  }
}
