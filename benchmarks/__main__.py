"""Run the benchmarks: `python -m benchmarks --help`."""

from __future__ import annotations

import argparse
import datetime
import json
import os
import platform
import subprocess
from pathlib import Path
from typing import Any

from . import costs, plot, report
from .cases import CASES, SCALAR
from .client import Worker
from .environments import OUT, ROOT, Unavailable, python
from .goals import Results
from .models import MODELS
from .peers import IN_BLOCKS, OURS, PEERS, REFERENCE, Peer
from .rounds import compare
from .rows import FLEETING, MEASURED, ROWS
from .sets import TRAININGS

ALONE = 1  # the threads of a model and of a whole training: the other cores stay the user's
BUSY = 0.5  # load average above which times mean little
PARTS = ("whole", "training", "model", "rows", "first", "scalar", "chains", "memory", "import", "size")
WAITED_FOR = ("norm", "lstm", "block")  # the models whose first step is timed
REMEMBERED = ("conv", "lstm", "block", "norm")  # and those whose memory is looked at
PLAIN = Peer("chainrule", "chainrule", "chainrule")  # without extras, to tell what the import and the disk pay


def arguments() -> argparse.Namespace:
    """What the command line says."""
    listed = "; ".join(f"{i}: {case.name}" for i, case in enumerate(CASES))
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="chainrule and its peers, side by side.")
    parser.add_argument("--cases", type=numbers, default=range(len(CASES)), help=f"which cases, as 0,1 ({listed})")
    parser.add_argument("--peers", type=names, default=list(PEERS), help=f"which peers ({', '.join(PEERS)})")
    parser.add_argument("--parts", type=names, default=PARTS, help=f"which parts ({', '.join(PARTS)})")
    parser.add_argument("--rounds", type=int, default=30, help="rounds of turns in each case")
    parser.add_argument("--quick", action="store_true", help="5 rounds, for a trial")
    parser.add_argument("--threads", type=int, default=cores(), help="threads of every worker")
    parser.add_argument("--write", action="store_true", help="put the tables and the plot into README and docs")
    chosen = parser.parse_args()
    chosen.rounds = 5 if chosen.quick else chosen.rounds
    for kind, given, known in (("peer", chosen.peers, PEERS), ("part", chosen.parts, PARTS)):
        if unknown := [name for name in given if name not in known]:
            parser.error(f"there is no {kind} {', '.join(unknown)}: choose of {', '.join(known)}")
    if not all(0 <= i < len(CASES) for i in chosen.cases):
        parser.error(f"cases are numbered from 0 to {len(CASES) - 1}")
    if chosen.rounds < 1 or not 1 <= chosen.threads <= cores():
        parser.error(f"it takes at least 1 round, and 1 to {cores()} threads")
    return chosen


def numbers(text: str) -> list[int]:
    """The numbers in "0,1"."""
    return [int(part) for part in text.split(",")]


def names(text: str) -> list[str]:
    """The names in "hand,torch"."""
    return text.split(",")


