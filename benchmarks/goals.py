"""What has to be reached, and whether it was."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from .cases import CASES
from .models import MODELS
from .ratios import ratio
from .rows import FLEETING, MEASURED, ROWS

Results = dict[str, Any]


@dataclass(frozen=True)
class Goal:
    """`ours` over `theirs` at most `limits`, one for each case."""

    text: str
    part: str  # of the results: "training", "model", "rows", "scalar" or "import"
    ours: str
    theirs: str
    limits: tuple[float | None, ...]  # None where there is no goal


GOALS = (
    Goal("eager / NumPy by hand", "training", "eager", "hand", (2.3, 1.3, 1.6, 1.12, 1.08)),
    Goal("eager / PyTorch eager", "training", "eager", "torch", (0.5, 0.9, 0.8, 1.15, 1.3)),
    Goal("compiled / NumPy by hand", "training", "compiled", "hand", (0.95,) * 5),
    Goal("compiled / JAX jit", "training", "compiled", "jax", (0.2, 0.95, 0.7, 1.0, 1.3)),
    Goal("eager / PyTorch eager", "model", "eager", "torch", (0.7, 2.5, 2.0, 1.1, 1.2, 1.3, 1.0, 0.6, 0.3)),
    Goal("compiled / PyTorch eager", "model", "compiled", "torch", (0.7, 1.4, 1.3, 0.95, 0.9, 1.1, 0.02, 0.1, 0.05)),
    Goal("compiled / JAX jit", "model", "compiled", "jax", (0.9, 1.2, 1.5, 1.0, 1.2, 1.2, 5.0, 0.5, 2.0)),
    Goal("chainrule on Dask's arrays / Dask by hand", "rows", "expressions", "dask", (1.2, None)),
    Goal("sum_over_blocks, compiled / Dask by hand", "rows", "blocks-compiled", "dask", (0.6, 1.2)),
    Goal("sum_over_blocks, compiled / dask-glm", "rows", "blocks-compiled", "dask-glm", (0.7, 1.2)),
    Goal("Value / micrograd", "scalar", "value", "micrograd", (0.17,)),
    Goal("Value compiled / micrograd", "scalar", "value-compiled", "micrograd", (0.01,)),
    Goal("import autograd, nn / import torch", "import", "chainrule", "torch", (0.1,)),
)


GROWTH = "peak memory, the most rows made when they are read / 1,000,000"
MEMORY = {"expressions": "chainrule on Dask's arrays", "blocks-compiled": "sum_over_blocks, compiled"}


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
        for case, limit in zip(names(goal.part), goal.limits, strict=True):
            if limit is None:
                continue
            part = results.get(goal.part, {})
            times = part if goal.part == "import" else (part.get(case, {}) if case else part).get("microseconds", {})
            found.append(Outcome(goal.text, case, limit, measured(times, goal)))
    return found + [Outcome(GROWTH, MEMORY[key], 1.1, grown(results.get("memory", {}), key)) for key in MEMORY]


def grown(memory: dict[str, Any], key: str) -> float | None:
    """The peak of memory at the most rows over that at the fewest, if both were measured."""
    peaks = [memory[case.name][key]["peak"] for case in FLEETING if key in memory.get(case.name, {})]
    return peaks[-1] / peaks[0] if len(peaks) > 1 else None


def names(part: str) -> list[str]:
    """What the cases of a part are called; its one case has no name."""
    cases = {"training": [case.name for case in CASES], "model": [model.name for model in MODELS.values()]}
    cases["rows"] = [ROWS[key].name for key in MEASURED]
    return cases.get(part, [""])


def measured(times: dict[str, list[float]], goal: Goal) -> float | None:
    """The ratio of what is ours to what is theirs, if both ran."""
    return ratio(times[goal.ours], times[goal.theirs]).median if {goal.ours, goal.theirs} <= times.keys() else None
