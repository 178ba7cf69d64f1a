"""Valid calls of products: operands whose shapes fit together, 1-D, stacked, broadcast and empty ones among them."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from autograd.rules import products as own

from .common import Call, Calls, Function, arrays, call, shapes

MODES = st.sampled_from(["full", "same", "valid"])
EINSUMS: list[tuple[str, *tuple[tuple[int, ...], ...]]] = [
    ("ij,jk->ik", (2, 3), (3, 2)),
    ("ij,jk", (2, 3), (3, 2)),
    ("ba,cb", (2, 3), (3, 2)),
    ("bij,bjk->bik", (2, 2, 3), (2, 3, 1)),
    ("i,i->", (3,), (3,)),
    ("i,j->ji", (3,), (2,)),
    ("ij,ij->ij", (2, 3), (2, 3)),
    (",ij->ij", (), (2, 3)),
    ("ii->i", (3, 3)),
    ("ii->", (3, 3)),
    ("ii", (3, 3)),
    ("iij->ji", (2, 2, 3)),
    ("iii->i", (2, 2, 2)),
    ("ij->ji", (2, 3)),
    ("ij->ij", (2, 3)),
    ("ij->", (2, 3)),
    ("ij,k->k", (2, 3), (2,)),
    ("ii,ij->j", (2, 2), (2, 3)),
    ("...ij,...jk->...ik", (2, 1, 2, 3), (3, 3, 2)),
    ("...i,i", (2, 2, 3), (3,)),
    ("i...->...", (3, 2)),
    ("...,...", (2, 3), (3,)),
    ("ij,ij->ij", (1, 3), (2, 3)),
    ("ij,ij->", (1, 3), (2, 1)),
    ("ij,jk,kl->il", (2, 3), (3, 2), (2, 3)),
    ("i,i,i->i", (3,), (3,), (3,)),
    ("ab,bc,cd,da->", (2, 2), (2, 3), (3, 2), (2, 2)),
    ("ij,jk->ik", (2, 0), (0, 3)),
    ("ij,jk->ik", (0, 2), (2, 3)),
]


def calls_with(pairs: st.SearchStrategy[Any]) -> Calls:
    """Calls with arrays of these shapes."""
    return pairs.flatmap(lambda drawn: call(*(arrays(shape) for shape in drawn)))


def signature(core: str) -> Calls:
    """Calls of a generalized ufunc with these core dimensions, some of which may be 0, under broadcasting stacks."""
    drawn = hnp.mutually_broadcastable_shapes(signature=core, max_dims=2, min_side=0, max_side=3)
    return calls_with(drawn.map(lambda shapes: shapes.input_shapes))


def of(*pairs: Any) -> Calls:
    """Calls with arrays of one of these tuples of shapes."""
    return calls_with(st.sampled_from(pairs))


def with_keywords(positional: Calls, **keywords: Any) -> Calls:
    """These calls, each with one drawing of the keywords."""
    return st.builds(lambda one, kwargs: Call(one.args, kwargs), positional, st.fixed_dictionaries(keywords))


def tensordots(count: int, a: tuple[int, ...], b: tuple[int, ...], *forms: Any) -> Calls:
    """Sums over `count` pairs of axes, also stated by `forms`."""
    return call(arrays(a), arrays(b), axes=st.sampled_from([count, *forms]))


TENSORDOTS = st.one_of(
    tensordots(1, (2, 3), (3, 4), (1, 0), ([-1], [-2]), ((-1,), (0,))),
    tensordots(2, (4, 2, 3), (2, 3, 2), ([1, 2], [0, 1]), ([2, -2], [1, 0]), ([-1, 1], [-2, -3])),
    tensordots(0, (2,), (3, 1), ((), ())),
    tensordots(3, (1, 2, 3), (1, 2, 3)),
    tensordots(1, (2, 0), (0, 3)),
    call(arrays((2, 3, 4)), arrays((4, 5, 2)), axes=([0, 2], [2, 0])),
)
VECTORS = st.tuples(*[st.integers(1, 5).map(lambda n: (n,))] * 2)
ANY_TWO = calls_with(st.tuples(shapes(max_dims=2, min_side=0), shapes(max_dims=2, min_side=0)))
VECDOTS = signature("(n),(n)->()")
CROSSES = st.one_of(of(((3,), (3,)), ((2, 3), (3,)), ((2, 1, 3), (4, 3)), ((0, 3), (3,))))

ARGUMENTS: dict[Function, Calls] = {
    np.matmul: signature("(n?,k),(k,m?)->(n?,m?)"),
    own.affine: of(((2, 3), (3, 4), (4,)), ((3,), (3, 2), (2,)), ((2, 1, 3), (3, 2), (1,)), ((0, 3), (3, 2), (2,))),
    np.tensordot: TENSORDOTS,
    np.convolve: with_keywords(calls_with(VECTORS), mode=MODES),
    own.contract: st.one_of(
        call(arrays((2, 3)), arrays((3, 4)), subscripts="ij,jk->ki"),
        call(arrays((2, 3, 2)), arrays((2, 4, 2)), subscripts="abc,adc->dab"),
        call(arrays((2, 3)), arrays((3, 2)), subscripts="ab,ba->"),
        call(arrays((2, 3)), arrays((3,)), subscripts="ab,b->ba"),
    ),
}

COMPOSITE_ARGUMENTS: dict[Function, Calls] = {
    np.dot: of(((), (2, 3)), ((3,), ()), ((3,), (3,)), ((2, 3), (3,)), ((3,), (3, 2)), ((2, 4, 3), (3, 2)),
               ((2, 3), (2, 3, 2)), ((3,), (2, 3, 2)), ((2, 2, 3), (2, 1, 3, 2)), ((2, 0), (0, 3))),
    np.vdot: of(((), ()), ((3,), (3,)), ((2, 3), (3, 2)), ((0,), (0,))),
    np.inner: of(((), (3,)), ((2, 3), ()), ((3,), (3,)), ((2, 3), (4, 3)), ((2, 2, 3), (3,)), ((2, 0), (3, 0))),
    np.outer: ANY_TWO,
    np.kron: ANY_TWO,
    np.einsum: st.one_of(
        st.sampled_from(EINSUMS).flatmap(lambda e: call(e[0], *map(arrays, e[1:]), optimize=st.booleans())),
        call(arrays((2, 3)), [0, 1], arrays((3, 4)), [1, 2], [2, 0]),
        call(arrays((2, 3)), [27, 1]),
        call(arrays((2, 2, 3)), [..., 0], arrays((3,)), [0]),
    ),
    np.cross: st.one_of(
        CROSSES,
        call(arrays((3, 2)), arrays((2, 3)), axisa=0, axisb=1, axisc=0),
        call(arrays((2, 3, 4)), arrays((2, 3, 4)), axis=1),
    ),
    np.correlate: with_keywords(calls_with(VECTORS), mode=MODES),
    np.vecdot: st.one_of(VECDOTS, call(arrays((3, 2)), arrays((4, 3, 2)), axis=-2)),
    np.linalg.vecdot: with_keywords(VECDOTS, axis=st.just(-1)),
    np.linalg.matmul: signature("(n,k),(k,m)->(n,m)"),
    np.linalg.tensordot: TENSORDOTS,
    np.linalg.cross: CROSSES,
    np.linalg.outer: calls_with(VECTORS),
}  # fmt: skip
if hasattr(np, "matvec"):
    COMPOSITE_ARGUMENTS[np.matvec] = signature("(n,k),(k)->(n)")
    COMPOSITE_ARGUMENTS[np.vecmat] = signature("(n),(n,k)->(k)")
