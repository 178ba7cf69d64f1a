"""The likelihood of rows in blocks: every peer computes that of NumPy, whatever holds the rows."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from importlib import import_module
from typing import Any

import numpy as np
import pytest

from benchmarks.peers import PEERS
from benchmarks.rows import LR, ROWS, Rows
from tests.lazy import asked

SLOPE, NEWTON, FLEETING = (replace(ROWS[key], rows=600, blocks=3, columns=4) for key in ("slope", "newton", "rows8"))
LIBRARY = {"jax": "jax", "dask-glm": "dask_glm"}


@pytest.fixture(autouse=True)
def lazy() -> Iterator[None]:
    """One core computes."""
    with asked():
        yield


def whole(case: Rows) -> tuple[Any, Any]:
    """All rows at once."""
    X, y = zip(*map(case.block, range(case.blocks)))
    return np.concatenate(X), np.concatenate(y)


def descent(case: Rows, steps: int) -> list[float]:
    """The losses, in NumPy."""
    (X, y), w, found = whole(case), np.zeros(case.columns), []
    for _ in range(steps):
        p = 1 / (1 + np.exp(-(X @ w)))
        found.append(float(-np.mean(y * np.log(p) + (1 - y) * np.log(1 - p))))
        w -= LR * X.T @ (p - y) / len(X)
    return found


def newton(case: Rows) -> float:
    """The squared length after some of Newton's steps, in NumPy."""
    (X, y), w = whole(case), np.zeros(case.columns)
    for _ in range(case.newton):
        p = 1 / (1 + np.exp(-(X @ w)))
        w -= np.linalg.solve((X.T * (p * (1 - p))) @ X, X.T @ (p - y))
    return float(w @ w)


@pytest.fixture(params=[key for key, peer in PEERS.items() if peer.rows])
def peer(request: pytest.FixtureRequest) -> Callable[[Rows], Any]:
    """What a peer makes of a case."""
    key = request.param
    if key in LIBRARY:
        pytest.importorskip(LIBRARY[key])
    file, name = PEERS[key].rows.split(":")
    return getattr(import_module(f"benchmarks.peers.{file}"), name)  # type: ignore[no-any-return]


@pytest.mark.parametrize("case", [SLOPE, FLEETING], ids=["in memory", "made when read"])
def test_steps_go_down_as_in_numpy(peer: Callable[[Rows], Any], case: Rows) -> None:
    step = peer(case)
    assert [float(step()) for _ in range(4)] == pytest.approx(descent(case, 4), rel=1e-12)


def test_a_fit_by_newtons_method_is_that_of_numpy(peer: Callable[[Rows], Any]) -> None:
    fit = peer(NEWTON)
    assert [float(fit()), float(fit())] == pytest.approx([newton(NEWTON)] * 2, rel=1e-9)
