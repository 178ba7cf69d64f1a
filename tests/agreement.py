"""What "the same to the last few ulps" means where a compiled program is compared with its calls."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np

from autograd import Tensor, Value
from autograd.node import Node
from autograd.operators import raw
from autograd.trees import leaves

# Programs give the numbers of the engine bit for bit, unless BLAS adds in another order where an operand lies in memory
# in another way, or the products of all steps are one; formulas written by hand round once more or less.
ULPS = 4


def agree(found: Any, expected: Any, ulps: float = ULPS, scale: float = 0.0) -> None:
    """Two trees hold numbers of the same kinds, shapes and dtypes, equal to `ulps` of the largest number of each.

    `scale` is the size of the numbers that they were computed from, if these cancel.
    """
    for ours, theirs in zip(leaves(found), leaves(expected), strict=True):
        assert kind_of(ours) is kind_of(theirs)
        if isinstance(ours, Node):
            agree(ours._grad, theirs._grad, ulps, scale)
        if kind_of(ours) in (Value, Tensor, np.ndarray, float):
            agree_in_numbers(np.asarray(raw(ours)), np.asarray(raw(theirs)), ulps, scale)
        else:
            assert ours == theirs


def kind_of(x: Any) -> type:
    """Its type; NumPy's numbers and its arrays of shape () are one."""
    return np.ndarray if isinstance(x, np.generic) else type(x)


def agree_in_numbers(ours: Any, theirs: Any, ulps: float = ULPS, scale: float = 0.0) -> None:
    """Two arrays have the same shape and dtype, and the same numbers to `ulps` of the largest."""
    assert (ours.shape, ours.dtype) == (theirs.shape, theirs.dtype)
    if theirs.dtype.kind != "f":
        np.testing.assert_array_equal(ours, theirs)
        return
    largest = np.max(np.abs(theirs[np.isfinite(theirs)]), initial=scale)
    bound = ulps * np.finfo(theirs.dtype).eps
    np.testing.assert_allclose(ours, theirs, rtol=bound, atol=bound * largest)


def same(found: Any, expected: Any) -> None:
    """Two trees hold the same numbers, bit for bit."""
    agree(found, expected, ulps=0)


def arrays_in(tree: Any) -> list[Any]:
    """The arrays of a tree, those of nodes among them."""
    found = [part for x in leaves(tree) for part in ((x._raw, x._grad) if isinstance(x, Node) else (x,))]
    return [x for x in found if isinstance(x, np.ndarray)]


def nothing_is_shared(given: Any, made: Any) -> None:
    """No array among `made` lies in the memory of another, or of one among `given`."""
    for a, b in itertools.chain(itertools.combinations(arrays_in(made), 2), itertools.product(arrays_in(made), given)):
        assert not np.may_share_memory(a, b)
