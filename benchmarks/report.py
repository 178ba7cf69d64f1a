"""The tables: the results as Markdown, and the places in README and docs that show them."""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from .environments import DISTRIBUTION, IMPORTS
from .goals import Results, outcomes
from .peers import PEERS, REFERENCE
from .ratios import Ratio, ratio

BEGIN, END = "<!-- benchmarks: written by make bench -->", "<!-- benchmarks: end -->"


HAND = PEERS["hand"].label


def summary(results: Results, docs: str = "docs/") -> str:
    """What README shows: whole trainings, the picture, and the ratio of each peer to the step by hand in each case."""
    cases = results["training"]
    rows = [[f"**{HAND}**", *(f"{middle(case, 'hand')} µs" for case in cases.values())]]
    rows += [
        [PEERS[key].label, *(f"{r.median:.2f}" if (r := to_hand(case, key)) else "" for case in cases.values())]
        for key in present(cases.values())
        if key != "hand"
    ]
    run = results["run"]
    return "\n\n".join([
        *([whole(results)] if results["whole"] else []),
        picture(docs),
        table(["one training step", *cases], rows),
        f"The first row is a time, the others are times over it: medians of {run['rounds']} rounds on {run['cpu']}, "
        f"with {counted(run['threads'], 'thread')}; whole trainings have one. "
        f"[How it is measured, and the rest]({docs}benchmarks.md).",
    ])  # fmt: skip


def picture(docs: str) -> str:
    """The plot, as pages show it."""
    return f"![Time of a training step over that of {HAND}, for each library]({docs}benchmarks.svg)"


def full(results: Results) -> str:
    """What docs/benchmarks.md shows: everything."""
    sections = [
        ("Whole trainings", whole(results)),
        ("Goals", goals(results)),
        ("A training step", training(results)),
        ("Layers and functions", models(results)),
        ("Rows in blocks", models(results, "rows")),
        ("The first result", first(results)),
        ("A network of scalars", scalar(results)),
        ("Chains", chains(results)),
        ("Memory", memory(results)),
        ("Import, size", costs(results)),
        ("Where and with what", setting(results)),
    ]
    return "\n\n".join(f"### {title}\n\n{text}" for title, text in sections if text)


def whole(results: Results) -> str:
    """Seconds of whole trainings, and their ratio to the loop in PyTorch."""
    cases = results["whole"]
    if not cases:
        return ""
    keys = [key for key in PEERS if any(key in case["seconds"] for case in cases.values())]
    rows = [[PEERS[key].label, *(seconds(case["seconds"], key) for case in cases.values())] for key in keys]
    return table(["seconds of a whole training, and over PyTorch's", *cases], rows)


def seconds(times: dict[str, list[float]], key: str) -> str:
    """The median, and the ratio to the reference with its quartiles."""
    if key not in times:
        return ""
    other = times.get(REFERENCE["whole"], [])
    paired = key != REFERENCE["whole"] and len(other) == len(times[key])
    shown = readable(statistics.median(times[key]))
    return f"{shown}: {spread(ratio(times[key], other))}" if paired else shown


def models(results: Results, part: str = "model") -> str:
    """Times of networks and functions as people use them, or of rows in blocks, and their ratios to the reference's."""
    cases = results[part]
    if not cases:
        return ""
    keys, reference = present(cases.values()), REFERENCE[part]
    rows = []
    for name, case in cases.items():
        times = case["microseconds"]
        over = [spread(ratio(times[key], times[reference])) if key in times else "" for key in keys if key != reference]
        rows.append([name, middle(case, reference), *over])
    head = ["one step", f"{PEERS[reference].label}, µs", *(PEERS[key].label for key in keys if key != reference)]
    why = "\n".join(
        f"* {PEERS[key].label} is missing at {name}: {reason}"
        for name, case in cases.items()
        for key, reason in case["skipped"].items()
    )
    return "\n\n".join(
        [f"{THREADS[part]} Over {PEERS[reference].label}, with the quartiles of the rounds:", table(head, rows), why]
    ).strip()


