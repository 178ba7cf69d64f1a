"""Networks that look once: what each claims is computed again, from what the program learned."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import nn
from demos.course import run

pytest.importorskip("matplotlib", reason="the programs draw with matplotlib, of the extra demos")
pytest.importorskip("sklearn", reason="the programs read digits from scikit-learn, of the extra demos")


def test_rosenblatt(tmp_path: Path) -> None:
    found = run("rosenblatt", tmp_path)
    X, s, w, mistakes = found["X1"], found["s"], np.zeros(3), 0
    for _ in range(100):  # the rule of 1958, by hand
        for x, label in zip(X, s):
            if (1 if x @ w >= 0 else -1) != label:
                w, mistakes = w + label * x, mistakes + 1
    np.testing.assert_allclose(found["w"], w, rtol=1e-12)
    assert np.all(np.sign(X @ w) == s)
    u = found["u"].numpy() / np.linalg.norm(found["u"].numpy())
    assert 0 < mistakes == found["mistakes"] <= (np.linalg.norm(X, axis=1).max() / np.min(s * (X @ u))) ** 2
    assert min(found["wrong"]) >= 0.25


def test_feed_forward(tmp_path: Path) -> None:
    found = run("feed_forward", tmp_path)
    assert found["learned"][2, 4, 1] >= 9
    assert found["learned"][2, 1] == 0
    np.testing.assert_array_equal(found["model"].predict(found["X"])[:, 0] > 0, [0, 1, 1, 0])


def test_radial_basis(tmp_path: Path) -> None:
    found = run("radial_basis", tmp_path)
    x = np.random.default_rng(7).uniform(-4, 4, (500, 1))  # between the points that it learned from
    curve = np.sin(2 * x) * np.exp(-(x**2) / 4)
    assert np.sqrt(np.mean((found["model"](x) - curve) ** 2)) < 0.03 * curve.std()
    assert max(found["errors"]) < 0.03
    assert found["silent"] < 1e-6 < 0.1 < found["loud"]


def test_deep_feed_forward(tmp_path: Path) -> None:
    right = run("deep_feed_forward", tmp_path)["right"]
    assert min(right["two hidden layers of 32"]) > 0.97
    assert min(right["one hidden layer of 208"]) > 0.97  # as the page says: here depth alone makes no difference
    from sklearn.linear_model import LogisticRegression

    X, y = nn.data.spirals(arms=3, n=200, rng=0)
    fresh, labels = nn.data.spirals(arms=3, n=1000, rng=1)
    straight = LogisticRegression().fit(X, y).score(fresh, labels)
    assert max(right["linear"]) == pytest.approx(straight, abs=0.1)
    assert straight < 0.6


@pytest.mark.slow
def test_deep_convolutional(tmp_path: Path) -> None:
    found = run("deep_convolutional", tmp_path)
    assert found["sizes"]["convolutional"] == 9 * 8 + 8 + 9 * 8 * 16 + 16 + 17 * 24 + 25 * 10 < found["sizes"]["dense"]
    assert found["right"]["convolutional"] > 0.96
    assert found["moved"]["convolutional"] > found["moved"]["dense"] + 0.08
    images, y = found["X_fresh"], found["y_fresh"]
    moved = [np.roll(images, by, axis) for axis in (2, 3) for by in (-1, 1)]  # digits have room, but for a few
    share = np.mean([found["model"].predict(each).argmax(axis=1) == y for each in moved])
    assert share == pytest.approx(found["moved"]["dense"], abs=0.06)


@pytest.mark.slow
def test_deep_residual(tmp_path: Path) -> None:
    found = run("deep_residual", tmp_path)
    right, strength = found["right"], found["strength"]
    assert right[30, True] > 0.92
    assert right[30, False] < 0.75
    assert right["descent, rate 0.1"] < 0.75
    assert min(right[5, True], right[5, False]) > 0.85
    assert strength[30, False][0] < 0.01 * strength[30, True][0]  # at the layer next to the input
    shares = found["model"].predict(found["X_fresh"]).argmax(axis=1) == found["y_fresh"]
    assert right["Adam"] == shares.mean() > 0.85  # as the page says: for Adam the skips matter less


@pytest.mark.slow
def test_kohonen(tmp_path: Path) -> None:
    found = run("kohonen", tmp_path)
    X, y, sheets = found["X"], found["y"], {"learned": found["W"], "alone": found["alone"]}
    errors, purity = {}, {}
    for name, W in sheets.items():
        order = np.argsort(np.linalg.norm(X[:, None] - W, axis=-1), axis=1)
        (a, b), (c, d) = (np.divmod(order[:, k], 10) for k in (0, 1))
        errors[name] = np.mean(np.maximum(abs(a - c), abs(b - d)) > 1)
        groups = [y[order[:, 0] == j] for j in set(order[:, 0])]
        purity[name] = sum(max(np.sum(group == digit) for digit in range(10)) for group in groups) / len(y)
    assert errors["learned"] == pytest.approx(found["error"])
    assert errors["learned"] < 0.1 < 0.8 < min(errors["alone"], found["untrained"])
    assert purity["learned"] == pytest.approx(found["purity"])
    assert min(purity.values()) > 0.85


@pytest.mark.slow
def test_support_vector(tmp_path: Path) -> None:
    from sklearn.svm import SVC

    found = run("support_vector", tmp_path)
    X, s, w, b = found["X"], found["s"], found["w"], found["b"]

    def objective(w: np.ndarray, b: float) -> float:
        return 0.5 * w @ w + np.maximum(0, 1 - s * (X @ w + b)).sum()

    oracle = SVC(kernel="linear", C=1).fit(X, s)
    v, c = oracle.coef_[0], oracle.intercept_[0]
    assert objective(w, b) == pytest.approx(objective(v, c), rel=1e-3)
    assert w @ v / np.linalg.norm(w) / np.linalg.norm(v) > 0.999
    np.testing.assert_array_equal(np.sign(X @ w + b), oracle.predict(X))
    assert set(np.flatnonzero(found["touching"])) >= set(oracle.support_)
    assert found["moved"] < 1e-3

    kernelled = SVC(kernel="rbf", gamma=2, C=10).fit(found["X2"], found["y2"])
    assert np.mean((found["machine"].predict(found["fresh"])[:, 0] > 0) == kernelled.predict(found["fresh"])) > 0.98
    assert found["bent"] > 0.97 > 0.9 > found["straight"]
    assert found["alpha"].min() >= 0
    assert found["alpha"].max() <= 10
