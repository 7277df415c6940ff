"""Times variants of one task side by side: each in turn, round by round."""

from __future__ import annotations

import gc
import os
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from time import perf_counter_ns
from typing import Self

# A measurement is at least so long, so that the clock's steps do not matter.
LEAST_NS = 2_000_000
ROUNDS = 31
# Fewer, to see that everything runs.
MOST_ROUNDS = int(os.environ.get("AUTHCORE_BENCH_ROUNDS") or ROUNDS)


@dataclass(frozen=True)
class Row:
    """What the variants of a task took: nanoseconds, the median and the least of all rounds."""

    task: str
    medians: dict[str, float]
    least: dict[str, float]


class Elsewhere:
    """A variant in a process of its own, which waits while the others have their turn.

    It reads how often it shall run, a number a line, and answers with how long that took:
    nanoseconds.
    """

    def __init__(self, *command: str | Path) -> None:
        """Starts the process."""
        pipe = subprocess.PIPE
        self._process = subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        # The end of its input ends it.
        self._process.communicate()

    def once(self, times: int) -> int:
        """How long so many runs take, by its own clock."""
        self._process.stdin.write(f"{times}\n")
        self._process.stdin.flush()
        return int(self._process.stdout.readline())


Variants = dict[str, Callable[[], object] | Elsewhere]


def once(act: Callable[[], object] | Elsewhere, times: int) -> int:
    """How long so many runs take."""
    if isinstance(act, Elsewhere):
        return act.once(times)
    begin = perf_counter_ns()
    for _ in range(times):
        act()
    return perf_counter_ns() - begin


def enough(act: Callable[[], object] | Elsewhere) -> int:
    """How many runs make a measurement; warms up."""
    times = 1
    while once(act, times) < LEAST_NS:
        times *= 2
    return times


def measure(task: str, variants: Variants, rounds: int = ROUNDS) -> Row:
    """Measures each variant in each round, first one first, then from the next one on."""
    times = {name: enough(act) for name, act in variants.items()}
    taken: dict[str, list[float]] = {name: [] for name in variants}
    names = list(variants)
    gc.collect()
    gc.disable()
    try:
        for number in range(min(rounds, MOST_ROUNDS)):
            begin = number % len(names)
            for name in [*names[begin:], *names[:begin]]:
                taken[name].append(once(variants[name], times[name]) / times[name])
    finally:
        gc.enable()
    return Row(
        task,
        {name: median(all_) for name, all_ in taken.items()},
        {name: min(all_) for name, all_ in taken.items()},
    )
