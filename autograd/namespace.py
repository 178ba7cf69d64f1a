"""NumPy, as the array API standard has it, whose `asarray` and `astype` let nodes pass: `t.__array_namespace__()`.

SciPy and scikit-learn ask arrays for such a namespace and compute with its functions, where they are told to.
"""

from __future__ import annotations

import sys
from typing import Any

import numpy as np


def asarray(x: Any, /, *, dtype: Any = None, device: Any = None, copy: bool | None = None) -> Any:
    """np.asarray; a node passes."""
    if not hasattr(x, "_apply"):
        return np.asarray(x, dtype=dtype, device=device, copy=copy)
    return astype(x, x.dtype if dtype is None else dtype, copy=bool(copy))


def astype(x: Any, dtype: Any, /, *, copy: bool = True, device: Any = None) -> Any:
    """np.astype, of a node, too."""
    return x if x.dtype == dtype and not copy else x.astype(dtype)


def __getattr__(name: str) -> Any:
    if name == "special":  # SciPy looks there for what arrays of this kind have, and its own ufuncs take nodes
        return sys.modules.get("scipy.special._ufuncs")
    return getattr(np, name)
