"""A node in the place of any number that a function of the table takes beside its arrays: it is differentiated, or
refused by the name of the function that was called. It is never taken for a constant.

The tests iterate over the table and over NumPy's signatures, so a new function and a new argument arrive tested.
"""

from __future__ import annotations

import inspect
import warnings
from typing import Any

import numpy as np
import pytest
from arguments import INSTEAD, TABLE, Call, Function, some_calls

from autograd import Tensor, gradients
from autograd.inspecting import name_of
from autograd.node import Node
from autograd.operators import raw
from autograd.trees import leaves, rebuild

WORDS = {"out", "like", "subok", "casting", "order", "kind", "mode", "method", "UPLO", "indexing"}  # no numbers
# Where NumPy looks at the number alone, by comparisons, which answer: which norm is no differentiable choice.
COMPARED = {("ord", "plain"), ("p", "plain")}
NUMBERS = (np.array(1.0), np.array(0.3), np.array([0.5]))
STEP = 1e-5


def signature(fun: Function) -> list[inspect.Parameter]:
    """The parameters of a function; ufuncs have values alone."""
    try:
        return [] if isinstance(fun, np.ufunc) else list(inspect.signature(fun).parameters.values())
    except ValueError:
        return []


NUMPYS = [fun for fun in TABLE if name_of(fun).startswith("np.") and fun not in INSTEAD]


def places(fun: Function, call: Call) -> list[tuple[int | str, Any]]:
    """Where numbers stand that are no floating-point arrays, or could stand, and some numbers for there."""
    found: list[tuple[int | str, Any]] = []
    for i, x in enumerate(call.args):
        many = isinstance(x, (list, tuple)) and x and all(type(part) in (int, float) for part in x)
        if type(x) in (int, float) or many or (isinstance(x, np.ndarray) and x.dtype.kind in "iu"):
            found.append((i, np.array(x, float)))
    named = [p for p in signature(fun) if p.kind in (p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY)]
    by_position = {p.name for p in signature(fun)[: len(call.args)]}
    for parameter in named:
        if parameter.name not in WORDS | by_position:
            found += [(parameter.name, number) for number in NUMBERS]
    return found


def is_number(x: Any) -> bool:
    """Whether an argument is an array of floats."""
    return isinstance(x, np.ndarray) and x.dtype.kind == "f"


def called(fun: Function, call: Call, place: int | str, number: Any, others: str) -> Any:
    """The call with `number` at a place; its arrays are nodes, plain, or plain integers."""
    change = {
        "nodes": lambda x: Tensor(x, requires_grad=True),
        "plain": lambda x: x,
        "whole": lambda x: np.rint(np.nan_to_num(4 * x)),
        "integers": lambda x: np.rint(np.nan_to_num(4 * x)).astype(int),
    }[others]
    args = rebuild(call.args, iter([change(x) if is_number(x) else x for x in leaves(call.args)]))
    if isinstance(place, str):
        return fun(*args, **call.kwargs | {place: number})
    return fun(*args[:place], number, *args[place + 1 :], **call.kwargs)


def weights(y: Any) -> Any:
    """Some weight for each element that is a number; 0 for what is not finite, or huge."""
    y = np.asarray(y, float)
    return np.where(np.abs(y) < 1e6, np.cos(np.arange(y.size)).reshape(y.shape), 0)


def total(y: Any) -> float:
    """The weighted sum of all elements of the results."""
    parts = [np.asarray(part) for part in leaves(raw(y))]
    return sum(float(np.sum(weights(part) * np.nan_to_num(part))) for part in parts if part.dtype.kind in "fiub")


def slopes(fun: Function, call: Call, place: int | str, number: Any, others: str) -> list[float] | None:
    """By finite differences, what the total changes with each number, from the left and from the right, if they agree;
    None where NumPy takes no such number, or at a kink.
    """
    others = {"nodes": "plain", "integers": "whole"}.get(others, others)  # nodes hold floats: so do their results
    found = []
    for i in np.ndindex(number.shape):
        near = []
        for step in (-2 * STEP, -STEP, 0, STEP, 2 * STEP):
            moved = number.copy()
            moved[i] += step
            try:
                near.append(total(called(fun, call, place, moved if moved.ndim else float(moved), others)))
            except (TypeError, ValueError, IndexError, ArithmeticError):
                return None
        left, right = np.diff(near)[:2].sum(), np.diff(near)[2:].sum()
        if not abs(left - right) <= 1e-3 * max(abs(left), abs(right), STEP):
            return None
        found.append((left + right) / (4 * STEP))
    return found


@pytest.mark.parametrize("others", ["nodes", "plain", "integers"])
@pytest.mark.parametrize("fun", NUMPYS, ids=name_of)
def test_a_node_in_the_place_of_a_number_counts_or_is_refused(fun: Function, others: str) -> None:
    for call in some_calls(fun, 3, 1):
        for place, number in places(fun, call):
            if (place, others.replace("integers", "plain")) in COMPARED:
                continue
            with np.errstate(all="ignore"), warnings.catch_warnings():
                warnings.simplefilter("ignore")
                counts_or_is_refused(fun, call, place, number, others)


def counts_or_is_refused(fun: Function, call: Call, place: int | str, number: Any, others: str) -> None:
    node = Tensor(number, requires_grad=True)
    complaint = ""
    try:
        y = called(fun, call, place, node, others)
    except (TypeError, ValueError, IndexError) as error:
        complaint = str(error)
    if complaint:
        named = name_of(fun) in complaint or "would lose the gradient" in complaint
        assert named or others != "nodes", (place, number, complaint)  # of plain arrays NumPy says it
        return
    expected = slopes(fun, call, place, number, others)
    if expected is None:
        return
    outputs = [part for part in leaves(y) if isinstance(part, Node)]
    seeds = [weights(part.data) for part in outputs]
    found = np.ravel(gradients(outputs, node, seeds)) if outputs else np.zeros(number.size)
    np.testing.assert_allclose(found, expected, rtol=1e-3, atol=1e-3, err_msg=f"{place}={number} {call}")
