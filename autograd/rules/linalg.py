"""Linear algebra. Every function works on stacks of matrices, (..., m, n), as NumPy's do.

Functions that read one triangle of a symmetric matrix (cholesky, eigh, eigvalsh) have symmetric gradients.
Eigenvectors and singular vectors have no derivative where two eigenvalues or singular values are equal: what would turn
these vectors into each other counts as 0 there, and the gradients of eigenvalues and singular values stay exact.
The formulas are in Giles, "Collected matrix derivative results for forward and reverse mode algorithmic
differentiation" (2008), unless the docstring of a pullback says otherwise.
"""

from __future__ import annotations

import operator
from typing import Any

import numpy as np

from ..arrays import StandIn, beside, zeros
from ..primitives import primitive
from ..shapes import kept, spread
from ..table import composite, plain, pullbacks
from .dtypes import together
from .elementwise import chain, ratio
from .structure import scatter, set_at

normalize_axes = np.lib.array_utils.normalize_axis_tuple
eye = np.eye(1)
EighResult, QRResult = type(np.linalg.eigh(eye)), type(np.linalg.qr(eye))
SVDResult, SlogdetResult = type(np.linalg.svd(eye)), type(np.linalg.slogdet(eye))

# --- What NumPy lacks: results in one array, norms of any axes, cofactors ---------------------------------------


@primitive
def packed_eigh(a: Any, UPLO: Any = "L") -> Any:
    """np.linalg.eigh in one array, (..., n, n + 1): the eigenvectors, and the eigenvalues as the last column."""
    w, v = np.linalg.eigh(a, UPLO)
    return np.concatenate([v, w[..., None]], axis=-1)


@primitive
def packed_svd(a: Any) -> Any:
    """The thin np.linalg.svd in one array, (..., m + 1 + n, k): the rows of u, the singular values, the rows of v."""
    u, s, vh = np.linalg.svd(a, full_matrices=False)
    return np.concatenate([u, s[..., None, :], np.swapaxes(vh, -1, -2)], axis=-2)


@primitive
def packed_qr(a: Any) -> Any:
    """The reduced np.linalg.qr for m >= n in one array, (..., m + n, n): the rows of q, the rows of r."""
    return np.concatenate(np.linalg.qr(a), axis=-2)


@primitive
def packed_slogdet(a: Any) -> Any:
    """np.linalg.slogdet in one array, (..., 2): the sign of det(a), and log(abs(det(a))) without overflow."""
    return np.stack(np.linalg.slogdet(a), axis=-1)


@primitive
def det_sign(packed: Any) -> Any:
    """The sign in `packed_slogdet`."""
    return np.sign(packed[..., 0])


@primitive
def nearly_singular(a: Any) -> Any:
    """Whether a matrix is, to a quarter of its digits: its least singular value beside the largest."""
    s = np.linalg.svd(a, compute_uv=False)
    return np.less_equal(s[..., -1], np.finfo(s.dtype).eps ** 0.25 * s[..., 0])


@primitive
def p_norm(x: Any, ord: float = 2, axis: Any = None, keepdims: bool = False) -> Any:
    """(sum of |x|**ord over `axis`) ** (1/ord)."""
    return np.linalg.vector_norm(x, ord=ord, axis=axis, keepdims=keepdims)


@primitive
def cofactor(a: Any) -> Any:
    """The matrix of cofactors, det(a) * inv(a).mT where `a` is regular, exact also where it is singular."""
    u, s, vh = np.linalg.svd(a)
    return (u * (np.linalg.det(u) * np.linalg.det(vh))[..., None, None] * others(s)[..., None, :]) @ vh


@primitive
def full_rank(a: Any, rcond: float | None = None) -> Any:
    """The matrix `a`, if no singular value of it is below `rcond` times the largest."""
    s = np.linalg.svd(a, compute_uv=False)
    cut = np.finfo(s.dtype).eps * max(a.shape) if rcond is None else rcond
    if s.size and not np.all(s > cut * s[0]):
        raise np.linalg.LinAlgError(
            f"np.linalg.lstsq: the singular values {s} are of a matrix that lacks rank, whose "
            "solution has no derivative"
        )
    return a


