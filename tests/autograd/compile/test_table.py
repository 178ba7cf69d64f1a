"""Every function of the derivative table as a compiled program: what it gives, and its gradients, are the eager ones.

The tests iterate over the table, so a new rule arrives tested. Each example is a program of its own.
"""

from __future__ import annotations

from typing import Any

import hypothesis
import numpy as np
import pytest
from agreement import agree
from arguments import ARGUMENTS, ELEMENTWISE, INSTEAD, TABLE, Call, Function
from hypothesis import given, strategies as st

from autograd import Tensor, TraceError, Value, compile, gradients
from autograd.arrays import StandIn
from autograd.inspecting import name_of
from autograd.node import Node
from autograd.trees import leaves, rebuild

# The shape of the result depends on values: it cannot be compiled, and says so.
SHAPED: dict[Function, Function] = {
    np.unique: np.unique,
    np.piecewise: lambda t: np.piecewise(t, [t > 0], [np.sin, np.cos]),
}
SIZES = {np.repeat: 1, np.bincount: 0}  # the argument that says how long the result is
TRACED = [fun for fun in TABLE if fun not in SHAPED]
each_function = pytest.mark.parametrize("fun", TRACED, ids=name_of)
each_elementwise = pytest.mark.parametrize("fun", ELEMENTWISE, ids=name_of)
few = hypothesis.settings(max_examples=4, phases=[hypothesis.Phase.generate])


def is_array(x: Any) -> bool:
    """Whether an argument is an array of floats or of integers, or stands for one. Masks are no arguments of programs:
    how many are chosen is the shape of the result.
    """
    return isinstance(x, (np.ndarray, StandIn)) and x.dtype != bool


def drawn(fun: Function, data: st.DataObject) -> Call:
    """A valid call; what says how long the result is stands in a list, and so is not read anew."""
    call = data.draw(ARGUMENTS[fun])
    return Call(tuple(listed(x) if i == SIZES.get(fun) else x for i, x in enumerate(call.args)), call.kwargs)


def listed(x: Any) -> Any:
    """An array as a list."""
    return x.tolist() if isinstance(x, np.ndarray) else x


def derivatives(fun: Function, call: Call, order: int) -> tuple[Function, list[Any]]:
    """The results of `fun` and their pullbacks, as a function of the arrays among its arguments; and these arrays."""

    def f(*arrays: Any) -> Any:
        supply = iter([Tensor(x, requires_grad=True) if is_number(x) else x for x in arrays])
        nodes = [next(supply) if is_array(x) else x for x in leaves(call.args)]
        inputs = nodes_in(nodes)
        outputs = nodes_in(INSTEAD.get(fun, fun)(*rebuild(call.args, iter(nodes)), **call.kwargs))
        found = [outputs]
        for now in range(1, order + 1):
            seeds = [2 + np.sin(y.numpy()) for y in found[-1]]  # never small, of y and -y two
            found.append(leaves(gradients(found[-1], inputs, seeds, create_graph=now < order)))
        return found

    return f, [x for x in leaves(call.args) if is_array(x)]


def is_number(x: Any) -> bool:
    """Whether an argument, a stand-in for one among them, is differentiated."""
    return is_array(x) and x.dtype.kind == "f"


def nodes_in(tree: Any) -> list[Node]:
    """The nodes of a tree."""
    return [x for x in leaves(tree) if isinstance(x, Node)]


def nearby(x: Any) -> Any:
    """Other numbers of the same dtype that are as valid; indices stay."""
    return np.asarray(x * (1 - 2.0**-8), x.dtype) if x.dtype.kind == "f" else np.array(x)


@each_function
@few
@given(data=st.data())
def test_results_and_gradients(fun: Function, data: st.DataObject) -> None:
    f, arrays = derivatives(fun, drawn(fun, data), order=1)
    program = compile(f, backend="numpy")
    for dtype in (np.float64, np.float32):
        xs = [x.astype(dtype) if is_number(x) else x for x in arrays]
        for now in (xs, [nearby(x) for x in xs]):
            agree(program(*now), f(*now))
    assert len(program.entries) == (2 if any(map(is_number, arrays)) else 1)


@each_function
@few
@given(data=st.data())
def test_second_derivatives(fun: Function, data: st.DataObject) -> None:
    f, arrays = derivatives(fun, drawn(fun, data), order=2)
    program = compile(f, backend="numpy")
    for now in (arrays, [nearby(x) for x in arrays]):
        agree(program(*now), f(*now), scale=1)  # of the size of the arguments: there they cancel


@each_elementwise
@few
@given(data=st.data())
def test_on_values_it_is_straight_line_code_of_floats(fun: Function, data: st.DataObject) -> None:
    call = data.draw(ARGUMENTS[fun])
    numbers = [x.flat[0].item() if isinstance(x, np.ndarray) else x for x in leaves(call.args)]

    def f(*floats: float) -> Any:
        supply = iter(floats)
        values = [Value(next(supply)) if type(x) is float else x for x in numbers]
        inputs = [x for x in values if isinstance(x, Value)]
        y = fun(*rebuild(call.args, iter(values)), **call.kwargs)
        return y, gradients(y, inputs)

    floats = [x for x in numbers if type(x) is float]
    program = compile(f, backend="numpy")
    for now in (floats, [x if x == round(x) else x * (1 - 2.0**-8) for x in floats]):  # whole exponents stay so
        agree(program(*now), f(*now))
    assert len(program.entries) == 1


def test_where_the_shape_depends_on_values_it_is_refused() -> None:
    for fun in SHAPED.values():
        with pytest.raises(TraceError, match="whose number of True is the length"):
            compile(lambda x, fun=fun: fun(Tensor(x, requires_grad=True)))(np.array([1.0, 2.0]))
