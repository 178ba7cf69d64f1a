"""The perceptron, chapter by program: what it says of itself holds."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import nn
from demos.course import run

pytest.importorskip("matplotlib", reason="the programs draw with matplotlib, of the extra demos")


def written(out: Path) -> set[str]:
    return {path.name for path in out.iterdir()}


def test_sum_and_step(tmp_path: Path) -> None:
    found = run("sum_and_step", tmp_path)
    X = found["X"]
    expected = [1.0 if 2 * x1 - x2 + 0.5 >= 0 else 0.0 for x1, x2 in X.tolist()]
    assert found["by_hand"].tolist() == found["model"].predict(X).tolist() == expected
    assert len(set(expected)) == 2
    assert written(tmp_path / "sum_and_step") == {"neuron.svg", "line.png"}


def test_and_or_xor(tmp_path: Path) -> None:
    found = run("and_or_xor", tmp_path)
    for name in ("AND", "OR"):
        assert found["models"][name].predict(found["X"]).tolist() == found["gates"][name].tolist()
        assert sum(found["mistakes"][name]) <= found["bounds"][name]
    assert found["margins"]["XOR"] < 0 < found["margins"]["AND"] < found["margins"]["OR"]
    assert min(found["mistakes"]["XOR"]) > 0
    assert written(tmp_path / "and_or_xor") == {"gates.png", "mistakes.png"}


def test_bias(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = run("bias", tmp_path)
    C, F = np.ravel(found["celsius"]), np.ravel(found["fahrenheit"])
    slope, shift = np.polyfit(C, F, 1)
    model = found["models"][True]
    assert model.W.item() / 10 == pytest.approx(slope, rel=1e-3)
    assert model.b.item() == pytest.approx(shift, abs=0.05)
    through_zero = C @ F / (C @ C)
    assert found["models"][False].W.item() / 10 == pytest.approx(through_zero, rel=1e-3)
    assert capsys.readouterr().out.count("dC/dw = 0 ") == 3
    assert written(tmp_path / "bias") == {"bias.png", "loss.svg"}


def test_many_inputs(tmp_path: Path) -> None:
    pytest.importorskip("sklearn", reason="its digits")
    found = run("many_inputs", tmp_path)
    model, X, y = found["model"], found["X_fresh"], found["y_fresh"]
    assert np.mean((X @ found["w"] + found["w0"] >= 0) == y) > 0.95
    np.testing.assert_allclose(found["loop"], model.score(X).numpy()[0], rtol=1e-5)
    assert found["mistakes"][-1] == 0


def test_multi_output(tmp_path: Path) -> None:
    found = run("multi_output", tmp_path)
    np.testing.assert_allclose(found["z"], found["x"] @ found["W"] + found["w0"], rtol=1e-12)
    np.testing.assert_allclose([found["first"].data, found["second"].data], found["z"], rtol=1e-12)
    assert written(tmp_path / "multi_output") == {"classes.png", "dense.png", "outputs.svg"}


def test_dense_from_scratch(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = run("dense_from_scratch", tmp_path)
    mine, theirs = found["mine"], found["theirs"]
    x: Any = np.linspace(-1, 1, 9, dtype=np.float32).reshape(3, 3)
    np.testing.assert_array_equal(mine(x).numpy(), theirs(x).numpy())
    np.testing.assert_array_equal(mine.W.grad, theirs.W.grad)
    assert found["losses"]["MyDenseLayer"] == found["losses"]["nn.Dense"]
    assert "'return' outside function" in capsys.readouterr().out
    assert isinstance(mine, nn.Module)
