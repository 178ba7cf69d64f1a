"""The cost: its numbers are those of closed forms, finite differences, and the formulas of the slides."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from demos.course import run

pytest.importorskip("matplotlib", reason="the programs draw with matplotlib, of the extra demos")


def written(out: Path) -> set[str]:
    return {path.name for path in out.iterdir()}


def test_one_number_is_the_average_and_so_is_its_gradient(tmp_path: Path) -> None:
    found = run("one_number", tmp_path)
    S, E, errors = found["S"], found["E"], found["errors"]
    assert found["C"].item() == pytest.approx(np.mean((S + 0.5 - E) ** 2))
    assert abs(np.mean(errors)) < 0.05 < 0.4 < found["C"].item()  # the errors cancel, the costs do not
    np.testing.assert_allclose(found["whole"], [np.mean(2 * errors * S), np.mean(2 * errors)])
    np.testing.assert_allclose(found["each"].mean(axis=0), found["whole"])
    assert np.mean(found["twice"]) == pytest.approx(found["C"].item())
    assert written(tmp_path / "one_number") == {"one_number.png"}


def test_the_sign_of_the_slide_rewards_wrong_answers(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = run("punishes_large_errors", tmp_path)
    printed = capsys.readouterr().out
    assert "quadratic cost 0.65625, RSS 2.62500" in printed  # 5.25 / 8 and 5.25 / 2
    assert f"{-np.log(1 - 0.99):10.4f}" in printed
    assert found["shares"]["slide"] < 0.5 < 0.95 < found["shares"]["mended"]
    assert found["slide"](np.array([0.999]), np.array([0.0])) == pytest.approx(np.log(0.001))
    assert found["mended"](np.array([0.999]), np.array([0.0])) == pytest.approx(-np.log(0.001))
    assert found["J"].shape == (80,)
    assert "(80,)" in found["refused"]
    assert "two new inputs: np.multiply" in printed
    assert written(tmp_path / "punishes_large_errors") == {"large_errors.png"}


def test_one_weight_walks_to_where_the_slope_is_zero(tmp_path: Path) -> None:
    found = run("one_weight", tmp_path)
    C, w = found["C"], found["w"]
    for v in (-1.0, 0.3, 1.5):
        assert found["slope"](v) == pytest.approx((C(v + 1e-5) - C(v - 1e-5)) / 2e-5, rel=1e-6)
    assert abs(w - found["grid"][found["costs"].argmin()]) <= 0.0005 + 1e-6
    assert written(tmp_path / "one_weight") == {"one_weight.png", "film.gif"}
    assert (tmp_path / "one_weight" / "film.gif").stat().st_size < 1e6


def test_every_step_multiplies_the_distance_by_one_factor(tmp_path: Path) -> None:
    found = run("step_size", tmp_path)
    x, y = found["x"], found["y"]
    assert found["curvature"] == pytest.approx(np.mean(x * x))
    for name, share in found["rates"].items():
        distance = found["paths"][name] - np.dot(x, y) / np.dot(x, x)
        np.testing.assert_allclose(distance[1:12], (1 - share) * distance[:11], rtol=1e-6, atol=1e-12)
    assert np.abs(found["paths"]["too large"] - found["best"])[-1] > 100
    assert written(tmp_path / "step_size") == {"steps.png", "distance.png"}


def test_three_hundred_weights_take_no_more_steps_than_ten(tmp_path: Path) -> None:
    found = run("n_dimensions", tmp_path)
    steps = [int(np.argmax(curve < 1e-3)) for curve in found["curves"].values()]
    assert all(curve[-1] < 1e-6 for curve in found["curves"].values())
    assert min(steps) > 0
    assert steps[-1] <= 1.5 * steps[1]
    assert written(tmp_path / "n_dimensions") == {"valley.png", "many.png"}


def test_both_costs_have_the_gradient_of_the_slide(tmp_path: Path) -> None:
    found = run("same_gradient", tmp_path)
    assert len(found["differences"]) == 2
    assert max(found["differences"]) < 1e-12
    x, y, a = found["x"], found["y"], found["a"]
    np.testing.assert_allclose(a, 1 / (1 + np.exp(-(0.7 * x - 0.2))))
    assert found["engine"] == pytest.approx(np.sum((a - y) * a * (1 - a) * x))
    assert abs(found["engine"] - np.sum((a - y) * x)) > 0.5
    assert found["slopes"]["log loss, sigmoid"][140] > 100 * found["slopes"]["RSS, sigmoid"][140]
    assert written(tmp_path / "same_gradient") == {"slopes.png"}