# --- The table --------------------------------------------------------------------------------------------------
# fmt: off

pullbacks(np.linalg.inv,      lambda g, y, a: -(y.mT @ g @ y.mT))
pullbacks(np.linalg.solve,    lambda g, y, a, b: -outer(solve(a.mT, g, b.ndim), y, b.ndim),
                              lambda g, y, a, b: solve(a.mT, g, b.ndim))
pullbacks(np.linalg.det,      lambda g, y, a: g[..., None, None] * cofactor(a))
pullbacks(cofactor,           lambda g, y, a: cofactor_pullback(g, y, a))
pullbacks(np.linalg.cholesky, lambda g, y, a, upper=False: cholesky_pullback(*((g.mT, y.mT) if upper else (g, y))))
pullbacks(np.linalg.pinv,     lambda g, y, a, rcond=None, rtol=None: pinv_pullback(g, y, a))
pullbacks(packed_eigh,        lambda g, y, a, UPLO="L": eigh_pullback(g, y))
pullbacks(packed_svd,         lambda g, y, a: svd_pullback(g, y, a.shape[-2]))
pullbacks(packed_qr,          lambda g, y, a: qr_pullback(g, y, a.shape[-2]))
pullbacks(packed_slogdet,     lambda g, y, a: g[..., 1, None, None] * np.linalg.inv(a.mT))
pullbacks(p_norm,             lambda g, y, x, ord=2, axis=None, keepdims=False: spread(g, x.shape, axis, keepdims)
                                  * p_norm_slope(ratio(x, spread(y, x.shape, axis, keepdims)), ord))

composite(np.linalg.slogdet,          lambda a: slogdet(packed_slogdet(a)))
composite(np.linalg.eigh,             lambda a, UPLO="L": eigh(packed_eigh(a, UPLO=UPLO)))
composite(np.linalg.eigvalsh,         lambda a, UPLO="L": packed_eigh(a, UPLO=UPLO)[..., -1])
composite(np.linalg.svd,              lambda a, full_matrices=True, compute_uv=True: svd(a, full_matrices, compute_uv))
composite(np.linalg.svdvals,          lambda x: svdvals(x))
composite(np.linalg.qr,               lambda a, mode="reduced": qr(a, mode))
composite(np.linalg.norm,             lambda x, ord=None, axis=None, keepdims=False: norm(x, ord, axis, keepdims))
composite(np.linalg.vector_norm,      lambda x, axis=None, keepdims=False, ord=2: vector_norm(x, ord, axis, keepdims))
composite(np.linalg.matrix_norm,      lambda x, keepdims=False, ord="fro": matrix_norm(x, ord, (-2, -1), keepdims))
composite(np.linalg.cond,             lambda x, p=None: cond(x, p))
composite(np.linalg.matrix_power,     lambda a, n: matrix_power(a, operator.index(n)))
composite(np.linalg.multi_dot,        lambda arrays: multi_dot(arrays))
composite(np.linalg.diagonal,         lambda x, offset=0: np.diagonal(x, offset=offset, axis1=-2, axis2=-1))
composite(np.linalg.trace,            lambda x, offset=0: np.trace(x, offset=offset, axis1=-2, axis2=-1))
composite(np.linalg.matrix_transpose, lambda x: np.swapaxes(x, -1, -2))
composite(np.matrix_transpose,        lambda x: np.swapaxes(x, -1, -2))

composite(np.linalg.lstsq,            lambda a, b, rcond=None: lstsq(a, b, rcond))

pullbacks(full_rank, 1, None)
plain([det_sign, nearly_singular, np.linalg.matrix_rank])

VECTOR_NORMS = {
    np.inf:  lambda x, axis, keepdims: np.max(np.absolute(x), axis=axis, keepdims=keepdims),
    -np.inf: lambda x, axis, keepdims: np.min(np.absolute(x), axis=axis, keepdims=keepdims),
    0:       lambda x, axis, keepdims: np.sum(np.sign(np.absolute(x)), axis=axis, keepdims=keepdims),
}

