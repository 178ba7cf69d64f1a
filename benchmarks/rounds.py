"""The peers take turns at one case. A peer that computes something else is refused, and so is one that fails."""

from __future__ import annotations

import random
from collections.abc import Iterable
from contextlib import ExitStack
from typing import Any

from .client import Worker
from .environments import Unavailable
from .peers import REFERENCE, Peer
from .ratios import agree
from .worker import STEPS

TURN = 0.05  # seconds that a turn takes at least

# How far losses may be from those of the reference, relatively: networks are in float32, the others in float64.
TOLERANCES = {"training": 1e-4, "model": 1e-3, "scalar": 1e-9, "rows": 1e-9}


def compare(
    work: str, case: int | str | None, peers: Iterable[Peer], threads: int, rounds: int, first: int = STEPS
) -> dict[str, Any]:
    """Times of every peer in every round, in microseconds a step; why others are missing; what each loaded.

    `work` is the field of Peer that names the function, `case` the number or the key of the case, and `first` how many
    steps are compared.
    """
    reference = REFERENCE[work]
    skipped: dict[str, str] = {}
    about: dict[str, Any] = {}
    losses: dict[str, list[float]] = {}
    with ExitStack() as stack:
        workers: dict[str, Worker] = {}
        for peer in sorted(peers, key=lambda peer: peer.key != reference):
            try:
                worker = stack.enter_context(Worker(peer, threads))
                losses[peer.key] = worker.ask("build", work=getattr(peer, work), case=case, steps=first)["losses"]
                check(losses[peer.key], losses.get(reference), TOLERANCES[work])
                if peer.settles:
                    worker.ask("settle", seconds=peer.settles)
                about[peer.key] = worker.ask("about")
                workers[peer.key] = worker
            except Unavailable as reason:
                skipped[peer.key] = str(reason)
                print(f"  {peer.label}: skipped. {reason}", flush=True)
        times, unrest = take_turns(workers, rounds)
    return {"microseconds": times, "unrest": unrest, "losses": losses, "skipped": skipped, "about": about}


def check(losses: list[float], reference: list[float] | None, tolerance: float) -> None:
    """Refuse losses that are not those of the reference."""
    if reference is None:
        raise Unavailable("there is nothing to compare it with: the reference did not run")
    if not agree(losses, reference, tolerance):
        last = f"in step {len(losses)} its loss is {losses[-1]:.9g}, not {reference[-1]:.9g}"
        raise Unavailable(f"it computes something else: {last}")


def take_turns(workers: dict[str, Worker], rounds: int) -> tuple[dict[str, list[float]], dict[str, float]]:
    """Microseconds a step, and the CPU seconds that each worker used while others were at work."""
    steps = {key: enough_steps(worker) for key, worker in workers.items()}
    times: dict[str, list[float]] = {key: [] for key in workers}
    unrest = dict.fromkeys(workers, 0.0)
    order = list(workers)
    shuffle = random.Random(0).shuffle
    for _ in range(rounds):
        shuffle(order)  # no peer always comes after the same one
        for key in order:
            answer = workers[key].ask("run", steps=steps[key])
            times[key].append(answer["seconds"] / steps[key] * 1e6)
            unrest[key] += answer["unrest"]
    return times, unrest


def enough_steps(worker: Worker) -> int:
    """How many steps fill a turn."""
    steps = 1
    seconds: float
    while (seconds := worker.ask("run", steps=steps)["seconds"]) < TURN / 5:
        steps *= 4
    return max(1, round(steps * TURN / seconds))