def cores() -> int:
    """The cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def installed(keys: list[str]) -> tuple[list[Peer], dict[str, str]]:
    """The peers whose environment is there or could be made, in the order of PEERS; why the others are missing."""
    python(PLAIN.environment)
    peers: list[Peer] = []
    missing: dict[str, str] = {}
    for key, peer in PEERS.items():
        if key in keys or key in REFERENCE.values():
            try:
                python(peer.environment)
                peers.append(peer)
            except Unavailable as reason:
                missing[key] = str(reason)
                print(f"{peer.label}: skipped. {reason}", flush=True)
    return peers, missing


def measure(chosen: argparse.Namespace) -> Results:
    """All parts that were chosen."""
    peers, missing = installed(chosen.peers)
    parts, threads, rounds = chosen.parts, chosen.threads, chosen.rounds
    results: Results = {"run": setting(chosen), "about": {}, "whole": {}, "training": {}, "model": {}, "first": {}}
    results |= {"rows": {}, "scalar": {}, "chains": {}, "memory": {}, "import": {}, "size": {}}
    trained, modelled = [peer for peer in peers if peer.training], [peer for peer in peers if peer.model]
    if "whole" in parts and have_sets(threads):
        for name, (title, *_) in TRAININGS.items():
            print(title, flush=True)
            able = [peer for peer in peers if peer.whole and (name == "digits" or peer.key != "sklearn")]
            results["whole"][title] = costs.trainings(name, able, ALONE, min(rounds, 7))
    if "training" in parts:
        for i in chosen.cases:
            print(CASES[i].name, flush=True)
            results["training"][CASES[i].name] = case = compare("training", i, trained, threads, rounds)
            case["skipped"] |= missing
            collect(results, case, rounds)
    if "model" in parts:
        for key, model in MODELS.items():
            print(model.name, flush=True)
            results["model"][model.name] = case = compare("model", key, modelled, ALONE, min(rounds, 15))
            collect(results, case, rounds)
    of_rows = [peer for peer in peers if peer.rows]
    if "rows" in parts:
        for key in MEASURED:
            print(ROWS[key].name, flush=True)
            turns, first = (min(rounds, 3), 1) if ROWS[key].newton else (min(rounds, 15), 5)
            results["rows"][ROWS[key].name] = case = compare("rows", key, of_rows, ALONE, turns, first)
            collect(results, case, rounds)
    if "first" in parts:
        for key in WAITED_FOR:
            print(f"the first step of {MODELS[key].name}", flush=True)
            results["first"][MODELS[key].name] = costs.first(key, modelled, ALONE)
    if "scalar" in parts:
        print(SCALAR.name, flush=True)
        scalar = [peer for peer in peers if peer.scalar]
        results["scalar"] = {"case": SCALAR.name, **compare("scalar", None, scalar, threads, rounds)}
        collect(results, results["scalar"], rounds)
    if "chains" in parts:
        print("chains", flush=True)
        results["chains"] = costs.chains([peer for peer in peers if peer.chain], threads, rounds=5)
    if "memory" in parts and Path("/proc/self/clear_refs").exists():
        print("memory", flush=True)
        largest = max(chosen.cases)
        results["memory"][CASES[largest].name] = costs.memory("training", largest, trained, threads)
        for key in REMEMBERED:
            results["memory"][MODELS[key].name] = costs.memory("model", key, modelled, ALONE)
        for rows in (FLEETING[0], FLEETING[1 if chosen.quick else -1]):
            print(rows.name, flush=True)
            results["memory"][rows.name] = costs.memory("rows", rows.key, of_rows, ALONE, steps=1)
    libraries = {peer.environment: peer for peer in (PLAIN, *peers) if peer.environment not in (OURS, IN_BLOCKS)}
    if "import" in parts:
        print("import", flush=True)
        results["import"] = costs.imports(libraries, threads, min(rounds, 15))
    if "size" in parts:
        print("size", flush=True)
        results["size"] = costs.sizes(libraries, threads)
    return results


def have_sets(threads: int) -> bool:
    """Whether what whole trainings learn from could be written."""
    try:
        with Worker(PEERS["sklearn"], threads) as worker:
            worker.ask("sets")
    except Unavailable as reason:
        print(f"whole trainings: skipped. {reason}", flush=True)
        return False
    return True


def collect(results: Results, case: dict[str, Any], rounds: int) -> None:
    """Keep what the last case told of each peer's process, and its highest share of CPU while it should have slept."""
    elapsed = sum(map(sum, case["microseconds"].values()))
    for key, about in case.pop("about").items():
        before = results["about"].get(key, {}).get("unrest", 0.0)
        results["about"][key] = about | {"unrest": max(before, case["unrest"][key] / elapsed if elapsed else 0.0)}


def setting(chosen: argparse.Namespace) -> dict[str, Any]:
    """The machine and the run."""
    command = ["git", "describe", "--always", "--dirty"]
    git = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    return {
        "date": datetime.date.today().isoformat(),
        "commit": git.stdout.strip() or "unknown",
        "cpu": cpu(),
        "cores": os.cpu_count(),
        "system": platform.system(),
        "python": platform.python_version(),
        "threads": chosen.threads,
        "rounds": chosen.rounds,
        "load": os.getloadavg() if hasattr(os, "getloadavg") else (0.0, 0.0, 0.0),
    }


def cpu() -> str:
    """The name of the processor."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text(encoding="utf-8").splitlines() if info.exists() else []
    return next((line.split(": ", 1)[1] for line in lines if line.startswith("model name")), platform.processor())


def main() -> None:
    """Measure, and write it down."""
    chosen = arguments()
    if hasattr(os, "sched_setaffinity"):  # XLA counts the cores that it may use: the workers inherit this
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[: chosen.threads])
    OUT.mkdir(parents=True, exist_ok=True)
    if hasattr(os, "getloadavg") and os.getloadavg()[0] > BUSY:
        print("this machine is busy with something else: take what follows for a trial", flush=True)
    results = measure(chosen)
    (OUT / "results.json").write_text(json.dumps(results, indent=1), encoding="utf-8")
    tables = report.full(results)
    (OUT / "results.md").write_text(tables + "\n", encoding="utf-8")
    print(f"\n{tables}\n\nout/bench/results.json, results.md", end="")
    if results["training"]:
        plot.save(results, OUT / "benchmarks.svg")
        print(", benchmarks.svg", end="")
    print()
    if chosen.write:
        plot.save(results, ROOT / "docs" / "benchmarks.svg")
        report.insert(ROOT / "docs" / "benchmarks.md", report.full(results))
        report.insert(ROOT / "README.md", report.summary(results))
        print("README.md, docs/benchmarks.md, docs/benchmarks.svg")


if __name__ == "__main__":
    main()