MATRIX_NORMS = {  # of the last two axes; the derivative of an absolute value at 0 is 0, so also of singular values
    "fro":   lambda x: p_norm(x, axis=(-2, -1)),
    "nuc":   lambda x: np.sum(np.absolute(svdvals(x)), axis=-1),
    2:       lambda x: np.max(np.absolute(svdvals(x)), axis=-1),
    -2:      lambda x: np.min(np.absolute(svdvals(x)), axis=-1),
    1:       lambda x: np.max(np.sum(np.absolute(x), axis=-2), axis=-1),
    -1:      lambda x: np.min(np.sum(np.absolute(x), axis=-2), axis=-1),
    np.inf:  lambda x: np.max(np.sum(np.absolute(x), axis=-1), axis=-1),
    -np.inf: lambda x: np.min(np.sum(np.absolute(x), axis=-1), axis=-1),
}

# fmt: on
# --- Pullbacks that need more than a line -----------------------------------------------------------------------


def solve(a: Any, b: Any, ndim: int) -> Any:
    """np.linalg.solve, where `b` holds vectors if `ndim` is 1 and matrices else."""
    return np.linalg.solve(a, b[..., None])[..., 0] if ndim == 1 else np.linalg.solve(a, b)


def outer(a: Any, b: Any, ndim: int) -> Any:
    """The products a @ b.mT, where both hold vectors, single columns, if `ndim` is 1 and matrices else."""
    return a[..., :, None] * b[..., None, :] if ndim == 1 else a @ b.mT


def others(s: Any) -> Any:
    """For each number along the last axis the product of the others, without a division."""
    return np.prod(np.where(beside(s, np.eye(s.shape[-1], dtype=bool)), 1, s[..., None, :]), axis=-1)


def cofactor_pullback(g: Any, y: Any, a: Any) -> Any:
    """The second derivative of det: from y = det(a) * inv(a).mT where `a` is well conditioned, else from minors."""
    if not a.shape[-1]:
        return np.zeros_like(a)
    singular = nearly_singular(a)
    det = np.where(singular, 1, np.linalg.det(a))[..., None, None]
    regular = (np.sum(g * y, axis=(-2, -1), keepdims=True) * y - y @ g.mT @ y) / det
    if isinstance(singular, StandIn):  # how many are singular is not known
        every: Any = singular
        return np.where(every[..., None, None], minors_pullback(g, a), regular)
    return set_at(regular, minors_pullback(g[singular], a[singular]), singular)


def minors_pullback(g: Any, a: Any) -> Any:
    """The pullback of the cofactors as determinants of n * n minors: slow, without a division, exact at every order."""
    n = a.shape[-1]
    sign = beside(a, (-1.0) ** np.add.outer(np.arange(n), np.arange(n)).astype(a.dtype))
    rest = np.nonzero(~np.eye(n, dtype=bool))[1].reshape(n, max(0, n - 1))  # all rows, or columns, but one
    minors = (..., rest[:, None, :, None], rest[None, :, None, :])
    return scatter((g * sign)[..., None, None] * cofactor(a[minors]), minors, a.shape)


def cholesky_pullback(g: Any, y: Any) -> Any:
    """Murray, "Differentiation of the Cholesky decomposition" (2016), equations 9 and 10."""
    inverse = np.linalg.inv(y)
    s = inverse.mT @ (lower_half(y) * (y.mT @ g)) @ inverse
    return 0.5 * (s + s.mT)


def lower_half(x: Any) -> Any:
    """The mask of the lower triangle that makes x = mask * x + (mask * x).mT of a symmetric x: half on the diagonal."""
    n = x.shape[-1]
    return beside(x, np.tri(n, dtype=x.dtype) - np.eye(n, dtype=x.dtype) / 2)


def pinv_pullback(g: Any, y: Any, a: Any) -> Any:
    """Golub and Pereyra, "The differentiation of pseudo-inverses" (1973), for a rank that does not change."""
    p, h = y.mT, g.mT
    left = h @ y @ p  # what leaves the column space of `a`, and what leaves its row space
    right = p @ y @ h
    return left - a @ (y @ left) + right - (right @ y) @ a - p @ g @ p


