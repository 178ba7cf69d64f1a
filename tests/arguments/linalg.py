"""Valid calls of linear algebra: stacks of matrices with chosen singular values, so that every result is smooth.

The signs of eigenvectors, of singular vectors and of the columns of q are arbitrary, and can change from one matrix to
its neighbour: products of two entries of one vector do not.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import strategies as st

from autograd.rules import linalg as own

from .common import Calls, Function, arrays, call

STACKS = st.sampled_from([(), (), (2,), (2, 1)])


def matrices_of(m: int, n: int, stacks: st.SearchStrategy[tuple[int, ...]] = STACKS) -> st.SearchStrategy[Any]:
    """Stacks of m x n matrices with singular values 1, 2, 3, ... and arbitrary singular vectors."""
    k = min(m, n)
    both = stacks.flatmap(lambda stack: st.tuples(arrays((*stack, m, m)), arrays((*stack, n, n))))
    return both.map(
        lambda pair: np.linalg.qr(pair[0]).Q[..., :k] * np.arange(1.0, k + 1) @ np.linalg.qr(pair[1]).Q[..., :k].mT
    )


def square(low: int = 1, stacks: st.SearchStrategy[tuple[int, ...]] = STACKS) -> st.SearchStrategy[Any]:
    """Stacks of square matrices."""
    return st.integers(low, 3).flatmap(lambda n: matrices_of(n, n, stacks))


def graded(shape: tuple[int, ...]) -> st.SearchStrategy[Any]:
    """Numbers of either sign, away from 0, no two of which and no two rows or columns of which are of equal size."""
    scale = 3.0 ** np.arange(np.prod(shape)).reshape(shape)
    return arrays(shape, -0.5, 0.5).map(lambda x: scale * (x + np.copysign(0.5, x)))


RECTANGLES = st.sampled_from([(2, 2), (3, 2), (2, 3), (3, 3), (1, 2), (4, 2)]).flatmap(lambda mn: matrices_of(*mn))
TALL = st.sampled_from([(2, 2), (3, 2), (4, 1), (3, 3)]).flatmap(lambda mn: matrices_of(*mn))
UPLO = st.sampled_from("LU")
BY_SINGULAR_VALUES = st.sampled_from([None, "fro", "nuc", 2, -2])
BY_SUMS = st.sampled_from([1, -1, np.inf, -np.inf])


def positive(a: Any) -> Any:
    """A symmetric positive definite matrix."""
    return a @ a.mT


def gauge_free(vectors: Any) -> Any:
    """What does not change when a column changes its sign: its entries times the first of them."""
    return vectors * vectors[..., :1, :]


def eigh_squared(a: Any, UPLO: Any = "L") -> Any:
    """The eigenvalues and gauge-free eigenvectors of a @ a.mT."""
    w, v = np.linalg.eigh(positive(a), UPLO)
    return w, gauge_free(v)


def svd_gauge_free(a: Any) -> Any:
    """The singular values and vectors, u and v in the gauge of each other."""
    u, s, vh = np.linalg.svd(a, full_matrices=False)
    return gauge_free(u), s, vh.mT * u[..., :1, :]


def qr_gauge_free(a: Any, mode: Any = "reduced") -> Any:
    """The columns of q and the rows of r, each times the element of r on the diagonal."""
    result: Any = np.linalg.qr(a, mode)
    if mode == "r":
        return np.diagonal(result, axis1=-2, axis2=-1)[..., None] * result
    q, r = result
    signs = np.diagonal(r, axis1=-2, axis2=-1)
    return q * signs[..., None, :], signs[..., None] * r


def solution_and_singular_values(a: Any, b: Any, rcond: Any) -> Any:
    """The results of np.linalg.lstsq without the rank, which is a whole number."""
    x, residuals, _, s = np.linalg.lstsq(a, b, rcond)
    return x, residuals, s


# Instead of the function itself the tests call one of the same arguments whose result is smooth and unambiguous.
INSTEAD: dict[Function, Function] = {
    np.linalg.cholesky: lambda a, upper=False: np.linalg.cholesky(positive(a), upper=upper),
    np.linalg.eigh: eigh_squared,
    np.linalg.eigvalsh: lambda a, UPLO="L": np.linalg.eigvalsh(positive(a), UPLO),
    np.linalg.svd: svd_gauge_free,
    np.linalg.qr: qr_gauge_free,
    np.linalg.slogdet: lambda a: np.linalg.slogdet(a).logabsdet,
    np.linalg.lstsq: solution_and_singular_values,
    own.packed_eigh: lambda a, UPLO="L": np.square(own.packed_eigh(positive(a), UPLO=UPLO)),
    own.packed_svd: lambda a: np.square(own.packed_svd(a)),
    own.packed_qr: lambda a: np.square(own.packed_qr(a)),
}

ARGUMENTS: dict[Function, Calls] = {
    np.linalg.inv: call(square()),
    np.linalg.solve: st.one_of(
        call(square(2, st.just(())).filter(lambda a: a.shape[-1] == 2), arrays((2,))),
        call(matrices_of(2, 2, st.just((3,))), arrays((2,))),
        call(matrices_of(2, 2, st.just((3, 1))), arrays((2, 2, 3))),
        call(matrices_of(3, 3, st.just(())), arrays((2, 3, 1))),
        call(matrices_of(2, 2, st.just((3,))), arrays((2, 0))),
    ),
    np.linalg.det: call(square()),
    own.cofactor: call(square()),
    own.packed_slogdet: call(square()),
    own.full_rank: call(matrices_of(3, 2, st.just(())), None),
    np.linalg.cholesky: call(square(), upper=st.booleans()),
    np.linalg.pinv: call(RECTANGLES),
    own.packed_eigh: call(square(), UPLO=UPLO),
    own.packed_svd: call(RECTANGLES),
    own.packed_qr: call(TALL),
    own.p_norm: call(
        graded((2, 1, 3)),
        ord=st.sampled_from([2, 1, 3, 1.5, 0.5, -1]),
        axis=st.sampled_from([None, 0, -1, (0, 2)]),
        keepdims=st.booleans(),
    ),
}

COMPOSITE_ARGUMENTS: dict[Function, Calls] = {
    np.linalg.slogdet: call(square()),
    np.linalg.eigh: call(square(), UPLO=UPLO),
    np.linalg.eigvalsh: call(square(), UPLO=UPLO),
    np.linalg.svd: call(RECTANGLES),
    np.linalg.svdvals: call(RECTANGLES),
    np.linalg.qr: call(RECTANGLES, mode=st.sampled_from(["reduced", "r"])),
    np.linalg.norm: st.one_of(
        call(arrays((2, 3, 2)), keepdims=st.booleans()),
        call(graded((3,)), ord=st.sampled_from([None, 0, 1, 2, 3, np.inf, -np.inf, -2])),
        call(
            arrays((2, 3)), ord=st.sampled_from([None, 2]), axis=st.sampled_from([0, -1, (1,)]), keepdims=st.booleans()
        ),
        call(
            matrices_of(2, 3),
            ord=BY_SINGULAR_VALUES,
            axis=st.sampled_from([(-2, -1), (-1, -2)]),
            keepdims=st.booleans(),
        ),
        call(graded((2, 3)), ord=BY_SUMS, axis=st.sampled_from([None, (1, 0)])),
    ),
    np.linalg.vector_norm: call(
        graded((2, 3)),
        axis=st.sampled_from([None, 0, (0, 1)]),
        keepdims=st.booleans(),
        ord=st.sampled_from([0, 1, 2, 3, np.inf, -np.inf]),
    ),
    np.linalg.matrix_norm: st.one_of(
        call(matrices_of(2, 3), keepdims=st.booleans(), ord=st.sampled_from(["fro", "nuc", 2, -2])),
        call(graded((2, 2, 3)), keepdims=st.booleans(), ord=BY_SUMS),
    ),
    np.linalg.cond: st.one_of(
        call(square(2), p=st.sampled_from([None, 2, -2, "fro", "nuc"])),
        call(
            arrays((2, 2), -0.1, 0.1).map(lambda x: np.add(x, [[3.0, 1.0], [-1.0, 1.5]])),
            p=st.sampled_from([1, np.inf]),
        ),
    ),
    np.linalg.matrix_power: call(square(), st.integers(-3, 5)),
    np.linalg.lstsq: st.sampled_from([(2, 2), (4, 2), (2, 3), (3, 1)]).flatmap(
        lambda mn: call(
            matrices_of(*mn, st.just(())),
            st.sampled_from([(), (1,), (2,)]).flatmap(lambda rest: arrays((mn[0], *rest))),
            None,
        )
    ),
    np.linalg.multi_dot: st.one_of(
        st.tuples(arrays((2, 3)), arrays((3, 2))).map(list).flatmap(call),
        st.tuples(arrays((2, 3)), arrays((3, 4)), arrays((4, 2))).map(list).flatmap(call),
        st.tuples(arrays((3,)), arrays((3, 4)), arrays((4,))).flatmap(call),
        st.tuples(arrays((2, 3)), arrays((3, 3)), arrays((3, 2)), arrays((2,))).flatmap(call),
    ),
    np.linalg.diagonal: call(arrays((2, 3, 4)), offset=st.integers(-1, 2)),
    np.linalg.trace: call(arrays((2, 3, 4)), offset=st.integers(-1, 2)),
    np.linalg.matrix_transpose: call(arrays((2, 3, 4))),
    np.matrix_transpose: call(arrays((2, 3))),
}
