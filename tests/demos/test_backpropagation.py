"""The chapter on backpropagation: its gradients are those of closed forms, the slide's functions fail as it says."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from demos.course import run

pytest.importorskip("matplotlib", reason="the programs draw with matplotlib, of the extra demos")


def written(out: Path) -> set[str]:
    return {path.name for path in out.iterdir()}


def test_how_much(tmp_path: Path) -> None:
    found = run("how_much", tmp_path)
    weights = {w.name: w for w in found["model"].parameters()}
    assert len(weights) == 13
    for name, slope in found["slow"].items():
        assert weights[name].grad == pytest.approx(slope, abs=1e-8)
    hidden = np.tanh([weights[f"0.w[0,{i}]"].data - 0.5 * weights[f"0.w[1,{i}]"].data for i in range(3)])
    answer = sum(h * weights[f"1.w[{i},0]"].data for i, h in enumerate(hidden))
    assert weights["1.b[0]"].grad == pytest.approx(2 * (answer - 1))  # the slide's chain: dJ/dy times 1
    assert weights["1.w[1,0]"].grad == pytest.approx(2 * (answer - 1) * hidden[1])
    assert written(tmp_path / "how_much") == {"how_much.png", "how_much.svg"}


def test_composed(tmp_path: Path) -> None:
    found = run("composed", tmp_path)
    np.testing.assert_allclose(found["a3"][0], 1 / (1 + np.exp(-found["model"].predict(found["X"])[:, 0])), atol=1e-5)
    assert np.mean((found["a3"][0] > 0.5) == found["y"]) > 0.97
    assert found["a"].item() == pytest.approx(found["a3"][0, 0], abs=1e-6)  # the graph is the six functions
    assert written(tmp_path / "composed") == {"composed.png", "composed.svg"}


def test_chain_rule(tmp_path: Path) -> None:
    found = run("chain_rule", tmp_path)
    x = found["x"]
    assert found["inner"] == pytest.approx(x)
    assert found["outer"] == pytest.approx(np.cos(x**2 / 2))
    assert found["outer"] * found["inner"] == pytest.approx(x * np.cos(x**2 / 2))
    assert written(tmp_path / "chain_rule") == {"chain_rule.png", "neuron.svg", "neuron.html"}


def test_three_factors(tmp_path: Path) -> None:
    found = run("three_factors", tmp_path)
    phi = 1 / (1 + np.exp(-(0.6 * 1.5 - 0.2)))
    assert found["dJ_dphi"] == pytest.approx(1 / (1 - phi))
    assert found["dphi_dz"] == pytest.approx(phi * (1 - phi))
    assert (found["dz_dw"], found["dz_db"]) == (1.5, 1)
    assert found["w"].grad == pytest.approx(phi * 1.5)  # (phi - y) x
    assert found["b"].grad == pytest.approx(phi)
    assert written(tmp_path / "three_factors") == {"three_factors.png", "three_factors.svg"}


def test_two_layers(tmp_path: Path) -> None:
    found = run("two_layers", tmp_path)
    assert found["dJ_dw1"] == pytest.approx(found["w1"].grad)
    assert found["dJ_dw2"] == pytest.approx(found["w2"].grad)
    z1, step = 0.4 * 1.5, 1e-6

    def error(w1: float) -> float:
        return float((1.2 * np.tanh(w1 * 1.5) - 2) ** 2)

    assert found["dJ_dw1"] == pytest.approx((error(0.4 + step) - error(0.4 - step)) / (2 * step), rel=1e-6)
    assert found["dJ_dw2"] == pytest.approx(2 * (1.2 * np.tanh(z1) - 2) * np.tanh(z1))
    sizes = found["sizes"]
    assert sizes["sigmoid"][0] < 0.25**9 < 1e-5 < 0.1 < sizes["tanh"][0]  # nine more factors of at most 1/4
    np.testing.assert_allclose(sizes["relu"], 0.5)
    assert written(tmp_path / "two_layers") == {"two_layers.png", "two_layers.html"}


def test_by_hand(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = run("by_hand", tmp_path)
    printed = capsys.readouterr().out
    assert "backward: NameError: name 'a1' is not defined" in printed
    assert "with z1, a1       : ValueError: shapes (20,4) and (1,20) not aligned" in printed
    assert "W1 (in, h)   forward : ValueError: shapes (3,4) and (3,20) not aligned" in printed
    np.testing.assert_allclose(found["factors"], [20 / 3, 20, 20 / 4, 20])
    assert written(tmp_path / "by_hand") == {"by_hand.svg"}


def test_by_hand_mended(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = run("by_hand_mended", tmp_path)
    capsys.readouterr()
    for ours, engine in zip(found["mended"], found["engine"]):
        np.testing.assert_allclose(ours, engine, rtol=1e-10, atol=1e-14)
    assert found["losses"][-1] < 0.1 < 0.5 < found["losses"][0]
    assert np.mean((found["a2"] > 0.5) == found["y"]) > 0.95

    X, y, step = found["X"], found["y"], 1e-6
    parameters = [tensor.numpy().copy() for tensor in found["tensors"]]  # those before the descent

    def log_loss() -> float:
        a2 = found["forward"](X, *parameters)[-1]
        return float(-np.mean(y * np.log(a2) + (1 - y) * np.log(1 - a2)))

    for p, gradient in zip(parameters, found["mended"]):
        p.flat[0] += step
        above = log_loss()
        p.flat[0] -= 2 * step
        below = log_loss()
        p.flat[0] += step
        assert gradient.flat[0] == pytest.approx((above - below) / (2 * step), abs=1e-8)
    assert written(tmp_path / "by_hand_mended") == {"by_hand_mended.png"}