def eigh_pullback(g: Any, y: Any) -> Any:
    """a = v diag(w) v.mT: the eigenvalues move with the diagonal of v.mT da v, the vectors with the rest of it."""
    v, w = y[..., :-1], y[..., None, :, -1]
    gv, gw = g[..., :-1], g[..., None, :, -1]
    gap = settled(w - w.mT, np.absolute(w[..., :1]) + np.absolute(w[..., -1:]))
    s = (v @ ratio(v.mT @ gv, gap) + v * gw) @ v.mT
    return 0.5 * (s + s.mT)


def svd_pullback(g: Any, y: Any, m: int) -> Any:
    """Townsend, "Differentiating the singular value decomposition" (2016), for a = u diag(s) v.mT."""
    u, s, v = y[..., :m, :], y[..., m : m + 1, :], y[..., m + 1 :, :]
    gu, gs, gv = g[..., :m, :], g[..., m : m + 1, :], g[..., m + 1 :, :]
    top = s[..., :1]
    gap = settled(s - s.mT, top) * (s + s.mT)
    hu, hv = u.mT @ gu, v.mT @ gv
    left = u @ (ratio(hu - hu.mT, gap) * s + s.mT * ratio(hv - hv.mT, gap)) + u * gs
    if m > s.shape[-1]:
        left = left + ratio(gu - u @ hu, settled(s, top))
    ga = left @ v.mT
    return ga + u @ ratio(gv - v @ hv, settled(s, top)).mT if v.shape[-2] > s.shape[-1] else ga


def settled(x: Any, scale: Any) -> Any:
    """`x` with 0 in the place of what rounding leaves of a difference of eigenvalues of size `scale`."""
    return np.where(np.less_equal(np.absolute(x), 10 * x.shape[-1] * np.finfo(x.dtype).eps * scale), 0, x)


def qr_pullback(g: Any, y: Any, m: int) -> Any:
    """Walter and Lehmann, "Algorithmic differentiation of linear algebra functions" (2012), for m >= n."""
    q, r = y[..., :m, :], y[..., m:, :]
    gq, gr = g[..., :m, :], g[..., m:, :]
    s = lower_half(r) * (r @ gr.mT - gq.mT @ q)
    return np.linalg.solve(r, (gq + q @ (s + s.mT)).mT).mT


def p_norm_slope(z: Any, ord: float) -> Any:
    """The derivative of the norm at x, from z = x / norm, which is 0 where the norm is."""
    return z if ord == 2 else chain(np.sign(z), np.absolute(z) ** (ord - 1))


# --- Functions made of others -----------------------------------------------------------------------------------


def slogdet(packed: Any) -> Any:
    """The result of np.linalg.slogdet, cut out of one array."""
    return SlogdetResult(det_sign(packed), packed[..., 1])


def eigh(packed: Any) -> Any:
    """The result of np.linalg.eigh, cut out of one array."""
    return EighResult(packed[..., -1], packed[..., :-1])


def svd(a: Any, full_matrices: bool, compute_uv: bool) -> Any:
    """np.linalg.svd, but for the bases of null spaces: those are arbitrary and have no derivative."""
    if not compute_uv:
        return svdvals(a)
    m, n = np.shape(a)[-2:]
    if full_matrices and m != n:
        raise ValueError(f"np.linalg.svd of shape {np.shape(a)}: only full_matrices=False has a derivative if m != n")
    packed = packed_svd(a)
    return SVDResult(packed[..., :m, :], packed[..., m, :], packed[..., m + 1 :, :].mT)


def svdvals(x: Any) -> Any:
    """The singular values, in descending order."""
    return packed_svd(x)[..., np.shape(x)[-2], :]


def qr(a: Any, mode: str) -> Any:
    """np.linalg.qr; a wide matrix is the one of its left square, with q.mT @ the rest beside r."""
    m, n = np.shape(a)[-2:]
    if mode not in ("reduced", "r") and not (mode == "complete" and m <= n):
        raise ValueError(f"np.linalg.qr of shape {(m, n)} with mode={mode!r}: mode='reduced' and 'r' have a derivative")
    k = min(m, n)
    packed = packed_qr(a[..., :k])
    q, r = packed[..., :m, :], packed[..., m:, :]
    if n > k:
        r = np.concatenate([r, q.mT @ a[..., k:]], axis=-1)
    return r if mode == "r" else QRResult(q, r)


