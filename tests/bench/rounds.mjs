// Times variants of one task side by side: each in turn, round by round, in one process.

const LEAST_NS = 5_000_000n;
// V8 compiles what is called often enough anew, and better; a server calls it often enough.
const WARM_NS = 500_000_000n;
const ROUNDS = 31;
// Fewer, to see that everything runs.
const MOST_ROUNDS = Number(process.env.AUTHCORE_BENCH_ROUNDS || ROUNDS);

async function once(act, times) {
  const begin = process.hrtime.bigint();
  for (let number = 0; number < times; number++) {
    const result = act();
    if (result instanceof Promise) await result;
  }
  return process.hrtime.bigint() - begin;
}

/** How many runs make a measurement; warms up before. */
async function enough(act) {
  const begin = process.hrtime.bigint();
  do await once(act, 1);
  while (MOST_ROUNDS === ROUNDS && process.hrtime.bigint() - begin < WARM_NS);
  let times = 1;
  while ((await once(act, times)) < LEAST_NS) times *= 2;
  return times;
}

function median(all) {
  const sorted = [...all].sort((one, other) => one - other);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** Measures each variant in each round: nanoseconds, the median and the least. */
export async function measure(task, variants, rounds = ROUNDS) {
  const names = Object.keys(variants);
  const times = {};
  for (const name of names) times[name] = await enough(variants[name]);
  const taken = Object.fromEntries(names.map((name) => [name, []]));
  for (let number = 0; number < Math.min(rounds, MOST_ROUNDS); number++) {
    const begin = number % names.length;
    for (const name of [...names.slice(begin), ...names.slice(0, begin)]) {
      taken[name].push(Number(await once(variants[name], times[name])) / times[name]);
    }
  }
  return summarised(task, taken);
}

/** A row: of all that was measured of each variant the median and the least. */
export function summarised(task, taken) {
  const of = (figure) =>
    Object.fromEntries(Object.entries(taken).map(([name, all]) => [name, figure(all)]));
  return { task, medians: of(median), least: of((all) => Math.min(...all)) };
}
