"""`autograd.scipy.linalg`: SciPy's linear algebra, of stacks of matrices, (..., m, n), as NumPy's.

What NumPy has too is NumPy's, with NumPy's arguments. The hints `overwrite_*` and `check_finite` are taken, and nothing
comes of them: arguments are never overwritten, and NaN is handed on. Names that are neither here nor there are SciPy's
own, which refuse nodes. Pullbacks are those of Giles, "Collected matrix derivative results for forward and reverse mode
algorithmic differentiation" (2008), unless a docstring names another source; that of sqrtm, and the theorem behind
`frechet`, are in Higham, "Functions of matrices" (2008).
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np
import scipy.linalg
from numpy.linalg import LinAlgError, det, inv, norm, pinv, solve

from ..batching.rule import aligned, batched
from ..primitives import primitive
from ..table import plain, pullbacks

Function = Callable[..., Any]
__all__ = [
    "block_diag", "cho_factor", "cho_solve", "cholesky", "det", "expm", "inv", "logm", "lu_factor", "lu_solve", "norm",
    "pinv", "solve", "solve_banded", "solve_sylvester", "solve_triangular", "sqrtm", "toeplitz",
]  # fmt: skip


def __getattr__(name: str) -> Any:
    return getattr(scipy.linalg, name)


def each(one: Function, *stacks: Any) -> Any:
    """`one` of every matrix of each stack; a result has the shape of the last of its arguments."""
    stacks = tuple(map(floats, stacks))
    if all(x.ndim == 2 for x in stacks):
        return one(*stacks)
    lead = np.broadcast_shapes(*(x.shape[:-2] for x in stacks))
    stacks = tuple(np.broadcast_to(x, (*lead, *x.shape[-2:])) for x in stacks)
    found = np.empty(stacks[-1].shape, np.result_type(*stacks))
    for i in np.ndindex(lead):
        found[i] = one(*(x[i] for x in stacks))
    return found


def floats(x: Any) -> Any:
    """`x` as an array of floats that LAPACK knows."""
    array = np.asarray(x)
    if array.dtype.kind not in "fiub":
        raise TypeError(
            f"an array of {array.dtype}: autograd.scipy takes real numbers, scipy.linalg itself others, too"
        )
    return array.astype(np.result_type(array, np.float32), copy=False)


def real(f: Function, a: Any) -> Any:
    """A function of one real matrix, computed in doubles and given in its dtype, if the result is real."""
    y = np.asarray(f(a.astype(np.float64)))
    size = np.max(np.absolute(y), initial=0.0)
    if np.iscomplexobj(y) and np.max(np.absolute(y.imag), initial=0.0) > 1000 * np.finfo(a.dtype).eps * size:
        raise LinAlgError(f"{f.__name__} of a matrix with negative eigenvalues is complex, and nodes hold real numbers")
    return y.real.astype(a.dtype)


# --- Matrix functions, and equations that LAPACK solves in a way of its own -------------------------------------


@primitive
def triangular(a: Any, b: Any, trans: bool = False, lower: bool = False, unit: bool = False) -> Any:
    """The solution x of a @ x = b, or of a.mT @ x = b, from one triangle of `a`; `b` is a matrix."""
    how = {"trans": int(trans), "lower": lower, "unit_diagonal": unit, "check_finite": False}
    return each(lambda a, b: scipy.linalg.solve_triangular(a, b, **how), a, b)


@primitive
def banded(ab: Any, b: Any, below: int, above: int) -> Any:
    """The solution x of a @ x = b, where ab[above + i - j, j] is a[i, j]; `b` is a matrix."""
    return each(lambda ab, b: scipy.linalg.solve_banded((below, above), ab, b, check_finite=False), ab, b)


@primitive
def solve_sylvester(a: Any, b: Any, q: Any) -> Any:
    """The solution x of a @ x + x @ b = q. Raises LinAlgError if `a` and -`b` share an eigenvalue."""
    return each(sylvester, a, b, q)


@primitive
def packed_lu(a: Any) -> Any:
    """The triangles of the factors of a square matrix whose rows were exchanged, in one matrix."""
    return each(lambda a: scipy.linalg.lu_factor(a, check_finite=False)[0], a)


@primitive
def pivots(a: Any) -> Any:
    """With which row each was exchanged."""
    found = np.empty(np.shape(a)[:-1], np.int32)
    for i in np.ndindex(found.shape[:-1]):
        found[i] = scipy.linalg.lu_factor(floats(a)[i], check_finite=False)[1]
    return found


@primitive
def order_of(piv: Any) -> Any:
    """The order of the rows after all exchanges."""
    piv = np.asarray(piv)
    order = np.broadcast_to(np.arange(piv.shape[-1]), piv.shape).copy()
    for i in range(piv.shape[-1]):
        other = np.take_along_axis(order, piv[..., i : i + 1], -1)
        np.put_along_axis(order, piv[..., i : i + 1], order[..., i : i + 1].copy(), -1)
        order[..., i : i + 1] = other
    return order


@primitive
def expm(A: Any) -> Any:
    """The exponential of square matrices. Its derivative costs an exponential of twice the size.

    The derivative is the one of Fréchet, exact for any matrix: see `frechet`.
    """
    return np.asarray(scipy.linalg.expm(floats(A)))


@primitive
def logm(A: Any) -> Any:
    """The principal logarithm of square matrices. Its derivative costs a logarithm of twice the size.

    Raises LinAlgError if an eigenvalue is 0, or negative: then it is infinite, or complex.
    """
    return each(logarithm, A)


@primitive
def sqrtm(A: Any) -> Any:
    """The principal square root of square matrices.

    Raises LinAlgError if an eigenvalue is negative: then it is complex. Where one is 0 there is no derivative.
    """
    return each(lambda a: real(scipy.linalg.sqrtm, a), A)


@primitive
def scale(e: Any, a: Any) -> Any:
    """The power of 2 next to max|e| / max|a| of each pair of matrices, 1 where that is no number."""
    sizes = [np.max(np.absolute(x), axis=(-2, -1), keepdims=True, initial=0.0) for x in (e, a)]
    with np.errstate(all="ignore"):
        power = np.exp2(np.rint(np.log2(sizes[0] / np.where(sizes[1] == 0, 1, sizes[1]))))
    return np.where(np.isfinite(power) & (power > 0), power, 1).astype(np.asarray(e).dtype)


# fmt: off
pullbacks(triangular,      lambda g, y, a, b, trans=False, lower=False, unit=False: -triangle(
                               outer(triangular(a, g, trans=not trans, lower=lower, unit=unit), y, trans), lower, unit),
                           lambda g, y, a, b, trans=False, lower=False, unit=False:
                               triangular(a, g, trans=not trans, lower=lower, unit=unit))
pullbacks(banded,          lambda g, y, ab, b, below, above:
                               -bands(banded(flipped(ab, below, above), g, above, below), y, below, above),
                           lambda g, y, ab, b, below, above: banded(flipped(ab, below, above), g, above, below),
                           None, None)
pullbacks(solve_sylvester, lambda g, y, a, b, q: -solve_sylvester(a.mT, b.mT, g) @ y.mT,
                           lambda g, y, a, b, q: -y.mT @ solve_sylvester(a.mT, b.mT, g),
                           lambda g, y, a, b, q: solve_sylvester(a.mT, b.mT, g))
pullbacks(packed_lu,       lambda g, y, a: through_lu(g, y, a))
pullbacks(expm,            lambda g, y, a: frechet(expm, a.mT, g, 2.0**-30))
pullbacks(logm,            lambda g, y, a: frechet(logm, a.mT, g, 1.0))
pullbacks(sqrtm,           lambda g, y, a: solve_sylvester(y.mT, y.mT, g))
# fmt: on
plain([pivots, order_of, scale])
batched(aligned, triangular, banded, solve_sylvester, packed_lu, pivots, order_of, expm, logm, sqrtm, scale)


def outer(g: Any, y: Any, trans: bool) -> Any:
    """How the gradient of the solution of a @ x = b moves `a`, or that of a.mT @ x = b."""
    return y @ g.mT if trans else g @ y.mT


def triangle(x: Any, lower: bool, unit: bool) -> Any:
    """The triangle that is read, without its diagonal if that counts as ones."""
    return np.tril(x, -1 if unit else 0) if lower else np.triu(x, 1 if unit else 0)


def bands(g: Any, y: Any, below: int, above: int) -> Any:
    """The diagonals of g @ y.mT, as `banded` takes them."""
    room = [(0, 0)] * (g.ndim - 2) + [(above, below), (0, 0)]
    row = np.arange(below + above + 1)[:, None] + np.arange(g.shape[-2])
    return np.sum(np.pad(g, room)[..., row, :] * y[..., None, :, :], axis=-1)


def flipped(ab: Any, below: int, above: int) -> Any:
    """The diagonals of the transposed matrix, whose uppermost is the lowest of this one."""
    n, width = ab.shape[-1], below + above
    rows, columns = np.indices((width + 1, n))
    source = columns + rows - below
    inside = (source >= 0) & (source < n)
    return np.where(inside, ab[..., width - rows, np.where(inside, source, 0)], 0)


def sylvester(a: Any, b: Any, q: Any) -> Any:
    """Bartels and Stewart, "Solution of the matrix equation AX + XB = C" (1972)."""
    if a.shape[0] != a.shape[1] or b.shape[0] != b.shape[1] or q.shape != (len(a), len(b)):
        raise ValueError(f"a @ x + x @ b = q cannot be of shapes {a.shape}, {b.shape} and {q.shape}")
    if not q.size:
        return np.zeros_like(q)
    (r, u), (s, v) = scipy.linalg.schur(a), scipy.linalg.schur(b.T)
    f = u.T @ q @ v
    solver = scipy.linalg.get_lapack_funcs("trsyl", (r, s, f))
    y, shrunk, info = solver(r, s, f, tranb="C")
    if info:
        raise LinAlgError("a @ x + x @ b = q has no single solution: a and -b have an eigenvalue in common")
    return u @ (y / shrunk) @ v.T


def logarithm(a: Any) -> Any:
    """scipy.linalg.logm of one matrix that has a real one."""
    if not a.size:
        return a
    if not np.all(np.linalg.svdvals(a) > 0):
        raise LinAlgError("logm of a singular matrix is infinite")
    state = np.random.get_state()  # noqa: NPY002 - SciPy draws from the global generator, to estimate norms
    try:
        return real(scipy.linalg.logm, a)
    finally:
        np.random.set_state(state)  # noqa: NPY002 - and has not drawn


def frechet(f: Callable[[Any], Any], a: Any, e: Any, relative: float) -> Any:
    """The derivative of a matrix function at `a` along `e`: the upper right block of f([[a, e], [0, a]]).

    Mathias, "A chain rule for matrix functions and applications" (1996); Higham, theorem 3.6. It is linear in `e`,
    which therefore gets a size `relative` to that of `a`. Small, it leaves the scaling of expm to `a` alone, and the
    blocks stay apart; the Schur form behind logm mixes them, with rounding errors of the size of the larger one.
    """
    n, size = a.shape[-1], scale(e, a) / relative
    above = np.concatenate([a, e / size], axis=-1)
    below = np.concatenate([np.zeros_like(a), a], axis=-1)
    return f(np.concatenate([above, below], axis=-2))[..., :n, n:] * size


def through_lu(g: Any, y: Any, a: Any) -> Any:
    """De Hoog, Anderssen and Lukas, "Differentiation of matrix functionals using triangular factorization" (2011)."""
    eye = np.eye(y.shape[-1], dtype=y.dtype)
    lower, upper = np.tril(y, -1) + eye, np.triu(y)
    inner = np.tril(lower.mT @ np.tril(g, -1), -1) + np.triu(np.triu(g) @ upper.mT)
    left = triangular(y, inner, trans=True, lower=True, unit=True)
    both = triangular(y, left.mT).mT
    return np.take_along_axis(both, np.argsort(order_of(pivots(a)))[..., None], axis=-2)


# --- SciPy's names --------------------------------------------------------------------------------------------------

HINTS = frozenset({"overwrite_a", "overwrite_ab", "overwrite_b", "check_finite"})


def without_hints(f: Function) -> Function:
    """`f`, called with SciPy's hints or without them."""

    @functools.wraps(f)
    def call(*args: Any, **kwargs: Any) -> Any:
        return f(*args, **{name: x for name, x in kwargs.items() if name not in HINTS})

    return call


