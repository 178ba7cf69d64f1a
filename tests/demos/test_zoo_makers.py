"""The chart's networks that make and remember: what they reach, with a margin, and what their baselines do not."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from demos.course import run

pytest.importorskip("matplotlib", reason="the programs draw with matplotlib, of the extra demos")


def result_of(out: str) -> str:
    (line,) = (line for line in out.splitlines() if line.startswith("result: "))
    return line


@pytest.mark.slow
def test_generative_adversarial(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = run("generative_adversarial", tmp_path)
    f, W, away = found["by_hand"], found["W"].numpy(), np.eye(10).reshape(10, 2, 5) * 1e-5
    differences = np.array([f(W + a) - f(W - a) for a in away]).reshape(2, 5) / 2e-5
    np.testing.assert_allclose(found["slope"], differences, rtol=1e-5, atol=1e-8)  # through a gradient
    np.testing.assert_array_equal(found["modes"][0.05], [8, 8, 8])
    assert min(found["close"][0.05]) > 0.7
    assert np.sum(found["modes"][0] < 8) >= 2  # one run of three has luck
    points = found["forged"][0]  # of the last gamma, none: counted again, cloud by cloud
    shares = [np.mean(np.hypot(*(points - centre).T) < 0.15) for centre in found["centres"]]
    assert sum(share >= 0.01 for share in shares) == found["modes"][0][0]
    assert "8 of 8 clouds" in result_of(capsys.readouterr().out)
    assert (tmp_path / "generative_adversarial" / "generative_adversarial.png").exists()


@pytest.mark.slow
def test_neural_turing_machine(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = run("neural_turing_machine", tmp_path)
    assert min(found["turing"]) > 0.99
    assert max(found["lstm"][1:]) < 0.8
    x, y = found["copies"](50, 9, np.random.default_rng(7))  # of a length that is in no list above
    np.testing.assert_array_equal(x[:, 1:10, :4], y)
    assert not x[:, 10:, :4].any()  # what is asked for is not shown
    assert np.mean((found["model"].predict(x)[:, 11:] > 0) == y) > 0.99
    for seed in (1, 2):  # which the program has no time for
        _, shares = found["learned"](found["Turing"], 700, seed)
        assert min(shares[:2]) > 0.99
        assert shares[2] > 0.95
    assert "LSTM" in result_of(capsys.readouterr().out)
    assert (tmp_path / "neural_turing_machine" / "neural_turing_machine.png").exists()
