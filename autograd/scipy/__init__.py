"""SciPy's functions on the same table, at HIPS autograd's addresses: `from autograd.scipy import stats`.

The ufuncs of `scipy.special` take nodes as they are: their derivatives stand in `elementwise.py`, which is read when
the first of them meets a node. What SciPy writes in Python turns its arguments into plain arrays and refuses nodes;
the modules beside this file have such functions for nodes. Nothing here imports SciPy before it is asked for.
"""

from ..table import chapter


def read_special() -> None:
    """State the derivatives of the ufuncs of `scipy.special`."""
    from . import elementwise  # noqa: F401 - it states them


chapter("scipy.special", read_special)
