// Rows of what variants take above the Worker that does nothing.

/**
 * A row of what variants take above others, so many times: differences of lower quartiles, which
 * have no least. Medians of differences would be noise on a machine that does other things too.
 */
export function above(task, pairs, times = 1) {
  const quartile = (all) => [...all].sort((one, other) => one - other)[all.length >> 2];
  const difference = ([name, [taken, floor]]) => [
    name,
    (quartile(taken) - quartile(floor)) / times,
  ];
  return { task, medians: Object.fromEntries(Object.entries(pairs).map(difference)) };
}

/** What a summarised row's first variant takes above its second: of medians, and of leasts. */
export function beyond(task, { medians, least }, one, other) {
  const difference = (taken) => ({ authcore: taken[one] - taken[other] });
  return { task, medians: difference(medians), least: difference(least) };
}
