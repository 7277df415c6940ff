// The Worker behind one that counts what is read of its environment, and tells it at /__reads: how
// often each name, and under "names" how often all of them were listed.

import Worker from "./index.js";

// What the build exports beside the Worker.
export * from "./index.js";

const reads = {};

function count(name) {
  if (typeof name === "string") reads[name] = (reads[name] ?? 0) + 1;
}

const COUNTING = {
  get(environment, name) {
    count(name);
    return environment[name];
  },
  // A second way to a value.
  getOwnPropertyDescriptor(environment, name) {
    count(`descriptor of ${String(name)}`);
    return Reflect.getOwnPropertyDescriptor(environment, name);
  },
  ownKeys(environment) {
    count("names");
    return Reflect.ownKeys(environment);
  },
};

export default class extends Worker {
  constructor(context, environment) {
    super(context, new Proxy(environment, COUNTING));
  }

  fetch(request) {
    if (new URL(request.url).pathname === "/__reads") return Response.json(reads);
    return super.fetch(request);
  }
}
