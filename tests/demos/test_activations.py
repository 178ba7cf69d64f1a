"""Activations: the derivatives are those of the calculus book, a step does not learn, linear layers are one layer."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import autograd as ag
from demos.course import run

pytest.importorskip("matplotlib", reason="the programs draw with matplotlib, of the extra demos")


def s(z: Any) -> Any:
    return 1 / (1 + np.exp(-z))


# z -> g(z), g'(z): of each move, written out by hand
BOOK = {
    "Sigmoid": lambda z: (s(z), s(z) * (1 - s(z))),
    "Tanh": lambda z: (np.tanh(z), 1 / np.cosh(z) ** 2),
    "Step Function": lambda z: (z >= 0, 0 * z),
    "Softplus": lambda z: (np.log(1 + np.exp(z)), s(z)),
    "ReLU": lambda z: (z * (z > 0), z > 0),
    "Softsign": lambda z: (z / (1 + abs(z)), 1 / (1 + abs(z)) ** 2),
    "ELU": lambda z: (np.where(z > 0, z, np.exp(z) - 1), np.where(z > 0, 1, np.exp(z))),
    "Log of Sigmoid": lambda z: (np.log(s(z)), 1 - s(z)),
    "Swish": lambda z: (z * s(z), s(z) + z * s(z) * (1 - s(z))),
    "Sinc": lambda z: (np.sin(z) / z, (z * np.cos(z) - np.sin(z)) / z**2),
    "Leaky ReLU": lambda z: (np.where(z > 0, z, 0.1 * z), np.where(z > 0, 1, 0.1)),
    "Mish": lambda z: (
        z * np.tanh(np.log(1 + np.exp(z))),
        np.tanh(np.log(1 + np.exp(z))) + z * s(z) / np.cosh(np.log(1 + np.exp(z))) ** 2,
    ),
}


def test_sigmoid_tanh_relu(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = run("sigmoid_tanh_relu", tmp_path)
    z = np.array([-30.0, -2.0, 0.0, 0.3, 5.0])
    assert set(found["functions"]) == {"sigmoid", "tanh", "ReLU"}
    for name, g in found["functions"].items():
        np.testing.assert_allclose(ag.elementwise_grad(g)(z), found["slide"][name](z), rtol=1e-12, atol=1e-15)
    assert "z = 1000  nan" in capsys.readouterr().out
    assert (tmp_path / "sigmoid_tanh_relu" / "sigmoid_tanh_relu.png").exists()


def test_dance_moves(tmp_path: Path) -> None:
    found = run("dance_moves", tmp_path)
    z, table = found["z"], found["table"]
    assert list(table) == list(BOOK)  # twelve, in the order of the slide
    for name, (value, derivative) in table.items():
        expected, slope = BOOK[name](z)
        np.testing.assert_allclose(value, expected, rtol=1e-9, atol=1e-12, err_msg=name)
        np.testing.assert_allclose(derivative, slope, rtol=1e-9, atol=1e-12, err_msg=name)
    assert (tmp_path / "dance_moves" / "dance_moves.png").exists()


def test_step_or_sigmoid(tmp_path: Path) -> None:
    found = run("step_or_sigmoid", tmp_path)
    x, y, w = found["x"], found["y"], found["found"]
    assert w["step"] == 0.3  # where it began: there is no slope
    assert found["paths"]["step"][-1] == found["paths"]["step"][0] > 0.5
    p = s(w["sigmoid"] * x - 1)
    assert np.mean((p > 0.5) == y) > 0.9
    lowest = min(np.mean((s(v * x - 1) - y) ** 2) for v in np.linspace(-10, 20, 3001))
    assert np.mean((p - y) ** 2) == pytest.approx(lowest, abs=1e-3)
    assert (tmp_path / "step_or_sigmoid" / "step_or_sigmoid.png").exists()


def test_linear_networks(tmp_path: Path) -> None:
    found = run("linear_networks", tmp_path)
    X, y = found["X"], found["y"]
    straight = np.c_[X, np.ones(len(X))] @ np.linalg.lstsq(np.c_[X, np.ones(len(X))], 2 * y - 1.0)[0] > 0
    for name, model in found["models"].items():
        a, b, c = (model.predict(x) for x in (np.array([-1.0, 2.0]), np.array([3.0, -1.0]), np.array([1.0, 0.5])))
        np.testing.assert_allclose((a + b) / 2, c, atol=1e-4, err_msg=name)  # halfway in, halfway out
        right = np.mean(model.predict(X).argmax(axis=1) == y)
        assert right == pytest.approx(np.mean(straight == y), abs=0.03), name
        assert right < 0.92, name
    np.testing.assert_allclose(found["large"], X @ found["W"] + found["b"], atol=1e-4)
    assert (tmp_path / "linear_networks" / "linear_networks.png").exists()


def test_green_and_red(tmp_path: Path) -> None:
    found = run("green_and_red", tmp_path)
    X, y = found["X"], found["y"]
    right = {name: np.mean(found[name].predict(X).argmax(axis=1) == y) for name in ("linear", "bent")}
    assert right["linear"] < 0.65
    assert right["bent"] > 0.95
    assert found["accuracy"] == pytest.approx({"linear": right["linear"], "ReLU": right["bent"]})
    assert {path.name for path in (tmp_path / "green_and_red").iterdir()} == {"green_and_red.png", "fence.gif"}
