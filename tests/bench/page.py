"""Writes docs/benchmarks.md, its tables and charts, from what was measured last."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime
from math import log2, log10
from pathlib import Path
from typing import Any

from goals import ROWS, figure, growth, ratio
from texts import (
    ABOUT_BEFORE,
    ABOUT_GROWTH,
    ABOUT_GROWTH_CHART,
    ABOUT_INSTRUCTIONS,
    ABOUT_NATIVE,
    ABOUT_PLANS,
    ABOUT_WORKER,
    INTRODUCTION,
)

FOLDER = Path(__file__).resolve().parent
Found = dict[str, Any]


def bounds(kind: str, row: Found) -> str:
    """The goals of a row; bold is what it does not reach."""
    goals = [goal for line in ROWS for goal in line.goals if goal.is_of(kind, row)]
    return ", ".join(goal.bound(row) for goal in goals)


def table(kind: str, found: Found) -> str:
    """The rows of one runtime."""
    lines = ["| | authcore | peers, the fastest first | ratio | goal |", "|---|---|---|---|---|"]
    for row in found["rows"]:
        medians, least = row["medians"], row.get("least")

        def both(name: str, medians: Found = medians, least: Found | None = least) -> str:
            # A difference has no least.
            shown = figure(kind, medians[name])
            return f"{shown} ({figure(kind, least[name])})" if least else shown

        others = sorted((taken, name) for name, taken in medians.items() if name != "authcore")
        ours = both("authcore") if "authcore" in medians else ""
        theirs = ", ".join(f"{name} {both(name)}" for _, name in others)
        times = two(ratio(medians)) if is_compared(row) else ""
        # A row that was added later, when the machine did other things, too.
        task = row["task"] + (f" (at a load of {row['load']:.1f})" if "load" in row else "")
        lines.append(f"| {task} | {ours} | {theirs} | {times} | {bounds(kind, row)} |")
    return "\n".join(lines)


def two(times: float) -> str:
    """A ratio in two digits or more."""
    return f"{times:.2g}" if times < 100 else f"{times:.0f}"


def is_compared(row: Found) -> bool:
    """Whether a row has peers."""
    return row.get("compared", True)


def chart(found: Found) -> str:
    """How many times as long as authcore the fastest peer takes, as bars on a logarithmic scale."""
    bars, height = [], 22
    for number, row in enumerate(filter(is_compared, found["rows"])):
        # What is next to nothing, within the noise, has no bar that could be drawn.
        times = min(max(ratio(row["medians"]), 0.01), 300)
        # A decade is 160 wide, and the line of 1 stands at 380.
        length = 160 * log10(times)
        left, y = min(380, 380 + length), 10 + number * height
        colour = "#2b7a3d" if times >= 1 else "#b3452c"
        name = row["task"].partition(": CPU")[0]
        bars.append(
            f'<text x="300" y="{y + 13}" text-anchor="end">{name}</text>'
            f'<rect x="{left:.1f}" y="{y}" width="{abs(length):.1f}" height="16" fill="{colour}"/>'
            f'<text x="{max(380, 380 + length) + 6:.1f}" y="{y + 13}">{two(times)}</text>'
        )
    total = 20 + len(bars) * height
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 800 {total}" '
        'font-family="sans-serif" font-size="12"><rect width="800" height="100%" fill="#fff"/>'
        f'<path d="M380 0V{total}" stroke="#888"/>{"".join(bars)}</svg>\n'
    )


def growth_table(found: Found) -> str:
    """A column for each number of accounts."""
    sizes = [str(size) for size in found["sizes"]]
    heads = " | ".join(f"{int(size):,}" for size in sizes)
    lines = [f"| | {heads} | ratio | goal |", f"|---|{'---|' * len(sizes)}---|---|"]
    for row in found["rows"]:
        medians, least = row["medians"], row["least"]
        cells = [f"{figure('', medians[size])} ({figure('', least[size])})" for size in sizes]
        end = f"{growth(medians):.2f} | {bounds('growth', row)}"
        lines.append(f"| {row['task']} | {' | '.join(cells)} | {end} |")
    return "\n".join(lines)


def growth_chart(found: Found) -> str:
    """The time with more accounts, relative to the fewest, as bars on a logarithmic scale.

    Of a request it is the database's part. The line of 1 is drawn, and dashed the goal of a task.
    """
    part = ": the database's part"
    apart = {row["task"].removesuffix(part) for row in found["rows"] if part in row["task"]}
    fewest, *others = sorted(map(str, found["sizes"]), key=int)
    drawn, y = [], 10
    for row in (row for row in found["rows"] if row["task"] not in apart):
        begun, medians = y, row["medians"]
        goals = [goal for line in ROWS for goal in line.goals if goal.is_of("growth", row)]
        for size in others:
            times = medians[size] / medians[fewest]
            # Twice as long is 80 wide, and the line of 1 stands at 500.
            length = 80 * log2(min(max(times, 0.5), 8))
            over = any(times > goal.most for goal in goals)
            colour = "#b3452c" if over else "#2b7a3d" if goals else "#8a93a0"
            drawn.append(
                f'<text x="390" y="{y + 12}" text-anchor="end" fill="#666">{int(size):,}</text>'
                f'<rect x="{min(500, 500 + length):.1f}" y="{y}" width="{abs(length):.1f}" '
                f'height="14" fill="{colour}"/>'
                f'<text x="790" y="{y + 12}" text-anchor="end">{times:.2f}</text>'
            )
            y += 17
        name = row["task"].removesuffix(part)
        drawn.append(f'<text x="320" y="{begun + 12}" text-anchor="end">{name}</text>')
        for goal in goals:
            x = 500 + 80 * log2(goal.most)
            line = f'<path d="M{x:.1f} {begun - 2}V{y - 1}" stroke="#888" stroke-dasharray="3 2"/>'
            drawn.append(line)
        y += 9
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 800 {y}" '
        'font-family="sans-serif" font-size="12"><rect width="800" height="100%" fill="#fff"/>'
        f'<path d="M500 0V{y}" stroke="#888"/>{"".join(drawn)}</svg>\n'
    )


def threads(found: Found) -> str:
    """What a second thread brings to two hashes."""
    row = {row["task"]: row["medians"] for row in found["rows"]}
    ways = [f"argon2id: two hashes in {way}" for way in ("one thread", "two threads")]
    if not row.keys() >= set(ways):
        return "Two threads: not measured, for want of a processor with nothing else to do."
    one, two_ = (row[way] for way in ways)
    gains = ", ".join(f"{name} {one[name] / two_[name]:.2f} times" for name in one)
    return f"Two threads hash faster than one (two processors, no goal): {gains}."


def from_disk(found: Found) -> str:
    """What SQLite had read from the disk."""
    reads = ", ".join(
        f"{bytes_ / 1000:,.0f} KB with {int(size):,}" for size, bytes_ in found["from_disk"].items()
    )
    return f"SQLite's files were read once before. A round asked the disk for {reads} accounts."


def read_whole(whole: list[str] | dict[str, list[str]]) -> str:
    """The tables that are read whole; by the number of accounts, where it is not the same."""

    def named(tables: list[str]) -> str:
        return ", ".join(f"`{table}`" for table in tables) or "none"

    # D1's is one database, and what was measured earlier is of the most accounts alone.
    if isinstance(whole, list):
        return named(whole)
    by_size = {size: named(whole[size]) for size in sorted(whole, key=int)}
    if len(set(by_size.values())) == 1:
        return next(iter(by_size.values()))
    return "; ".join(f"{int(size):,}: {tables}" for size, tables in by_size.items())


def plans(found: Found) -> str:
    """How the planners look up what is asked."""
    lines = [
        ABOUT_PLANS,
        "| | statements | tables read whole |",
        "|---|---|---|",
    ]
    for plan in found["plans"]:
        whole = read_whole(plan["whole"])
        lines.append(f"| {plan['task']} | {plan['statements']} | {whole} |")
    return "\n".join(lines)


def size_table(found: Found) -> str:
    """What the Worker's modules weigh."""
    lines = ["| | raw | gzip -9 | goal |", "|---|---|---|---|"]
    for row in found["rows"]:
        raw, packed = figure("size", row["raw"]), figure("size", row["medians"]["authcore"])
        lines.append(f"| {row['task']} | {raw} | {packed} | {bounds('size', row)} |")
    return "\n".join(lines)


