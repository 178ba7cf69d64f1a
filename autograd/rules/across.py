"""A sum over what several hold, threads or processes, each of which has a graph of its own: all-reduce."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..primitives import primitive
from ..table import pullbacks


@primitive
def all_sum(x: Any, *, over: Callable[[Any], Any]) -> Any:
    """The sum of `x` over all who call this, of x's shape. `over(array)` waits for the others and returns the sum.

    With mpi4py it is `all_sum(x, over=comm.allreduce)`. The sum is its own transpose: what each makes of it depends on
    the `x` of every other, so a gradient is the sum of all upstream ones, by the same function. All must go backward,
    too, and in the same order.

    >>> from autograd import grad
    >>> def alike(x):
    ...     return 3 * x  # as if three held the same
    >>> grad(lambda x: all_sum(x, over=alike) ** 2)(1.0)  # each of three has the loss (x + x + x)^2
    18.0
    """
    return over(x)


pullbacks(all_sum, lambda g, y, x, *, over: all_sum(g, over=over))
