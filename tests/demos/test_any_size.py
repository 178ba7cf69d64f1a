"""The regression on rows of any size: the truth, NumPy's own numbers, a cluster of processes, its picture."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.lazy import asked, dask

pytest.importorskip("matplotlib", reason="it draws its picture")
optimize = pytest.importorskip("scipy.optimize", reason="it fits the model")
any_size = pytest.importorskip("demos.any_size")
ARGUMENTS = ["--rows", "20000", "--block", "3000"]


def test_the_estimates_are_those_of_newtons_method_by_hand(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with asked():
        found, errors = any_size.main([*ARGUMENTS, "--out", str(tmp_path / "out.png")])
        X, y, hours = dask.compute(*any_size.data(20_000, 3_000))
    w = np.zeros(X.shape[1])
    for _ in range(20):
        rate = hours * np.exp(X @ w)
        curvature = (X.T * rate) @ X + any_size.RIDGE * np.eye(len(w))
        w -= np.linalg.solve(curvature, X.T @ (rate - y) + any_size.RIDGE * w)
    np.testing.assert_allclose(found, w, atol=1e-5)
    np.testing.assert_allclose(errors, np.sqrt(np.diag(np.linalg.inv(curvature))), rtol=1e-4)
    assert np.all(np.abs(found - any_size.TRUTH) < 4 * errors)
    assert "MB of rows; memory at most" in capsys.readouterr().out
    assert (tmp_path / "out.png").stat().st_size > 1000


@pytest.mark.slow  # processes that import everything
def test_processes_of_a_cluster_give_the_same(tmp_path: Path) -> None:
    pytest.importorskip("distributed", reason="a cluster is of the extra dask")
    out: Any = ["--out", str(tmp_path / "out.png")]
    with asked():
        known = any_size.main([*ARGUMENTS, *out])
    with dask.config.set(scheduler=None):
        found = any_size.main([*ARGUMENTS, "--workers", "1", *out])
    for got, expected in zip(found, known, strict=True):
        np.testing.assert_allclose(got, expected, rtol=1e-6, atol=1e-9)