def norm(x: Any, ord: Any, axis: Any, keepdims: bool) -> Any:
    """np.linalg.norm: of a vector, of matrices, or without `ord` and `axis` of all elements."""
    if ord is None and axis is None:
        return p_norm(x, keepdims=keepdims)
    axes = normalize_axes(range(np.ndim(x)) if axis is None else axis, np.ndim(x))
    if len(axes) == 1:
        return vector_norm(x, 2 if ord is None else ord, axes, keepdims)
    if len(axes) == 2:
        return matrix_norm(x, "fro" if ord is None else ord, axes, keepdims)
    raise ValueError(f"np.linalg.norm of shape {np.shape(x)}: ord={ord!r} is a norm over one axis or two: give axis=")


def vector_norm(x: Any, ord: Any, axis: Any, keepdims: bool) -> Any:
    """np.linalg.vector_norm over the axes together."""
    if isinstance(ord, str):
        raise ValueError(f"ord={ord!r} is no norm of vectors: a number is, or inf or -inf")
    made_of = VECTOR_NORMS.get(ord)
    return made_of(x, axis, keepdims) if made_of else p_norm(x, ord=ord, axis=axis, keepdims=keepdims)


def matrix_norm(x: Any, ord: Any, axes: tuple[int, int], keepdims: bool) -> Any:
    """np.linalg.matrix_norm over a pair of axes."""
    if ord not in MATRIX_NORMS:
        raise ValueError(f"ord={ord!r} is no norm of matrices: these are {', '.join(map(repr, MATRIX_NORMS))}")
    y = MATRIX_NORMS[ord](np.moveaxis(x, axes, (-2, -1)))
    return np.reshape(y, kept(np.shape(x), axes)) if keepdims else y


def cond(x: Any, p: Any) -> Any:
    """np.linalg.cond: the largest by the smallest singular value, or norm(x) * norm(inv(x))."""
    if p in (None, 2, -2):
        s = svdvals(x)
        return s[..., -1] / s[..., 0] if p == -2 else s[..., 0] / s[..., -1]
    return matrix_norm(x, p, (-2, -1), False) * matrix_norm(np.linalg.inv(x), p, (-2, -1), False)


def matrix_power(a: Any, n: int) -> Any:
    """np.linalg.matrix_power by repeated squaring."""
    if a.ndim < 2 or a.shape[-1] != a.shape[-2]:
        raise np.linalg.LinAlgError(f"np.linalg.matrix_power of shape {a.shape}: the matrices must be square")
    if n < 0:
        return matrix_power(np.linalg.inv(a), -n)
    if n == 0:
        return np.where(False, a, beside(a, np.eye(a.shape[-1], dtype=a.dtype)))
    if n == 1:
        return a
    half = matrix_power(a, n // 2)
    return half @ half @ a if n % 2 else half @ half


def multi_dot(arrays: Any) -> Any:
    """np.linalg.multi_dot: one einsum, which chooses the order. The first and the last array may be vectors."""
    n = len(arrays)
    if n < 2:
        raise ValueError(f"np.linalg.multi_dot takes two arrays or more, not {n}")
    labels = [[i, i + 1] for i in range(n)]
    out = [0, n]
    if np.ndim(arrays[0]) == 1:
        labels[0] = [1]
        out.remove(0)
    if np.ndim(arrays[-1]) == 1:
        labels[-1] = [n - 1]
        out.remove(n)
    return np.einsum(*(x for pair in zip(arrays, labels) for x in pair), out)


def lstsq(a: Any, b: Any, rcond: float | None) -> Any:
    """np.linalg.lstsq of a matrix of full rank: the solution of least norm, the squared residuals, the rank, and the
    singular values.
    """
    if np.ndim(a) != 2 or np.ndim(b) not in (1, 2):
        raise ValueError(
            f"np.linalg.lstsq takes a matrix, and a vector or a matrix, not {np.shape(a)} and {np.shape(b)}"
        )
    a, b = together(a, b)
    a = full_rank(a, rcond)
    m, n = a.shape
    x = np.linalg.pinv(a) @ b
    residuals = np.sum(np.square(b - a @ x), axis=0) if m > n else zeros(x, (0,))
    return x, np.atleast_1d(residuals), min(m, n), svdvals(a)
