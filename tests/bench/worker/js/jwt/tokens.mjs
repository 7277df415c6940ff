// What a Worker does for a request that issues or verifies tokens, whoever does it for the Worker.
//
// The variable TASK says which of the two, and TIMES how often; KEY is the JWK of the key, PEM the
// same, TOKEN what is verified.

export const ISSUER = "https://auth.example";
export const AUDIENCE = "https://api.example";
// Of the rows in Node as well.
export const CLAIMS = {
  iss: ISSUER,
  aud: AUDIENCE,
  sub: "01990000-0000-7000-8000-0000000000aa",
  iat: 1_790_000_000,
  exp: 4_000_000_000,
  roles: ["user"],
};

/** A Worker that answers with what was issued or verified last; keys are parsed once. */
export function answering(tasks) {
  let act;
  return {
    async fetch(_, environment) {
      act ??= await tasks[environment.TASK](environment);
      let made;
      for (let times = Number(environment.TIMES); times > 0; times--) {
        made = act();
        // Awaited only where it must be: who answers at once has no turn of the event loop to pay.
        if (made instanceof Promise) made = await made;
      }
      return Response.json(made);
    },
  };
}
