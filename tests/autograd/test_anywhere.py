"""Every function of the table, with arrays of NumPy's and of those kinds that live elsewhere: the same numbers.

With Dask's nothing is computed before the numbers are compared, and what Dask lacks is refused with both names: the
list of these is in the docs, and this test has made it. `AUTOGRAD_ARRAYS=cupy` tries CuPy's arrays in their place.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from autograd import Tensor, gradients
from autograd.arrays import in_numpy
from autograd.inspecting import name_of
from autograd.node import Node
from autograd.trees import leaves, rebuild
from tests.arguments import INSTEAD, TABLE, Call, Function, some_calls
from tests.device import LIBRARY, on_a_device
from tests.lazy import asked, dask, in_halves, unasked

PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "any-size.md"


def results(fun: Function, call: Call, put: Callable[[Any], Any], order: int) -> list[Any]:
    """What a call gives, its gradients and, of second order, those of the sum of their squares: one after the other."""
    flat = [put_in(fun, x, put) for x in leaves(list(call.args))]
    inputs = [x for x in flat if isinstance(x, Tensor)]
    named = rebuild(call.kwargs, iter([beside_them(fun, x, put) for x in leaves(call.kwargs)]))
    y = INSTEAD.get(fun, fun)(*rebuild(list(call.args), iter(flat)), **named)
    outputs = [x for x in leaves(y) if isinstance(x, Tensor) and x.requires_grad]
    found: list[Any] = [x.data for x in outputs]
    if outputs and inputs:
        total = sum(np.sum(0.5 * x * x + x) for x in outputs)
        slopes = gradients(total, inputs, create_graph=order > 1)
        found += [slope.data if isinstance(slope, Node) else slope for slope in slopes]
        squares: Any = sum(np.sum(slope * slope) for slope in slopes) if order > 1 else None
        if isinstance(squares, Tensor) and squares.requires_grad:
            found += gradients(squares, inputs)
    return found


def put_in(fun: Function, x: Any, put: Callable[[Any], Any]) -> Any:
    """An array of floats as a leaf of another kind."""
    is_leaf = isinstance(x, np.ndarray) and x.dtype.kind == "f"
    return Tensor(put(x), requires_grad=True) if is_leaf else beside_them(fun, x, put)


def beside_them(fun: Function, x: Any, put: Callable[[Any], Any]) -> Any:
    """A constant: numbers and masks for a device are there, too; an index, for example, is as it is."""
    computed = isinstance(x, np.ndarray) and x.dtype.kind in ("fbi" if isinstance(fun, np.ufunc) else "fb")
    return put(x) if computed and put is on_a_device else x


def refused_in_docs(heading: str) -> set[str]:
    """The names of the functions that the page lists after some words."""
    listed = PAGE.read_text(encoding="utf-8").partition(heading)[2].partition("\n\n")[0]
    return set(re.findall(r"`([\w.]+)`", listed))


NAMES = {fun: name_of(fun) for fun in TABLE}


@np.errstate(over="ignore")  # squares of the largest floats
def compare(fun: Function, call: Call, kind: str, order: int) -> None:
    """Raise AssertionError unless the kind gives the numbers of NumPy, in arrays of its own."""
    known = results(fun, call, np.array, order)
    put = {"dask": in_halves, "device": on_a_device}[kind]
    with unasked():
        found = results(fun, call, put, order)
    assert {type(x) for x in found} <= {type(put(np.ones(1)))}
    with asked():
        numbers = dask.compute(*found) if kind == "dask" else [in_numpy(x) for x in found]
    assert len(numbers) == len(known)
    for got, expected in zip(numbers, known):
        assert (np.shape(got), got.dtype) == (expected.shape, expected.dtype)
        np.testing.assert_allclose(got, expected, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("fun", TABLE, ids=NAMES.get)
def test_a_device_gives_the_numbers_of_numpy_and_nothing_leaves_it(fun: Function) -> None:
    for call in some_calls(fun, 25, zlib.crc32(NAMES[fun].encode())):
        if LIBRARY == "cupy" and NAMES[fun] in NOT_CUPYS:
            with pytest.raises(TypeError, match="Cupy"):
                compare(fun, call, "device", order=2)
        else:
            compare(fun, call, "device", order=2)


def refusals(fun: Function, count: int, order: int) -> list[str]:
    """What Dask's arrays are refused with in so many calls; all others give the numbers of NumPy's."""
    found = []
    drawn = some_calls(fun, max(12, 2 * count), zlib.crc32(NAMES[fun].encode()))
    for call in [call for call in drawn if all(map(np.size, leaves(call.args)))][:count]:  # Dask fails at no elements
        try:
            compare(fun, call, "dask", order)
        except (TypeError, ValueError, IndexError, np.linalg.LinAlgError) as error:
            found.append(str(error))
    unnamed = [text for text in found if "Dask" not in text or not re.search(r"\b(np|autograd)\.\w+|getitem", text)]
    assert not unnamed
    return found


@pytest.mark.parametrize("fun", TABLE, ids=NAMES.get)
def test_dask_gives_the_numbers_of_numpy_or_the_docs_say_what_it_lacks(fun: Function) -> None:
    refused = bool(refusals(fun, 1, order=1))
    assert refused == (NAMES[fun] in NONE) or NAMES[fun] in SOME


@pytest.mark.slow
@pytest.mark.parametrize("fun", TABLE, ids=NAMES.get)
def test_so_it_does_in_many_calls_and_for_derivatives_of_second_order(fun: Function) -> None:
    refusals(fun, 6, order=2)


NOT_CUPYS = refused_in_docs("CuPy lacks")
NONE, SOME = refused_in_docs("Dask lacks what it takes for"), refused_in_docs("Refused in part")