THREADS = {"model": "One thread.", "rows": "A thread of Dask's for each core, and one of BLAS."}


def first(results: Results) -> str:
    """Seconds until there is a number: the import, then the first step with all that is traced and compiled for it."""
    cases = results["first"]
    if not cases:
        return ""
    keys = [key for key in PEERS if any(key in case for case in cases.values())]
    rows = [[PEERS[key].label, *(waiting(case.get(key)) for case in cases.values())] for key in keys]
    return table(["seconds: import + first step", *cases], rows)


def waiting(found: dict[str, float] | None) -> str:
    """Both parts in one cell."""
    return "" if found is None else f"{found['import']:.2f} + {found['first']:.2f}"


def goals(results: Results) -> str:
    """Each goal, reached or not."""
    rows = [
        [o.goal, o.case, f"{o.limit:g}", "" if o.measured is None else f"{o.measured:.3g}", o.verdict]
        for o in outcomes(results)
    ]
    return table(["ratio", "case", "at most", "measured", ""], rows)


def training(results: Results) -> str:
    """Times and ratios in all cases."""
    cases = results["training"]
    if not cases:
        return ""
    keys = present(cases.values())
    times = [[PEERS[key].label, *(middle(case, key) for case in cases.values())] for key in keys]
    ratios = [[PEERS[key].label, *(spread(to_hand(case, key)) for case in cases.values())] for key in keys]
    parts = [picture(""), "Microseconds:", table(["", *cases], times)]
    parts += ["Over NumPy by hand, with the quartiles of the rounds:", table(["", *cases], ratios), missing(results)]
    return "\n\n".join(parts).strip()


def scalar(results: Results) -> str:
    """Times of the scalar network."""
    found = results["scalar"]
    if not found:
        return ""
    times = found["microseconds"]
    base = times.get("micrograd")
    rows = [[PEERS[key].label, middle(found, key), spread(base and ratio(times[key], base))] for key in times]
    return table([found["case"], "microseconds a step", "over micrograd"], rows)


def chains(results: Results) -> str:
    """Nanoseconds a node."""
    found = results["chains"]
    if not found:
        return ""
    lengths = list(dict.fromkeys(nodes for lines in found.values() for nodes in lines))
    rows = [[PEERS[key].label, *(node_cost(lines.get(nodes)) for nodes in lengths)] for key, lines in found.items()]
    return table(["ns a node, forward + backward", *(f"{int(nodes):,} nodes" for nodes in lengths)], rows)


def node_cost(cost: dict[str, Any] | None) -> str:
    """Forward and backward in one cell, or the error that ended it."""
    if cost is None:
        return ""
    if "skipped" in cost:
        return str(cost["skipped"]).partition(":")[0]
    return f"{cost['forward']:.0f} + {cost['backward']:.0f}"


def memory(results: Results) -> str:
    """Memory by peer and case."""
    cases = results["memory"]
    if not cases:
        return ""
    keys = [key for key in PEERS if any(key in case for case in cases.values())]
    rows = [[PEERS[key].label, *(used(case.get(key)) for case in cases.values())] for key in keys]
    return table(["MB before the first step + more in the first steps", *cases], rows)


def used(found: dict[str, int] | None) -> str:
    """Both parts in one cell."""
    return "" if found is None else f"{megabytes(found['before'])} + {megabytes(found['peak'] - found['before'])}"


def costs(results: Results) -> str:
    """Import time and size by library."""
    times, sizes = results["import"], results["size"]
    paid = []
    for name in dict.fromkeys([*sizes, *times]):
        took = readable(statistics.median(times[name])) if name in times else ""
        bytes_of = [readable(sizes[name][which] / 1e6) if name in sizes else "" for which in ("own", "all")]
        paid.append([DISTRIBUTION.get(name, name), f"`import {IMPORTS.get(name, name)}`", took, *bytes_of])
    return table(["library", "import", "ms", "MB on disk", "MB with what it needs"], paid) if paid else ""


