// The Worker behind one whose D1 loses a connection: /__fail?batch=2&when=after has it lose the
// second batch from now on after D1 did it, and when=before before D1 was asked. The answer is how
// many batches there were since it was asked last.

import Worker from "./index.js";

// What the build exports beside the Worker.
export * from "./index.js";

const lost = { batch: 0, when: "" };
let batches = 0;

function losing(database) {
  if (Object.hasOwn(database, "withSession")) return;
  const withSession = database.withSession.bind(database);
  database.withSession = (constraint) => {
    const session = withSession(constraint);
    const batch = session.batch.bind(session);
    session.batch = async (statements) => {
      batches += 1;
      const when = batches === lost.batch ? lost.when : "never";
      const answer = when === "before" ? null : await batch(statements);
      if (when !== "never") throw new Error("D1_ERROR: Network connection lost.");
      return answer;
    };
    return session;
  };
}

export default class extends Worker {
  fetch(request) {
    const { pathname, searchParams } = new URL(request.url);
    if (pathname === "/__fail") {
      const counted = batches;
      batches = 0;
      lost.batch = Number(searchParams.get("batch"));
      lost.when = searchParams.get("when");
      return Response.json(counted);
    }
    losing(this.env.DB);
    return super.fetch(request);
  }
}