def solved(solution: Callable[[Any], Any], b: Any) -> Any:
    """A solution for `b`, which is one vector or holds matrices."""
    b = b if hasattr(b, "ndim") else np.asarray(b)
    return solution(b[:, None])[..., 0] if b.ndim == 1 else solution(b)


def transposes(trans: Any) -> bool:
    """Whether SciPy's `trans` means the transposed matrix."""
    if trans not in (0, 1, 2, "N", "T", "C"):
        raise ValueError(f"trans={trans!r}: it is 0 or 'N', 1 or 'T', 2 or 'C'")
    return trans not in (0, "N")


@without_hints
def solve_triangular(a: Any, b: Any, trans: Any = 0, lower: bool = False, unit_diagonal: bool = False) -> Any:
    """The solution x of a @ x = b for a triangular matrix; the other triangle is not read, and has the gradient 0.

    `trans` 1 or "T" is for a.T @ x = b. Raises LinAlgError if there is a 0 on the diagonal.
    """
    return solved(lambda b: triangular(a, b, trans=transposes(trans), lower=bool(lower), unit=bool(unit_diagonal)), b)


@without_hints
def solve_banded(l_and_u: tuple[int, int], ab: Any, b: Any) -> Any:
    """The solution x of a @ x = b for a matrix with few diagonals, `l_and_u` below and above the main one.

    They are the rows of `ab`: ab[u + i - j, j] is a[i, j]. Its unused corners are not read, and have the gradient 0.
    """
    below, above = map(int, l_and_u)
    rows = np.shape(ab)[-2]
    if rows != below + above + 1:
        raise ValueError(f"l_and_u={(below, above)} needs {below + above + 1} diagonals, and ab has {rows} rows")
    return solved(lambda b: banded(ab, b, below=below, above=above), b)


