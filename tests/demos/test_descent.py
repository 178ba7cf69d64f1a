"""Gradient descent: the slides' functions and the engine agree, their errors are shown, and the claims are numbers."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from demos.course import run

pytest.importorskip("matplotlib", reason="the programs draw with matplotlib, of the extra demos")


def written(out: Path) -> set[str]:
    return {path.name for path in out.iterdir()}


def test_the_slides_gradient_descent_and_the_engine_have_equal_weights(tmp_path: Path) -> None:
    found = run("gradient_descent", tmp_path)
    np.testing.assert_allclose(found["W"], found["w"], rtol=0, atol=1e-12)
    np.testing.assert_allclose(found["B"], found["b"], rtol=0, atol=1e-12)
    assert found["costs"] == sorted(found["costs"], reverse=True)
    assert found["accuracy"] > 0.9
    assert found["gradient_descent"](found["X"], found["y"].ravel())[0].shape == (2, 100)  # what the solution says
    assert written(tmp_path / "gradient_descent") == {"gradient_descent.png"}


def test_stochastic_gd_fails_as_the_page_says_and_is_mended(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = run("stochastic", tmp_path)
    assert "NameError: name 'alpha' is not defined" in capsys.readouterr().out
    assert found["wrong"].shape == (2, 2)
    assert found["wrong_b"].shape == (1, 2)
    np.testing.assert_allclose(found["W"], found["w"], rtol=0, atol=1e-12)
    np.testing.assert_allclose(found["B"], found["b"], rtol=0, atol=1e-12)
    w, b = np.random.default_rng(1).random(2), np.random.default_rng(1).random()  # the slide's sums, in plain numbers
    for x_i, y_i in zip(found["X"], found["y"].ravel(), strict=True):
        error = 1 / (1 + np.exp(-(w @ x_i + b))) - y_i
        w, b = w - 0.01 * error * x_i, b - 0.01 * error
    after_w, after_b = found["mended"](found["X"], found["y"], epochs=1)
    np.testing.assert_allclose([*after_w.ravel(), after_b.item()], [*w, b], atol=1e-12)
    one = found["X"][:, :1]
    for ours, slides in zip(
        found["mended"](one, found["y"], epochs=2), found["stochastic_GD"](one, found["y"], epochs=2), strict=True
    ):
        np.testing.assert_allclose(ours, slides)
    assert written(tmp_path / "stochastic") == {"stochastic.png"}


def test_paths_tremble_the_more_the_fewer_examples_a_step_sees(tmp_path: Path) -> None:
    found = run("paths", tmp_path)
    slope, offset = np.linalg.lstsq(np.stack([found["x"], np.ones(64)], axis=1), found["y"])[0]
    np.testing.assert_allclose(found["best"], [slope, offset])
    lengths = [np.sum(np.linalg.norm(np.diff(points, axis=0), axis=1)) for points in found["paths"].values()]
    near = [np.mean(np.linalg.norm(points[-20:] - found["best"], axis=1)) for points in found["paths"].values()]
    assert lengths[0] * 1.5 < lengths[1] < lengths[2] / 1.5
    assert near[0] * 1.5 < near[1] < near[2] / 1.5
    assert written(tmp_path / "paths") == {"paths.png", "film.gif"}
    assert (tmp_path / "paths" / "film.gif").stat().st_size < 1e6


def test_five_steps_need_random_weights(tmp_path: Path) -> None:
    results = run("five_steps", tmp_path)["results"]
    assert len(results["zero"][0]) == 1
    assert results["equal"][1] == 1
    assert results["random"][1] == 4
    np.testing.assert_allclose(results["zero"][2], 0.5)
    assert results["equal"][0][-1] > 0.4
    np.testing.assert_allclose(results["random"][2], [0, 1, 1, 0], atol=0.05)
    assert written(tmp_path / "five_steps") == {"five_steps.png"}


def test_the_graph_of_the_tape_loop_grows_as_written_and_not_as_mended(tmp_path: Path) -> None:
    found = run("tape", tmp_path)
    assert found["grown"] == list(range(5, 35))
    assert set(found["constant"]) == {5}
    assert found["weights"].item() == pytest.approx(found["best"], abs=1e-5)
    assert found["path"][-1][0] == pytest.approx(found["best"], abs=0.01)
    assert written(tmp_path / "tape") == {"tape.png", "graph.svg"}


def test_an_epoch_sees_every_example_once_and_one_is_not_enough(tmp_path: Path) -> None:
    found = run("epochs", tmp_path)
    assert set(found["seen"]) == {500}
    assert found["steps"] == 5000
    losses = found["losses"]
    assert losses[0] > 0.3 > 0.2 > losses[9] > 0.05 > 0.03 > losses[99]
    assert written(tmp_path / "epochs") == {"epochs.png"}


def test_a_rate_twice_as_large_needs_half_the_epochs_until_it_never_arrives(tmp_path: Path) -> None:
    found = run("learning_rate", tmp_path)
    needed = list(found["needed"].values())
    assert needed[0] / needed[1] == pytest.approx(2, rel=0.1)
    assert needed[3] < needed[2] < needed[1] < needed[0]
    assert needed[-1] is None
    assert written(tmp_path / "learning_rate") == {"learning_rate.png"}


def test_the_error_of_a_batch_falls_with_the_root_of_its_size(tmp_path: Path) -> None:
    found = run("batch_size", tmp_path)
    whole = 2 * found["X"].T @ (found["X"] @ found["start"] - found["y"]) / 1024
    np.testing.assert_allclose(found["whole"], whole)
    scaled = np.array(found["errors"]) * np.sqrt(found["sizes"][:-1])
    assert scaled.max() < 1.15 * scaled.min()
    small, large = found["tracks"][1], found["tracks"][64]
    assert small[: 1024 // 8].min() < 1 < large[1]  # near after few examples,
    assert np.mean(small[-1024:]) > 3 * np.mean(large[-16:])  # and then trembling
    assert written(tmp_path / "batch_size") == {"batch_size.png"}


def test_sgd_leaves_the_valleys_in_which_gradient_descent_sits(tmp_path: Path) -> None:
    found = run("local_minimum", tmp_path)
    assert found["found"]["SGD"].sum() > 40 > 25 > found["found"]["GD"].sum()
    x, y, w = found["x"], found["y"], found["gd"][found["k"], -1]
    assert abs(np.mean(2 * (np.sin(w * x) - y) * np.cos(w * x) * x)) < 1e-6
    assert np.mean((np.sin(w * x) - y) ** 2) > 0.3
    assert written(tmp_path / "local_minimum") == {"local_minimum.png"}


def test_a_stream_is_learned_in_constant_memory_and_followed_when_it_changes(tmp_path: Path) -> None:
    found = run("stream", tmp_path)
    errors, weights = found["errors"], found["weights"]
    assert np.abs(weights[1500:2000].mean(axis=0) - [2, -1]).max() < 0.05
    assert np.abs(weights[3500:].mean(axis=0) - [-1, 1]).max() < 0.05
    assert np.mean(errors[2000:2050] ** 2) > 5 * np.mean(errors[1800:2000] ** 2) > np.mean(errors[2200:2400] ** 2)
    assert max(found["light"]) < 1.5 * min(found["light"])
    assert found["heavy"][-1] > 6 * found["heavy"][0]
    assert found["heavy"][-1] > 20 * found["light"][-1]
    assert written(tmp_path / "stream") == {"stream.png"}
