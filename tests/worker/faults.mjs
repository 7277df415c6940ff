// The Worker behind one whose D1 loses a connection: /__fail?batch=2&when=after has it lose the
// second batch from now on after D1 did it, and when=before before D1 was asked. The answer says how
// many batches there were since it was asked last, and how each of them was asked for: by the
// constraint of its session, or by no session. A POST to /__run has D1 run the statement in its body.

import Worker from "./index.js";

// What the build exports beside the Worker.
export * from "./index.js";

const lost = { batch: 0, when: "" };
let asked = [];
// D1's own, without what stands around it here.
let prepare;

function losing(database) {
  if (Object.hasOwn(database, "withSession")) return;
  prepare = database.prepare.bind(database);
  const withSession = database.withSession.bind(database);
  database.withSession = (constraint) => {
    const session = withSession(constraint);
    const batch = session.batch.bind(session);
    session.batch = async (statements) => {
      asked.push(constraint ?? "no constraint");
      const when = asked.length === lost.batch ? lost.when : "never";
      const answer = when === "before" ? null : await batch(statements);
      if (when !== "never") throw new Error("D1_ERROR: Network connection lost.");
      return answer;
    };
    return session;
  };
  for (const name of ["prepare", "batch", "exec", "dump"]) {
    const own = database[name].bind(database);
    database[name] = (...given) => {
      asked.push(`no session, but ${name}`);
      return own(...given);
    };
  }
}

export default class extends Worker {
  async fetch(request) {
    losing(this.env.DB);
    const { pathname, searchParams } = new URL(request.url);
    if (pathname === "/__fail") {
      const answer = Response.json(asked);
      asked = [];
      lost.batch = Number(searchParams.get("batch"));
      lost.when = searchParams.get("when");
      return answer;
    }
    if (pathname === "/__run") {
      await prepare(await request.text()).run();
      return new Response();
    }
    return super.fetch(request);
  }

  scheduled(event) {
    losing(this.env.DB);
    return super.scheduled(event);
  }
}