@without_hints
def cholesky(a: Any, lower: bool = False) -> Any:
    """The triangular factor of a symmetric positive definite matrix, the upper one unless `lower`."""
    return np.linalg.cholesky(a, upper=not lower)


@without_hints
def cho_factor(a: Any, lower: bool = False) -> tuple[Any, bool]:
    """The triangular factor for `cho_solve`, and which one it is. Unlike in SciPy, the other triangle is 0."""
    return cholesky(a, lower), bool(lower)


@without_hints
def cho_solve(c_and_lower: tuple[Any, bool], b: Any) -> Any:
    """The solution x of a @ x = b, from the factor of `a` by `cho_factor`."""
    c, lower = c_and_lower
    half = solve_triangular(c, b, trans=not lower, lower=lower)
    return solve_triangular(c, half, trans=bool(lower), lower=lower)


@without_hints
def lu_factor(a: Any) -> tuple[Any, Any]:
    """The factors of a square matrix in one matrix, and with which row each was exchanged, in plain integers."""
    if np.ndim(a) < 2 or np.shape(a)[-1] != np.shape(a)[-2]:
        raise ValueError(f"lu_factor takes square matrices, not an array of shape {np.shape(a)}")
    return packed_lu(a), pivots(a)


@without_hints
def lu_solve(lu_and_piv: tuple[Any, Any], b: Any, trans: Any = 0) -> Any:
    """The solution x of a @ x = b, from the factors of `a` by `lu_factor`; `trans` 1 or 2 is for a.T @ x = b."""
    lu, piv = lu_and_piv
    order = order_of(piv)[..., None]

    def solution(b: Any) -> Any:
        if transposes(trans):
            half = triangular(lu, b, trans=True)
            return np.take_along_axis(
                triangular(lu, half, trans=True, lower=True, unit=True), np.argsort(order, -2), -2
            )
        half = triangular(lu, np.take_along_axis(b, order, -2), lower=True, unit=True)
        return triangular(lu, half)

    return solved(solution, b)


