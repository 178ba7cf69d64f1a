"""The ufuncs of `scipy.special` on arrays that live elsewhere: the numbers of NumPy's, in arrays of their kind."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from special_functions import CASES

from autograd import Tensor, gradients
from autograd.arrays import in_numpy
from autograd.inspecting import name_of
from autograd.table import RULES
from tests.device import LIBRARY, OnADevice, on_a_device
from tests.lazy import asked, da, dask, unasked

pytest.importorskip("scipy")
from autograd.scipy import elementwise as elementwise, stats

DENSITIES = ("norm", "t", "gamma", "laplace", "cauchy")
LAZY = ("betaln", "ellipk", "erfcx", "expn", "gammainc", "gammaln", "jv", "kl_div", "log_ndtr", "pseudo_huber")


def results(fun: Callable[..., Any], xs: list[Any], put: Callable[[Any], Any]) -> list[Any]:
    """What it gives, its gradients, and those of the sums of these."""
    inputs = [Tensor(put(x), requires_grad=True) for x in xs]
    y = fun(*inputs)
    slopes = gradients(y.sum(), inputs, create_graph=True)
    later = [gradients((0.5 * slope).sum(), inputs) for slope in slopes if slope.requires_grad]
    return [y.data, *(slope.data for slope in slopes), *(second for of_one in later for second in of_one)]


def called(name: str) -> tuple[Callable[..., Any], list[Any]]:
    """A function of the arguments that it has derivatives by, and these."""
    if name in DENSITIES:
        shapes = [2.5] if getattr(stats, name).LAW.shapes else []
        points, scales = np.array([0.3, 1.2, 2.0]), np.array([1.0, 0.7, 1.5])
        return lambda x, scale: getattr(stats, name).logpdf(x, *shapes, 0.1, scale), [points, scales]
    (fun,) = (fun for fun in RULES if name_of(fun) == f"scipy.special.{name}")
    axes = CASES[name].axes
    columns = [np.array(x, int if axis.whole else float) for x, axis in zip(zip(*CASES[name].points(3)[:3]), axes)]
    free = [i for i, each in enumerate(RULES[fun].each) if each is not None]

    def f(*nodes: Any) -> Any:
        supply = iter(nodes)
        return fun(*[next(supply) if i in free else x[0].item() for i, x in enumerate(columns)])

    return f, [columns[i] for i in free]


@pytest.mark.parametrize("name", [*CASES, *DENSITIES])
def test_on_a_device_nothing_leaves_it(name: str) -> None:
    known = results(*called(name), np.array)
    try:
        found = results(*called(name), on_a_device)
    except TypeError as error:
        if LIBRARY and f"says {LIBRARY.capitalize()}" in str(error):
            pytest.skip(str(error))
        raise
    assert {type(x) for x in found} == {OnADevice}
    for expected, x in zip(known, found, strict=True):
        np.testing.assert_allclose(in_numpy(x), expected, rtol=1e-10)


@pytest.mark.parametrize("name", [*LAZY, *DENSITIES[:2]])
def test_what_is_lazy_stays_so(name: str) -> None:
    known = results(*called(name), np.array)
    with unasked():
        found = results(*called(name), lambda x: da.from_array(x, chunks=2))
    with asked():
        numbers = dask.compute(*found)
    for expected, x in zip(known, numbers, strict=True):
        np.testing.assert_allclose(x, expected, rtol=1e-10)
