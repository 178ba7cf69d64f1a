"""Which functions make new memory: each that the emitter counts on is tried on operands in every layout."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from agreement import arrays_in, nothing_is_shared
from arguments import ARGUMENTS, INSTEAD
from hypothesis import given, settings, strategies as st

from autograd import softmax
from autograd.compile.functions import NEW, VIEWS
from autograd.compile.lower import bumped
from autograd.inspecting import name_of
from autograd.rules.dtypes import cast
from autograd.rules.elementwise import chain, logsigmoid, relu, sigmoid, softplus, sumprod
from autograd.rules.gates import lstm_cell_state, lstm_gates, lstm_hidden_state
from autograd.rules.reductions import log_softmax, logsumexp, softmax_cross_entropy, surplus
from autograd.rules.statistics import standardized
from autograd.rules.structure import add_at, ascending, join, scatter, set_at, stack

X = np.random.default_rng(9).standard_normal((4, 6))
EMPTY = np.ones((0, 3))
OPERANDS = {
    "contiguous": X.copy(),
    "Fortran": np.asfortranarray(X),
    "transposed": X.T,
    "steps": X[::2, ::-1],
    "one": np.ones((1, 1)),
    "size 1": X[:1, :1],
    "0-d": np.array(1.5),
    "0-d view": X[1, 1, ...],
    "empty": EMPTY,
    "float32": X.astype(np.float32),
    "integers": np.arange(6).reshape(2, 3),
    "booleans": X > 0,
    "stretched": np.broadcast_to(X[0], (3, 6)),
    "read-only": X.copy(),
}
OPERANDS["read-only"].setflags(write=False)
AXES = (None, 0, -1, ())
AN_INDEX = (np.array([0, -1]),)


def reduced(fun: Callable[..., Any]) -> Callable[[Any], Iterator[Any]]:
    """Calls of a reduction over all kinds of axes."""

    def calls(x: Any) -> Iterator[Any]:
        for axis in AXES:
            if not (axis == () and fun in (np.argmax, np.argmin, np.cumsum, np.cumprod)):
                yield lambda axis=axis: fun(x, axis=axis)
                if fun not in (np.argmax, np.argmin, np.cumsum, np.cumprod):
                    yield lambda axis=axis: fun(x, axis=axis, keepdims=True)

    return calls


def matrix(x: Any) -> Any:
    """A positive definite matrix that shares memory with `x`, where `x` has enough of it."""
    y = np.lib.stride_tricks.as_strided(x, (1, 1)) if x.size else np.ones((1, 1))
    return y * y + 1.0 if y.dtype.kind != "f" or y.item() <= 0 else y


# Each function with calls of it on an operand in any layout.
# fmt: off
CALLS: dict[Any, Callable[[Any], Iterator[Any]]] = {
    **{fun: reduced(fun) for fun in (
        np.sum, np.prod, np.max, np.min, np.any, np.all, np.mean, np.std, np.var, np.argmax, np.argmin, np.cumsum,
        np.cumprod, logsumexp)},
    np.where:           lambda x: (lambda a=a, b=b: np.where(x == x, a, b) for a, b in [(x, x), (x, 0), (0.0, x)]),
    np.copy:            lambda x: (lambda order=order: np.copy(x, order=order) for order in "KCFA"),
    np.concatenate:     lambda x: (lambda n=n, a=a: np.concatenate([x] * n, axis=a) for n in (1, 2) for a in (0, None)),
    np.stack:           lambda x: (lambda n=n, a=a: np.stack([x] * n, axis=a) for n in (1, 2) for a in (0, -1)),
    np.take_along_axis: lambda x: iter([lambda: np.take_along_axis(x, np.argsort(x, axis=-1), -1)]),
    np.repeat:          lambda x: (lambda n=n, a=a: np.repeat(x, n, axis=a) for n in (1, 2) for a in (0, None)),
    np.roll:            lambda x: (lambda n=n, a=a: np.roll(x, n, axis=a) for n in (0, 1) for a in (0, None)),
    np.outer:           lambda x: iter([lambda: np.outer(x, x), lambda: np.outer(x, 1.0)]),
    np.tensordot:       lambda x: iter([lambda: np.tensordot(x, x, 0), lambda: np.tensordot(x, x.T, min(1, x.ndim))]),
    np.linalg.inv:      lambda x: iter([lambda: np.linalg.inv(matrix(x))]),
    np.linalg.solve:    lambda x: iter([lambda: np.linalg.solve(matrix(x), matrix(x))]),
    np.linalg.cholesky: lambda x: iter([lambda: np.linalg.cholesky(matrix(x))]),
    cast:               lambda x: (lambda d=d: cast(x, np.dtype(d)) for d in (x.dtype, "f4", "f8")),
    chain:              lambda x: (lambda p=p: chain(x, p) for p in (x, 1.0, 2.0, x == x, np.float32("nan"))),
    sumprod:            lambda x: iter([lambda: sumprod(x, x), lambda: sumprod(x, 1.0, 1.0, x)]),
    add_at:             lambda x: (lambda i=i: add_at(x, 1, i) for i in (..., AN_INDEX)),
    set_at:             lambda x: (lambda i=i: set_at(x, 1, i) for i in (..., AN_INDEX)),
    scatter:            lambda x: (lambda i=i: scatter(x[i], i, x.shape) for i in (..., AN_INDEX)),
    surplus:            lambda x: iter([lambda: surplus(x, np.zeros(x.shape[:-1], int))]),
    softmax_cross_entropy: lambda x: iter([lambda: softmax_cross_entropy(x, np.zeros(x.shape[:-1], int))]),
    **{fun: lambda x, fun=fun: (lambda a=a: fun(x, axis=a) for a in (None, 0, -1)) for fun in (softmax, log_softmax)},
    **{fun: lambda x, fun=fun: iter([lambda: fun(x)]) for fun in (relu, sigmoid, softplus, logsigmoid)},
    standardized:       lambda x: (lambda a=a: standardized(x, axis=a) for a in (None, 0, -1)),
    ascending:          lambda x: (lambda a=a: ascending(x, axis=a) for a in (0, -1)),
    join:               lambda x: (lambda n=n: join(*[x] * n) for n in (1, 2)),
    stack:              lambda x: (lambda n=n: stack(*[x] * n) for n in (1, 2)),
    lstm_gates:         lambda x: (lambda f=lstm_gates: f(np.repeat(x, 4, axis=-1)),),
    lstm_cell_state:    lambda x: (lambda f=lstm_cell_state: f(np.repeat(x, 4, axis=-1), x),),
    lstm_hidden_state:  lambda x: (lambda f=lstm_hidden_state: f(np.repeat(x, 4, axis=-1), x),),
    bumped:             lambda x: (lambda i=i: bumped(x, 1, i) for i in (..., AN_INDEX)),
}
# fmt: on


def test_every_function_that_makes_new_memory_has_calls() -> None:
    assert CALLS.keys() == NEW | {bumped}


@pytest.mark.filterwarnings("ignore:(Mean of empty|Degrees of freedom):RuntimeWarning")
@pytest.mark.parametrize("fun", CALLS, ids=name_of)
def test_what_is_said_to_make_new_memory_does(fun: Any) -> None:
    done = 0
    for x in OPERANDS.values():
        for call in CALLS[fun](x):
            try:
                with np.errstate(all="ignore"):
                    once, again = call(), call()
            except (ValueError, TypeError, IndexError):  # not of an array like this
                continue
            done += 1
            nothing_is_shared(arrays_in([x, AN_INDEX]), [once, again])
            assert not isinstance(once, np.ndarray) or once.flags.writeable
    assert done >= 4


UFUNCS = [fun for fun in vars(np).values() if isinstance(fun, np.ufunc)]


@pytest.mark.parametrize("fun", UFUNCS, ids=lambda fun: fun.__name__)
def test_ufuncs_make_new_memory(fun: Any) -> None:
    done = 0
    for x in OPERANDS.values():
        for args in ([x] * fun.nin, [x, *[1] * (fun.nin - 1)], [x, *[x.dtype.type(0)] * (fun.nin - 1)]):
            try:
                with np.errstate(all="ignore"):
                    once, again = fun(*args), fun(*args)
            except (ValueError, TypeError):
                continue
            done += 1
            nothing_is_shared(arrays_in(args), [once, again])
    assert done or fun in (np.isnat, *(f for f in UFUNCS if f.types[0][0] in "USTO"))


@pytest.mark.parametrize("fun", [fun for fun in ARGUMENTS if fun in NEW], ids=name_of)
@settings(max_examples=20)
@given(data=st.data())
def test_so_it_does_in_every_valid_call(fun: Any, data: st.DataObject) -> None:
    call = data.draw(ARGUMENTS[fun])
    nothing_is_shared(arrays_in([call.args, call.kwargs]), [INSTEAD.get(fun, fun)(*call.args, **call.kwargs)])


# What is a view of its first operand, and of no other.
LAYOUT: dict[Any, Callable[[Any], Any]] = {
    np.reshape: lambda x: np.reshape(x, (-1, 1)),
    np.transpose: np.transpose,
    np.swapaxes: lambda x: np.swapaxes(x, 0, -1),
    operator.getitem: lambda x: x[..., None],
    np.squeeze: np.squeeze,
    np.expand_dims: lambda x: np.expand_dims(x, 0),
    np.broadcast_to: lambda x: np.broadcast_to(x, (2, *x.shape)),
    np.ravel: np.ravel,
    np.moveaxis: lambda x: np.moveaxis(x, 0, -1),
    np.diagonal: np.diagonal,
    np.flip: np.flip,
}


@pytest.mark.parametrize("fun", LAYOUT, ids=name_of)
def test_views_are_of_their_operand(fun: Any) -> None:
    assert LAYOUT.keys() == VIEWS
    for x in OPERANDS.values():
        try:
            once, again = LAYOUT[fun](x), LAYOUT[fun](x)
        except ValueError:
            continue
        if np.size(once) and not np.may_share_memory(once, x):
            assert not np.may_share_memory(once, again)