def block_diag(*arrs: Any) -> Any:
    """A matrix with these along its diagonal and 0 elsewhere; vectors and numbers are matrices of one row."""
    blocks = [np.atleast_2d(a) for a in arrs or ([],)]
    if any(block.ndim != 2 for block in blocks):
        raise ValueError(f"block_diag takes matrices, not arrays of shapes {', '.join(str(b.shape) for b in blocks)}")
    columns = sum(block.shape[1] for block in blocks)
    rows, start = [], 0
    for block in blocks:
        rows.append(np.pad(block, ((0, 0), (start, columns - start - block.shape[1]))))
        start += block.shape[1]
    return np.concatenate(rows)


def toeplitz(c: Any, r: Any = None) -> Any:
    """The matrix with constant diagonals whose first column is `c`, and whose first row is `r` after its first number;
    `r` is `c` unless it is given.
    """
    c = c if hasattr(c, "ndim") else np.asarray(c)
    r = c if r is None else r if hasattr(r, "ndim") else np.asarray(r)
    if c.ndim != 1 or r.ndim != 1:
        raise ValueError(f"toeplitz takes vectors, not arrays of shapes {c.shape} and {r.shape}")
    along = np.concatenate([c[::-1], r[1:]])
    return along[len(c) - 1 - np.arange(len(c))[:, None] + np.arange(len(r))]
