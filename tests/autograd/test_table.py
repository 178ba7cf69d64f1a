"""Every function in the derivative table, against central differences and against its promises.

The tests iterate over the table. A function that is registered without an entry in tests/arguments fails the first one.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import numpy as np
import pytest
from arguments import ARGUMENTS, ELEMENTWISE, INSTEAD, TABLE, Call, Function
from hypothesis import given, strategies as st

from autograd import (
    GradientCheckError,
    StaleGraphError,
    Tensor,
    Value,
    check_grads,
    grad,
    gradients,
    partials,
    primitive,
    pullbacks,
    sigmoid,
)
from autograd.checkpointing import rerun
from autograd.inspecting import name_of, reads
from autograd.node import Node
from autograd.operators import raw
from autograd.table import CHAPTERS, COMPOSITES, PLAIN, RULES, Rule
from autograd.trees import leaves, rebuild

each_function = pytest.mark.parametrize("fun", TABLE, ids=name_of)
each_elementwise = pytest.mark.parametrize("fun", ELEMENTWISE, ids=name_of)


def missing(table: list[Function]) -> list[str]:
    """The functions of the table for which nobody wrote down valid arguments."""
    return [name_of(fun) for fun in table if fun not in ARGUMENTS]


def drawn(data: st.DataObject, fun: Function) -> Call:
    """One valid call of `fun`."""
    return data.draw(ARGUMENTS[fun])


def is_number(x: Any) -> bool:
    """Whether `x` is an argument to differentiate by: an array of floats."""
    return isinstance(x, np.ndarray) and x.dtype.kind == "f"


def is_index(x: Any) -> bool:
    """Whether `x` is another array: a mask, indices, counts."""
    return isinstance(x, np.ndarray) and not is_number(x)


def numbers_of(call: Call) -> list[Any]:
    """The arrays of floats among the arguments, also those in lists."""
    return [x for x in leaves(call.args) if is_number(x)]


def function_of(fun: Function, call: Call) -> Function:
    """`fun` as a function of these arrays alone, everything else as it is in the call."""

    def f(*numbers: Any) -> Any:
        supply = iter(numbers)
        args = rebuild(call.args, iter([next(supply) if is_number(x) else x for x in leaves(call.args)]))
        return INSTEAD.get(fun, fun)(*args, **call.kwargs)

    return f


def each_array(call: Call, change: Callable[[Any], Any]) -> Call:
    """The same call with every array among the arguments changed, masks and indices among them."""
    args = [change(x) if isinstance(x, np.ndarray) else x for x in leaves(call.args)]
    kwargs = {name: change(x) if isinstance(x, np.ndarray) else x for name, x in call.kwargs.items()}
    return Call(rebuild(call.args, iter(args)), kwargs)


def tracked(arrays: list[Any]) -> list[Tensor]:
    """Each array as a tensor that requires a gradient."""
    return [Tensor(x, requires_grad=True) for x in arrays]


def nodes_in(y: Any) -> list[Node]:
    """The outputs that carry a gradient."""
    return [part for part in leaves(y) if isinstance(part, Node)]


def pulled(f: Function, arguments: list[Any]) -> tuple[list[Node], list[Any]]:
    """The nodes that `f` gives, and the gradients of the sum of their elements with respect to the nodes given."""
    outputs = nodes_in(f(*arguments))
    seeds = [1.0 if isinstance(y, Value) else np.ones(y.shape, y.dtype) for y in outputs]
    return outputs, gradients(outputs, nodes_in(arguments), seeds)


def test_every_function_in_the_table_has_arguments() -> None:
    assert missing(TABLE) == []


@pytest.mark.usefixtures("own_rules")
def test_a_function_without_arguments_is_found() -> None:
    @primitive
    def scratch(x: Any) -> Any:
        return x * x

    partials(scratch, lambda y, x: 2 * x)
    assert name_of(scratch) in missing([*RULES])


def test_all_arguments_are_of_functions_in_the_table() -> None:
    assert [name_of(fun) for fun in ARGUMENTS if fun not in TABLE] == []


def test_no_function_both_has_a_derivative_and_answers_with_plain_arrays() -> None:
    assert not (RULES.keys() | COMPOSITES.keys()) & PLAIN


@each_function
@given(data=st.data())
def test_first_and_second_derivatives_are_the_central_differences(fun: Function, data: st.DataObject) -> None:
    call = drawn(data, fun)
    check_grads(function_of(fun, call), *numbers_of(call), order=2)


def as_tuples(x: Any) -> Any:
    """A list of numbers as tuples of tuples."""
    return tuple(map(as_tuples, x)) if isinstance(x, list) else x


@each_elementwise
@given(data=st.data())
def test_lists_and_tuples_of_numbers_are_operands(fun: Function, data: st.DataObject) -> None:
    call = drawn(data, fun)
    f, arrays = function_of(fun, call), [x.astype(np.float64) for x in numbers_of(call)]
    for i in range(len(arrays) if len(arrays) > 1 else 0):
        x = Tensor(arrays[i], requires_grad=True)
        (expected,) = pulled(lambda x, i=i: f(*arrays[:i], x, *arrays[i + 1 :]), [x])[1]
        value = raw(f(*arrays[:i], x.detach(), *arrays[i + 1 :]))
        for change in (np.ndarray.tolist, lambda x: as_tuples(x.tolist())):
            others = [*map(change, arrays)]
            unwatched = f(*others[:i], x.detach(), *others[i + 1 :])
            np.testing.assert_array_equal(raw(unwatched), value)
            (found,) = pulled(lambda x, i=i, others=others: f(*others[:i], x, *others[i + 1 :]), [x])[1]
            np.testing.assert_array_equal(found, expected)


@each_function
@given(data=st.data())
def test_a_call_is_numpys_and_keeps_the_promises(fun: Function, data: st.DataObject) -> None:
    call = drawn(data, fun)
    the_value_is_numpys(fun, call)
    float32_stays_and_gradients_have_the_shape_of_their_input(fun, call)
    each_argument_alone_has_the_gradient_it_has_among_others(fun, call)
    numbers_may_change_after_the_forward_pass(fun, call)


def the_value_is_numpys(fun: Function, call: Call) -> None:
    f, numbers = function_of(fun, call), numbers_of(call)
    expected = leaves(raw(f(*numbers)))
    found = leaves(raw(f(*tracked(numbers))))
    assert [np.shape(y) for y in found] == [np.shape(y) for y in expected]
    for y, number in zip(found, expected):
        np.testing.assert_allclose(y, number, rtol=1e-12, atol=1e-14)


def float32_stays_and_gradients_have_the_shape_of_their_input(fun: Function, call: Call) -> None:
    narrow = each_array(call, lambda x: x.astype(np.float32) if is_number(x) else x)
    args = tuple(np.float32 if x is np.float64 else x for x in narrow.args)  # what `cast` is told
    narrow = Call(args, {name: np.float32 if x is np.float64 else x for name, x in narrow.kwargs.items()})
    inputs = tracked(numbers_of(narrow))
    outputs, grads = pulled(function_of(fun, narrow), inputs)
    assert [y.dtype for y in outputs] == [np.float32] * len(outputs)
    assert [(g.shape, g.dtype) for g in grads] == [(x.shape, np.dtype(np.float32)) for x in inputs]


def each_argument_alone_has_the_gradient_it_has_among_others(fun: Function, call: Call) -> None:
    f, numbers = function_of(fun, call), numbers_of(call)
    _, together = pulled(f, tracked(numbers))
    for i, number in enumerate(numbers):
        _, (alone,) = pulled(f, [*numbers[:i], Tensor(number, requires_grad=True), *numbers[i + 1 :]])
        np.testing.assert_allclose(alone, together[i], rtol=1e-12, atol=1e-14)


def numbers_may_change_after_the_forward_pass(fun: Function, call: Call) -> None:
    mine = copy.deepcopy(call)  # masks, indices and constants, all to be changed
    inputs = tracked(numbers_of(call))
    constants = [*numbers_of(mine)[1:], *(x for x in leaves([mine.args, mine.kwargs]) if is_index(x))]
    before = copy.deepcopy(constants)
    _, expected = pulled(function_of(fun, call), inputs)
    f = function_of(fun, mine)
    for arguments in ([*inputs[:1], *constants[: len(inputs) - 1]], inputs):
        outputs = nodes_in(f(*arguments))
        values = [np.array(y.data) for y in outputs]
        seeds = [np.ones(y.shape) for y in outputs]
        for x, was in zip(constants, before):
            np.testing.assert_array_equal(x, was)  # no call changes the caller's arrays
            x[...] = 0
        for x in inputs:
            x.data[...] = 0.0
        for y, value in zip(outputs, values):
            assert y.is_leaf or np.array_equal(y.data, value, equal_nan=True)  # np.diff(x, n=0) is x itself
        with suppress(*[StaleGraphError] * (fun is rerun)):  # it would have to compute with the old numbers again
            for g, known in zip(gradients(outputs, nodes_in(arguments), seeds), expected):
                np.testing.assert_allclose(g, known, rtol=1e-12, atol=1e-14)
        for x, was in zip([*constants, *(x.data for x in inputs)], [*before, *numbers_of(call)]):
            x[...] = was


@each_elementwise
@given(data=st.data())
def test_an_elementwise_function_takes_numbers_values_and_empty_arrays(fun: Function, data: st.DataObject) -> None:
    call = drawn(data, fun)
    scalars = each_array(call, lambda x: np.array(x.flat[0]))
    f, numbers = function_of(fun, scalars), numbers_of(scalars)
    check_grads(f, *numbers)
    values_do_what_tensors_do(f, numbers)

    empty = each_array(call, lambda x: np.empty((0,), x.dtype))
    outputs, grads = pulled(function_of(fun, empty), tracked(numbers_of(empty)))
    assert [y.shape for y in outputs] == [(0,)]
    assert all(g.shape == (0,) for g in grads)


def values_do_what_tensors_do(f: Function, numbers: list[Any]) -> None:
    (tensor,), tensor_grads = pulled(f, tracked(numbers))
    (value,), value_grads = pulled(f, [Value(x) for x in numbers])
    assert isinstance(value, Value)
    assert [type(g) for g in value_grads] == [float] * len(numbers)
    np.testing.assert_allclose([value.data, *value_grads], [tensor.data, *tensor_grads], rtol=1e-13)

    def second(inputs: list[Any]) -> Any:
        first = gradients(f(*inputs), inputs, create_graph=True)
        return gradients(sum(weight * g for weight, g in enumerate(first, 1)), inputs)

    np.testing.assert_allclose(second([Value(x) for x in numbers]), second(tracked(numbers)), rtol=1e-12, atol=1e-14)


@pytest.mark.usefixtures("own_rules")
class TestPrimitivesOfOnesOwn:
    """One line states the derivative, one line more checks it."""

    def test_partials_of_an_elementwise_function(self) -> None:
        @primitive
        def cube(x: Any) -> Any:
            return x * x * x

        partials(cube, lambda y, x: 3 * x * x)
        check_grads(cube, np.array([-1.0, 0.0, 2.0]), order=3)

    def test_a_wrong_partial_is_found_at_its_order(self) -> None:
        @primitive
        def cube(x: Any) -> Any:
            return x * x * x

        partials(cube, lambda y, x: 3 * x)
        with pytest.raises(GradientCheckError, match="order 1"):
            check_grads(cube, 2.0)
        partials(cube, lambda y, x: 3 * Tensor(raw(x)) ** 2)  # a constant as far as the second order can see
        with pytest.raises(GradientCheckError, match="order 2"):
            check_grads(cube, 2.0)

    def test_pullbacks_of_a_function_of_arrays_with_metadata(self) -> None:
        @primitive
        def total(x: Any, weights: Any, axis: int = 0) -> Any:
            return np.add.reduce(x * weights, axis=axis)

        pullbacks(
            total,
            lambda g, y, x, weights, axis=0: np.expand_dims(g, axis) * weights,
            lambda g, y, x, weights, axis=0: np.expand_dims(g, axis) * x,
        )
        x, weights = np.random.default_rng(0).standard_normal((2, 3, 4))
        check_grads(lambda a, b: total(a, b, axis=1), x, weights)
        check_grads(lambda a, b: total(a, weights=b), x, weights)

    def test_every_answers_for_any_number_of_arguments(self) -> None:
        @primitive
        def product(*xs: Any) -> Any:
            y = xs[0]
            for x in xs[1:]:
                y = y * x
            return y

        partials(product, every=lambda y, *xs: tuple(product(1.0, *xs[:i], *xs[i + 1 :]) for i in range(len(xs))))
        check_grads(product, 2.0, np.array([0.0, 1.0]), np.array([[3.0], [-1.0]]))

    def test_none_states_that_there_is_no_derivative(self) -> None:
        @primitive
        def scaled(x: Any, power: Any) -> Any:
            return x * 10.0**power

        partials(scaled, lambda y, x, power: 10.0**power, None)
        x = Tensor([1.0, 2.0], requires_grad=True)
        scaled(x, 2).sum().backward()
        np.testing.assert_array_equal(x.grad, [100.0, 100.0])

    def test_on_plain_numbers_it_is_the_function_itself(self) -> None:
        @primitive
        def double(x: Any) -> Any:
            """Twice x."""
            return 2 * x

        assert double(3) == 6
        assert double.__doc__ == "Twice x."

    def test_a_keyword_that_the_rule_does_not_know_is_refused(self) -> None:
        @primitive
        def total(x: Any, axis: int = 0, order: str = "C") -> Any:
            return np.add.reduce(x, axis=axis)

        pullbacks(total, lambda g, y, x, axis=0: np.broadcast_to(np.expand_dims(g, axis), x.shape))
        with pytest.raises(TypeError, match="order="):
            total(Tensor([1.0, 2.0]), order="F")

    def test_a_function_without_a_derivative_says_how_to_state_one(self) -> None:
        @primitive
        def unknown(x: Any) -> Any:
            return x

        with pytest.raises(TypeError, match=r"unknown has no derivative.*autograd\.partials or pullbacks"):
            unknown(Tensor([1.0]))


@pytest.mark.parametrize("fun", ELEMENTWISE, ids=name_of)
@given(data=st.data())
def test_what_a_partial_does_not_read_may_be_anything(fun: Function, data: st.DataObject) -> None:
    call = data.draw(ARGUMENTS[fun])
    rule, args = RULES[fun], tuple(map(raw, call.args))
    with np.errstate(all="ignore"):
        operands = (fun(*args, **call.kwargs), *args)
        for partial in filter(callable, rule.each):
            read = reads(partial, len(operands))
            found = partial(*(x if named else None for x, named in zip(operands, read)))
            np.testing.assert_array_equal(found, partial(*operands))


def test_which_arguments_a_rule_reads() -> None:
    assert reads(lambda y, a, b: 1 / b, 3) == (False, False, True)
    assert reads(lambda y, a, b: -y / b, 3) == (True, False, True)
    assert reads(lambda *_: 2.0, 2) == (False, False)
    assert reads(lambda y, *f: f[1:], 3) == (False, True, True)
    assert reads(lambda y, x: (lambda: y)(), 2) == (True, False)
    assert reads(np.cos, 2) == (True, True)


def test_names_are_what_a_user_would_type() -> None:
    assert name_of(np.tanh) == "np.tanh"
    assert name_of(np.sum) == "np.sum"
    assert name_of(np.linalg.inv) == "np.linalg.inv"
    assert name_of(sigmoid) == "autograd.sigmoid"


def test_a_rule_knows_the_keywords_of_its_pullbacks() -> None:
    rule = Rule((lambda g, y, x, axis=None, keepdims=False: g,), None, elementwise=False, singular=False)
    assert rule.keywords >= {"axis", "keepdims"}
    assert "out" not in rule.keywords


@pytest.mark.usefixtures("own_rules")
def test_a_chapter_leaves_what_somebody_has_stated(monkeypatch: pytest.MonkeyPatch) -> None:
    mine, theirs, unknown = (primitive(lambda x: 1.0 * x) for _ in range(3))
    partials(mine, 7)

    def read() -> None:
        partials(mine, 1)
        partials(theirs, 2)

    monkeypatch.setitem(CHAPTERS, "math", read)
    with pytest.raises(TypeError, match="has no derivative in the table"):
        grad(unknown)(1.0)
    assert (grad(mine)(1.0), grad(theirs)(1.0)) == (7.0, 2.0)
