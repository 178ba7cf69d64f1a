"""Dask's arrays in tests, which nothing may compute but what says so."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

dask = pytest.importorskip("dask", reason="arrays of Dask need the extra dask")
da = pytest.importorskip("dask.array", reason="arrays of Dask need the extra dask")


class Computed(BaseException):
    """Something was computed behind the user's back; no error that a library raises."""


def computed_here(*args: Any, **kwargs: Any) -> Any:
    """A scheduler that runs nothing."""
    raise Computed


def unasked() -> Any:
    """A block in which what computes fails."""
    return dask.config.set(scheduler=computed_here)


def asked() -> Any:
    """A block, also inside of that, in which lazy arrays are computed."""
    return dask.config.set(scheduler="synchronous")


def in_halves(x: Any) -> Any:
    """A Dask array in blocks of half of each axis."""
    return da.from_array(x, chunks=tuple(max(1, -(-n // 2)) for n in np.shape(x)))
