"""The chart's machines that learn without labels: their rules are gradients, and what they reach, others do not."""

from __future__ import annotations

from itertools import product
from pathlib import Path

import numpy as np
import pytest

import nn
from demos.course import run

pytest.importorskip("matplotlib", reason="the programs draw with matplotlib, of the extra demos")
pytest.importorskip("sklearn", reason="the digits are scikit-learn's")


def result_of(out: str) -> str:
    (line,) = (line for line in out.splitlines() if line.startswith("result: "))
    return line


@pytest.mark.slow
def test_restricted_boltzmann(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = run("restricted_boltzmann", tmp_path)
    assert len(found["data"]) == 14
    # the surprise, by summing over the states of all cells, hidden ones too
    whole, few = found["rbm"], nn.RestrictedBoltzmann(9, 3, dtype=float)
    W, b, c = whole.up.W.numpy()[:, :3], whole.b.numpy(), whole.up.b.numpy()[:3]
    few.up.W, few.b, few.up.b = W, b, c
    hidden = np.array(list(product([0.0, 1.0], repeat=3)))
    p = np.exp(found["everything"] @ W @ hidden.T + (found["everything"] @ b)[:, None] + hidden @ c).sum(axis=1)
    rows = [np.flatnonzero((found["everything"] == v).all(axis=1)).item() for v in found["data"]]
    assert found["surprise"](few).item() == pytest.approx(-np.mean(np.log(p[rows] / p.sum())))
    np.testing.assert_allclose(-found["slope"], found["rule"], rtol=0, atol=1e-12)  # Hinton's
    assert found["independent"] == pytest.approx(9 * np.log(2))
    assert found["entropy"] < min(found["last"][5])
    assert max(found["last"][5]) < 3.0
    assert min(found["last"][1]) > max(found["last"][5]) + 0.15
    assert found["exact"] > 5 * found["own"]  # it rests where the exact slope does not
    assert found["share"] > 0.8
    assert "CD-5" in result_of(capsys.readouterr().out)
    assert (tmp_path / "restricted_boltzmann" / "restricted_boltzmann.png").exists()


@pytest.mark.slow
def test_deep_belief(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = run("deep_belief", tmp_path)
    gain = found["gain"]
    assert all(len(each) == 24 for each in gain.values())
    assert gain["raw pixels"].mean() > 0.02
    assert gain["10 components"].mean() > 0.015
    assert gain["random layers"].mean() > 0.04
    assert gain["one layer"].mean() > 0
    for name in ("raw pixels", "10 components", "random layers"):
        assert np.mean(gain[name] > 0) > 0.75  # paired
    assert "two layers" in result_of(capsys.readouterr().out)
    assert (tmp_path / "deep_belief" / "deep_belief.png").exists()


@pytest.mark.slow
def test_deconvolutional(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = run("deconvolutional", tmp_path)
    assert found["gap"] < 1e-4
    z, x, learned = found["z"], found["X_fresh"], found["learned"]
    np.testing.assert_allclose(np.sum(learned**2, axis=(1, 2, 3)), 1, rtol=1e-5)
    drawn = np.zeros_like(x)  # each code puts its filter where it stands
    for a, b in product(range(10), repeat=2):
        drawn[:, :, a : a + 7, b : b + 7] += np.einsum("nk,kcij->ncij", z[:, :, a, b], learned)
    np.testing.assert_allclose(drawn, found["drawn"], atol=1e-4)
    errors = found["errors"]
    assert errors["learned"] == pytest.approx(np.sum((x - drawn) ** 2) / np.sum(x**2), rel=1e-3)
    assert errors["learned"] < 0.05
    assert np.count_nonzero(z) <= 300 < 0.013 * z.size
    for name in ("pieces", "random filters", "brightest pixels"):
        assert errors[name] > 0.1, name
    assert "learned" in result_of(capsys.readouterr().out)
    assert (tmp_path / "deconvolutional" / "deconvolutional.png").exists()