def before_table(found: Found) -> str:
    """What the Worker took at an earlier commit, and what it takes now."""
    before, now = found["commits"]["before"], found["commits"]["now"]
    lines = [f"| | before ({before}) | now ({now}) | ratio |", "|---|---|---|---|"]
    for row in found["rows"]:
        old, new = row["medians"]["before"], row["medians"]["now"]
        cells = [
            f"{figure('', row['medians'][name])} ({figure('', row['least'][name])})"
            for name in ("before", "now")
        ]
        lines.append(f"| {row['task']} | {' | '.join(cells)} | {two(old / new)} |")
    old, new = found["sizes"]["before"], found["sizes"]["now"]
    cells = f"{figure('size', old)} | {figure('size', new)}"
    lines.append(f"| what every isolate loads, gzip -9 | {cells} | {two(old / new)} |")
    return "\n".join(lines)


def instructions_table() -> str:
    """What core's operations took before the work on speed began, and what they take now."""
    before = json.loads((FOLDER / "before.json").read_text())
    now = json.loads((FOLDER.parent / "cost" / "instructions.json").read_text())
    lines = ["| | before | now | ratio |", "|---|---|---|---|"]
    for name, old in before.items():
        if name in now:
            lines.append(f"| {name} | {old:,} | {now[name]:,} | {two(old / now[name])} |")
    return "\n".join(lines)


def counted(reached: list[bool]) -> str:
    """How many of several goals are reached."""
    return "yes" if all(reached) else f"**{sum(reached)} of {len(reached)}**"


