"""`scipy.special`, whose ufuncs take nodes as they are, with what SciPy writes in Python for nodes, too."""

from __future__ import annotations

from typing import Any

import numpy as np
import scipy.special

from ..arrays import asarray
from ..batching.rule import ndim, rule_for, shifted
from ..primitives import primitive
from ..rules import reductions
from ..rules.elementwise import chain
from ..rules.reductions import align
from ..shapes import Axis
from ..table import Function, partials, pullbacks, read_chapters
from .slopes import polygamma as polygamma

read_chapters()

__all__ = [*scipy.special.__all__]  # a star gets what SciPy's star gets


def __getattr__(name: str) -> Any:
    return getattr(scipy.special, name)


def logsumexp(a: Any, axis: Axis = None, b: Any = None, keepdims: bool = False, return_sign: bool = False) -> Any:
    """log(sum(b * exp(a))) along `axis`, without overflow; NaN where the sum is negative."""
    if return_sign:
        raise TypeError("logsumexp does not take return_sign= on Values and Tensors: it gives the logarithm alone")
    if b is None:
        return reductions.logsumexp(as_array(a), axis, keepdims)
    a, b = as_array(a), as_array(b)
    shape = np.broadcast_shapes(np.shape(a), np.shape(b))
    return weighted(np.broadcast_to(a, shape), np.broadcast_to(b, shape), axis=axis, keepdims=keepdims)


@primitive
def weighted(a: Any, b: Any, axis: Axis = None, keepdims: bool = False) -> Any:
    """log(sum(b * exp(a))) along `axis`, of two arrays of one shape."""
    return scipy.special.logsumexp(a, axis, b, keepdims)


def softmax(x: Any, axis: Axis = None) -> Any:
    """exp(x) / sum(exp(x)) along `axis`; of all elements without one, as SciPy has it."""
    return reductions.softmax(as_array(x), axis)


def log_softmax(x: Any, axis: Axis = None) -> Any:
    """The logarithm of `softmax`, exact also where that rounds to 0."""
    return reductions.log_softmax(as_array(x), axis)


def comb(N: Any, k: Any, exact: bool = False, repetition: bool = False) -> Any:
    """In how many ways k of N things can be chosen; 0 where k is less than 0 or more than N."""
    if exact:
        raise TypeError("comb does not take exact=True on Values and Tensors: nodes hold floating-point numbers")
    N, k = as_array(N), as_array(k)
    if repetition:
        N = N + k - 1
    possible = np.less_equal(k, N) & np.greater_equal(N, 0) & np.greater_equal(k, 0)
    return np.where(possible, scipy.special.binom(N, k), 0)


@primitive
def multigammaln(a: Any, d: int) -> Any:
    """The logarithm of the multivariate gamma function of dimension `d`; each `a` is larger than (d - 1) / 2."""
    return scipy.special.multigammaln(a, d)


@primitive
def lambertw(z: Any, k: int = 0, tol: float = 1e-8) -> Any:
    """The real branches of Lambert's W, w exp(w) = z: the principal one, k = 0, and the lower one, k = -1. NaN where
    w would be complex, below -1/e and, on the lower branch, from 0 on.
    """
    if k not in (0, -1):
        raise ValueError(f"lambertw has real values on the branches k = 0 and k = -1, not on k = {k!r}")
    z = np.asarray(z)
    w = scipy.special.lambertw(z, k, tol)
    return np.where(w.imag == 0, w.real, np.nan).astype(z.dtype if z.dtype.kind == "f" else float)[()]


def as_array(x: Any) -> Any:
    """A list as an array, and anything else as it is."""
    return asarray(x) if isinstance(x, (list, tuple)) else x


# fmt: off
partials(lambertw, lambda y, z, k=0, tol=1e-8: np.exp(-y) / (1 + y), None, None, singular=True)
partials(multigammaln, lambda y, a, d: sum(scipy.special.psi(a - j / 2) for j in range(d)), None, singular=True)
pullbacks(weighted,
          lambda g, y, a, b, axis=None, keepdims=False: align(g, a, axis) * chain(b, np.exp(a - align(y, a, axis))),
          lambda g, y, a, b, axis=None, keepdims=False: align(g, a, axis) * np.exp(a - align(y, a, axis)))
# fmt: on


@rule_for(weighted)
def weighted_of_each(batch: Any, fun: Function, a: Any, b: Any, axis: Axis = None, keepdims: bool = False) -> Any:
    """`weighted` of each example of a batch."""
    axes = tuple(range(1, ndim(a) + 1)) if axis is None else shifted(axis, ndim(a))
    return fun(batch.of(a), batch.of(b), axis=axes, keepdims=keepdims)
