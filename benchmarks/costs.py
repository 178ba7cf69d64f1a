"""What one pays besides the time of a step: the first one, whole trainings, chains, memory, import, size."""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from .cases import CHAIN_FACTOR, CHAINS
from .client import Worker
from .environments import DISTRIBUTION, IMPORTS, Unavailable, python, variables
from .peers import Peer

STEPS = 10  # in which the peak of memory is looked for


def chains(peers: Iterable[Peer], threads: int, rounds: int) -> dict[str, Any]:
    """Nanoseconds a node, forward and backward, for each length: the best of the rounds. Or why a peer gave up."""
    found: dict[str, Any] = {}
    for peer in peers:
        for nodes in CHAINS:
            try:
                with Worker(peer, threads) as worker:  # a chain that overflows the stack ends its process
                    answers = [worker.ask("chain", work=peer.chain, nodes=nodes) for _ in range(rounds)]
                exact = CHAIN_FACTOR**nodes
                if any(abs(answer["gradient"] / exact - 1) > 1e-6 for answer in answers):
                    raise Unavailable(f"its derivative is {answers[0]['gradient']}, and {exact} is right")
                best = {way: min(answer[way] for answer in answers) / nodes * 1e9 for way in ("forward", "backward")}
                found.setdefault(peer.key, {})[str(nodes)] = best
            except Unavailable as reason:
                found.setdefault(peer.key, {})[str(nodes)] = {"skipped": str(reason)}
                print(f"  {peer.label}, {nodes} nodes: skipped. {reason}", flush=True)
                break  # the longer ones fail, too
    return found


def first(case: str, peers: Iterable[Peer], threads: int) -> dict[str, Any]:
    """Seconds of the import and of the first step of each peer, in a new process that finds nothing compiled."""
    found: dict[str, Any] = {}
    for peer in peers:
        try:
            with tempfile.TemporaryDirectory() as empty, Worker(peer, threads, Path(empty)) as worker:
                found[peer.key] = worker.ask("first", work=peer.model, case=case)
        except Unavailable as reason:
            print(f"  {peer.label}: skipped. {reason}", flush=True)
    return found


def trainings(name: str, peers: Iterable[Peer], threads: int, rounds: int) -> dict[str, Any]:
    """Seconds of a whole training by each peer, round by round, each time in a new process; and the last losses."""
    seconds: dict[str, list[float]] = {}
    losses: dict[str, list[float]] = {}
    left = list(peers)
    for _ in range(rounds):
        for peer in list(left):
            try:
                with Worker(peer, threads) as worker:
                    answer = worker.ask("whole", work=peer.whole, case=name)
            except Unavailable as reason:
                print(f"  {peer.label}: skipped. {reason}", flush=True)
                left.remove(peer)
                continue
            seconds.setdefault(peer.key, []).append(answer["seconds"])
            losses.setdefault(peer.key, []).append(answer["loss"])
    return {"seconds": seconds, "losses": losses}


def memory(work: str, case: int | str, peers: Iterable[Peer], threads: int, steps: int = STEPS) -> dict[str, Any]:
    """Bytes of each process before the first step, and at its highest in the first steps."""
    found: dict[str, Any] = {}
    for peer in peers:
        try:
            with Worker(peer, threads) as worker:
                found[peer.key] = worker.ask("memory", work=getattr(peer, work), case=case, steps=steps)
        except Unavailable as reason:
            print(f"  {peer.label}: skipped. {reason}", flush=True)
    return found


def imports(environments: Iterable[str], threads: int, rounds: int) -> dict[str, list[float]]:
    """Milliseconds that the import of each library, and of NumPy, takes in a fresh process, round by round."""
    found: dict[str, list[float]] = {}
    commands = {name: import_command(name, IMPORTS.get(name, name)) for name in environments}
    commands["numpy"] = import_command("chainrule", "numpy")
    for _ in range(rounds + 1):
        for name, command in commands.items():
            done = subprocess.run(command, env=variables(threads), capture_output=True, text=True, check=True)
            found.setdefault(name, []).append(float(done.stdout) * 1e3)
    return {name: times[1:] for name, times in found.items()}  # the first one compiles and reads the disk


def import_command(environment: str, modules: str) -> list[str]:
    """The command that prints how many seconds the import took."""
    timed = f"import time; t = time.perf_counter(); import {modules}; print(time.perf_counter() - t)"
    return [str(python(environment)), "-I", "-c", timed]


def sizes(environments: dict[str, Peer], threads: int) -> dict[str, dict[str, int]]:
    """Bytes of each library itself, and together with all that it needs."""
    found: dict[str, dict[str, int]] = {}
    for name, peer in environments.items():
        with Worker(peer, threads) as worker:
            by_distribution = worker.ask("size")
        del by_distribution["threadpoolctl"]
        own = by_distribution[DISTRIBUTION.get(name, name)]
        found[name] = {"own": own, "all": sum(by_distribution.values())}
    return found