def goals_table(measured: dict[str, Found]) -> str:
    """Row by row what the project wants to reach."""
    asked = "if not: why, and what was tried; what moves from run to run"
    lines = [f"| | reached | {asked} |", "|---|---|---|"]
    for line in ROWS:
        found = [
            (goal, row)
            for goal in line.goals
            for row in measured.get(goal.of, {"rows": []})["rows"]
            if goal.is_of(goal.of, row)
        ]
        judged = [goal.is_reached(row) for goal, row in found]
        stretched = [goal.is_stretched(row) for goal, row in found if goal.stretch is not None]
        reached = counted(judged) if judged else "not measured"
        if stretched:
            reached += f"; stretch: {counted(stretched)}"
        why = "" if all([*judged, *stretched]) else line.why
        told = ". ".join(text for text in (why, line.moves) if text)
        lines.append(f"| {line.what} | {reached} | {told} |")
    return "\n".join(lines)


# A virtual machine tells only the processor's line; which it is, its family and model tell.
GENERATIONS = {("AMD", 25, 1): "Zen 3"}


def processor() -> str:
    """The name of the processor, with its family and model."""
    first = Path("/proc/cpuinfo").read_text().split("\n\n")[0]
    pairs = (line.split(":", 1) for line in first.splitlines() if ":" in line)
    told = {name.strip(): value.strip() for name, value in pairs}
    if "model name" not in told:
        return "an unknown processor"
    family, model = int(told["cpu family"]), int(told["model"])
    generation = GENERATIONS.get((told["model name"].split()[0], family, model))
    known = f"family {family}, model {model}" + (f": {generation}" if generation else "")
    return f"{told['model name']} ({known}), {os.cpu_count()} processors"


def section(kind: str, title: str, found: Found) -> str:
    """What was measured, where, when and how."""
    versions = [f"{peer} {version}" for peer, version in found.get("versions", {}).items()]
    peers = f"{', '.join(versions)}.\n" if versions else ""
    head = (
        f"## {title}\n\n{found['runtime']} on {found['processor']}, {found['day']}, at a load of "
        f"{found['load']:.1f}. Medians, the least in brackets; what has none is a difference of "
        "lower quartiles. A goal in bold is not reached.\n"
        f"{peers}"
    )
    if kind == "growth":
        looked_up = f"\n{plans(found)}\n" if "plans" in found else ""
        told = "the time with more accounts, relative to the fewest"
        picture = f"![{told}](benchmarks/growth.svg)\n\n{ABOUT_GROWTH_CHART}"
        read = f"\n{from_disk(found)}\n" if "from_disk" in found else ""
        return f"{head}\n{ABOUT_GROWTH}\n{growth_table(found)}\n{read}\n{picture}{looked_up}"
    if kind == "before":
        return f"{head}\n{ABOUT_BEFORE}\n{before_table(found)}\n"
    picture = f"![how many times as long the fastest peer takes](benchmarks/{kind}.svg)\n"
    about = {"native": f"{ABOUT_NATIVE}\n", "worker": f"{ABOUT_WORKER}\n"}.get(kind, "")
    more = {
        "native": lambda: (
            f"\n{threads(found)}\n\n{table('bytes', {'rows': found['bytes']})}\n"
            if "bytes" in found
            else ""
        ),
        "worker": lambda: f"\n{size_table(found['size'])}\n",
    }.get(kind, str)()
    return f"{head}\n{about}{table(kind, found)}\n\n{picture}{more}"


def write(page: Path, measurements: Path) -> None:
    """Writes the page from the last measurements of each kind."""
    titles = {
        "native": "Python",
        "wasm": "JavaScript",
        "worker": "The Worker",
        "growth": "Growth",
        "before": "The Worker, before the work on speed and now",
    }
    files = {kind: measurements / f"{kind}.json" for kind in titles}
    measured = {kind: json.loads(file.read_text()) for kind, file in files.items() if file.exists()}
    if "worker" in measured:
        sizes = measured["worker"]["sizes"].items()
        rows = [
            {"task": part, "medians": {"authcore": size["gzip"]}, "raw": size["raw"]}
            for part, size in sizes
        ]
        measured["size"] = measured["worker"]["size"] = {"rows": rows}
    if "native" in measured:
        measured["bytes"] = {"rows": measured["native"].get("bytes", [])}
    charts = page.parent / page.stem
    charts.mkdir(exist_ok=True)
    parts = [INTRODUCTION, f"## Goals\n\n{goals_table(measured)}\n"]
    for kind, title in titles.items():
        if kind not in measured:
            continue
        day = datetime.fromtimestamp(files[kind].stat().st_mtime, UTC)
        found = {"day": f"{day:%Y-%m-%d}", "processor": processor(), **measured[kind]}
        if kind in ("native", "wasm", "worker"):
            (charts / f"{kind}.svg").write_text(chart(found))
        if kind == "growth":
            (charts / f"{kind}.svg").write_text(growth_chart(found))
        parts.append(section(kind, title, found))
    parts.append(f"{ABOUT_INSTRUCTIONS}\n{instructions_table()}\n")
    page.write_text("\n".join(parts))
    print(f"wrote {page}")
