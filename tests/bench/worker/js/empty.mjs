// The Worker that does nothing: what every other one is measured above.

export default { fetch: () => new Response("ok") };
