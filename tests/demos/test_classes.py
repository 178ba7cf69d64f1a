"""Classes: sigmoids can say both and none, softmax gives the slide's numbers, and shares that sum to one."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from demos.course import run

pytest.importorskip("matplotlib", reason="the programs draw with matplotlib, of the extra demos")


def test_non_exclusive(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = run("non_exclusive", tmp_path)
    wanted = np.array([[0, 0], [1, 0], [0, 1], [1, 1]])
    z = found["model"].predict(np.array(list(found["points"].values())))
    np.testing.assert_allclose(found["sigmoids"], 1 / (1 + np.exp(-z)), rtol=1e-5)
    np.testing.assert_allclose(found["sigmoids"], wanted, atol=0.1)
    np.testing.assert_allclose(found["shared"].sum(axis=1), 1, rtol=1e-6)
    assert found["both"] > 0.95
    out = " ".join(capsys.readouterr().out.split())
    assert "holds a distribution in each row" in out
    assert "bce_with_logits" in out
    assert (tmp_path / "non_exclusive" / "non_exclusive.png").exists()


def test_exclusive(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = run("exclusive", tmp_path)
    assert found["p"].round(1).tolist() == [0.1, 0.6, 0.3]  # the slide's
    assert found["p"].sum() == pytest.approx(1)
    assert "the choice is Green" in (out := capsys.readouterr().out)
    assert out.count("nan") == 3  # as written, at z + 1000
    assert np.mean(found["model"].predict(found["X"]).argmax(axis=1) == found["y"]) > 0.95
    for _, bars in found["frames"]:
        assert bars.sum() == pytest.approx(1, abs=1e-6)
        assert bars.min() > 0
    assert found["frames"][-1][1].argmax() == 1
    assert {path.name for path in (tmp_path / "exclusive").iterdir()} == {"exclusive.png", "bars.gif"}