def setting(results: Results) -> str:
    """The machine and the versions."""
    run = results["run"]
    rows = []
    for key, about in results["about"].items():
        name = PEERS[key].environment
        version = about["versions"].get(DISTRIBUTION.get(name, name), "")
        numpy = about["versions"].get("numpy", "")
        pools = ", ".join(map(pool_text, about["pools"]))
        rows.append([PEERS[key].label, version, numpy, pools, str(about["threads"]), f"{about['unrest']:.1%}"])
    return "\n\n".join([
        f"{run['date']}, {run['cpu']}, {counted(run['cores'], 'core')}, {run['system']}, Python {run['python']}, "
        f"commit {run['commit']}; {counted(run['threads'], 'thread')} for each, {counted(run['rounds'], 'round')}; "
        f"load average of the machine at the start {run['load'][0]:.2f}.",
        table(["", "version", "NumPy", "thread pools", "threads in the process", "CPU while asleep"], rows),
    ])  # fmt: skip


def pool_text(pool: dict[str, Any]) -> str:
    """A pool of threads as threadpoolctl tells of it: "openblas 0.3.31 SkylakeX x 2"."""
    known = [str(pool[part]) for part in ("internal_api", "version", "architecture") if pool[part]]
    return f"{' '.join(known)} x {pool['num_threads']}"


def missing(results: Results) -> str:
    """Who did not take part, and why."""
    cases = [*results["training"].values(), results["scalar"]]
    reasons = {(key, why): None for case in cases for key, why in case.get("skipped", {}).items()}
    return "\n".join(f"* {PEERS[key].label} is missing: {why}" for key, why in reasons)


# --- cells --------------------------------------------------------------------------------------------------------


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |" for line in lines)


def readable(number: float) -> str:
    """Three digits that count, without an exponent."""
    rounded = float(f"{number:.3g}")
    digits = max(0, 2 - math.floor(math.log10(rounded))) if rounded > 0 else 0
    return f"{rounded:,.{digits}f}"


def counted(number: int, thing: str) -> str:
    """A number with its noun: 1 core, 2 cores."""
    return f"{number} {thing}" + "s" * (number != 1)


def megabytes(size: float) -> str:
    """Bytes as megabytes, to one tenth."""
    return f"{size / 1e6:,.1f}"


def middle(case: dict[str, Any], key: str) -> str:
    """The median of a peer's times in a case, in microseconds."""
    times = case["microseconds"].get(key)
    return readable(statistics.median(times)) if times else ""


def to_hand(case: dict[str, Any], key: str) -> Ratio | None:
    """A peer's ratio to the step by hand, if both ran."""
    times = case["microseconds"]
    return ratio(times[key], times["hand"]) if {key, "hand"} <= times.keys() else None


def spread(found: Ratio | None) -> str:
    """A ratio with its quartiles."""
    return "" if found is None else f"**{readable(found.median)}** ({readable(found.low)} to {readable(found.high)})"


def present(cases: Iterable[dict[str, Any]]) -> list[str]:
    """The peers that ran in one of the cases, in the order of PEERS."""
    ran = {key for case in cases for key in case["microseconds"]}
    return [key for key in PEERS if key in ran]


# --- where it stands ----------------------------------------------------------------------------------------------


def insert(page: Path, text: str) -> None:
    """Put the text between the two marks of a page, in place of what stood there."""
    old = page.read_text(encoding="utf-8")
    if old.count(BEGIN) != 1 or old.count(END) != 1 or old.index(BEGIN) > old.index(END):
        raise ValueError(f"{page} needs the lines {BEGIN} and {END}, once each and in this order")
    before, rest = old.split(BEGIN)
    page.write_text(f"{before}{BEGIN}\n\n{text}\n\n{END}{rest.split(END)[1]}", encoding="utf-8")
