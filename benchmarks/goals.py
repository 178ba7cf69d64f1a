"""What has to be reached, and whether it was."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from .cases import CASES
from .ratios import ratio

Results = dict[str, Any]


@dataclass(frozen=True)
class Goal:
    """`ours` over `theirs` at most `limits`, one for each case. Of several that are ours the fastest counts."""

    text: str
    part: str  # of the results: "training", "scalar" or "import"
    ours: tuple[str, ...]
    theirs: str
    limits: tuple[float, ...]


GOALS = (
    Goal("eager / NumPy by hand", "training", ("eager",), "hand", (2.3, 1.3, 1.6, 1.12, 1.08)),
    Goal("eager / PyTorch eager", "training", ("eager",), "torch", (0.5, 0.9, 0.8, 1.15, 1.3)),
    Goal("compiled (NumPy) / NumPy by hand", "training", ("compiled",), "hand", (0.95,) * 5),
    Goal("compiled (best) / JAX jit", "training", ("compiled", "numba"), "jax", (0.2, 0.95, 0.7, 1.0, 1.3)),
    Goal("Value / micrograd", "scalar", ("value",), "micrograd", (0.17,)),
    Goal("Value compiled / micrograd", "scalar", ("value-compiled",), "micrograd", (0.01,)),
    Goal("import autograd, nn / import torch", "import", ("chainrule",), "torch", (0.1,)),
)


@dataclass(frozen=True)
class Outcome:
    """A goal in one case. `measured` is None if one of the two did not run."""

    goal: str
    case: str
    limit: float
    measured: float | None

    @property
    def verdict(self) -> str:
        """Reached, not reached, or not measured."""
        if self.measured is None:
            return "not measured"
        return "reached" if self.measured <= self.limit else "NOT reached"


def outcomes(results: Results) -> list[Outcome]:
    """Every goal in every case, as these results have it."""
    found = []
    for goal in GOALS:
        for i, limit in enumerate(goal.limits):
            if goal.part == "training":
                case, times = CASES[i].name, results["training"].get(CASES[i].name, {}).get("microseconds", {})
            elif goal.part == "scalar":
                case, times = "", results["scalar"].get("microseconds", {})
            else:
                case, times = "", results["import"]
            found.append(Outcome(goal.text, case, limit, fastest(times, goal)))
    return found


def fastest(times: dict[str, list[float]], goal: Goal) -> float | None:
    """The lowest ratio of what is ours to what is theirs."""
    if goal.theirs not in times:
        return None
    return min((ratio(times[key], times[goal.theirs]).median for key in goal.ours if key in times), default=None)
