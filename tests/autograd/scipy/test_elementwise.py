"""The ufuncs of `scipy.special` against mpmath: value, first and second derivatives, to 1e-12 of themselves.

Where SciPy or a formula gives less, LESS says how much, and docs/scipy.md why.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import mpmath
import numpy as np
import pytest
from mpmath import mpf
from special_functions import CASES

from autograd import Tensor, Value, compile, draw, gradients, jvp, value_and_grad, vmap
from autograd.draw.formula import formula_of
from autograd.inspecting import name_of
from autograd.table import RULES

special = pytest.importorskip("scipy.special")

EXACT = (1e-12, 1e-12, 1e-12)  # of the value, of the first derivatives, of the second ones
LESS = {
    "beta": (1e-12, 1e-12, 5e-12),
    "betaln": (2e-11, 1e-12, 1e-12),
    "expit": (1e-12, 1e-12, 1e-7),  # at 1e-9, of what is 1e-10
    "ive": (1e-12, 1e-12, 1e-11),
    "pseudo_huber": (1e-12, 1e-12, 5e-9),
    "yv": (5e-12, 1e-12, 1e-12),
    "yve": (5e-12, 1e-12, 1e-12),
}
PAGE = (Path(__file__).parents[3] / "docs" / "scipy.md").read_text(encoding="utf-8")


def functions() -> dict[str, Any]:
    """The functions of the chapter by name."""
    from autograd.scipy import elementwise

    return {
        name_of(fun).removeprefix("scipy.special."): fun
        for fun, rule in RULES.items() if rule.site[0] == elementwise.__file__ and isinstance(fun, np.ufunc)
    }  # fmt: skip


def columns(name: str, count: int = 3) -> list[Any]:
    """The arguments at all points."""
    values = zip(*CASES[name].points(count), strict=True)
    return [
        np.array(column, int if axis.whole else float) for column, axis in zip(values, CASES[name].axes, strict=True)
    ]


def free(fun: Any) -> list[int]:
    """The arguments that it has a derivative by."""
    return [i for i, each in enumerate(RULES[fun].each) if each is not None]


def nodes(fun: Any, xs: list[Any]) -> list[Any]:
    """The arguments, as tensors where there is a derivative."""
    return [Tensor(x, requires_grad=True) if i in free(fun) else x for i, x in enumerate(xs)]


def derivatives(name: str, xs: list[Any]) -> dict[tuple[int, ...], Any]:
    """The value and the partial derivatives up to the second order, by how often each argument is differentiated by."""
    fun = functions()[name]
    inputs = nodes(fun, xs)
    y = fun(*inputs)
    wanted = free(fun)
    none = [0] * len(xs)

    def orders(*which: int) -> tuple[int, ...]:
        return tuple(n + which.count(i) for i, n in enumerate(none))

    found = {orders(): y.data}
    firsts = gradients(y, [inputs[i] for i in wanted], np.ones(y.shape), create_graph=True)
    for i, first in zip(wanted, firsts, strict=True):
        found[orders(i)] = first.data
        later = [j for j in wanted if j >= i]
        if first.requires_grad:
            seconds = gradients(first, [inputs[j] for j in later], np.ones(y.shape))
        else:
            seconds = [np.zeros(y.shape) for _ in later]
        found |= {orders(i, j): second for j, second in zip(later, seconds, strict=True)}
    return found


def error(found: float, exact: Any) -> float:
    """How far off, as a part of what is right."""
    if not np.isfinite(found):
        return 0.0 if abs(exact) > mpf(10) ** 305 and found * mpmath.sign(exact) > 0 else float("inf")
    if found == 0 and abs(exact) < mpf(10) ** -45:  # the noise of differences
        return 0.0
    return float(abs(mpf(found) - exact) / max(abs(exact), mpf(10) ** -290))


def errors(name: str) -> list[tuple[tuple[int, ...], tuple[float, ...], float, Any, float]]:
    """The error of each derivative at each point."""
    points = CASES[name].points()
    with mpmath.workdps(60):
        return [
            (orders, point, float(y), exact, error(float(y), exact))
            for orders, ys in derivatives(name, columns(name)).items()
            for point, y in zip(points, ys, strict=True)
            for exact in [CASES[name].slope(tuple(map(mpf, point)), orders)]
        ]


def test_every_function_of_the_chapter_is_here() -> None:
    assert functions().keys() == CASES.keys()


def test_every_exception_is_on_the_page() -> None:
    assert LESS.keys() <= set(PAGE.partition("## The last digits")[2].replace("`", " ").split())


@pytest.mark.parametrize("name", CASES)
def test_value_and_derivatives_are_exact(name: str) -> None:
    for orders, point, y, exact, wrong in errors(name):
        assert wrong <= LESS.get(name, EXACT)[sum(orders)], (orders, point, y, mpmath.nstr(exact, 17), wrong)


def agree(found: Any, expected: Any) -> None:
    np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-300)


@pytest.mark.parametrize("name", CASES)
def test_every_mode_gives_the_same(name: str) -> None:
    """Forward mode, numbers, examples of a batch, and a compiled program, each beside the gradients of tensors."""
    fun, xs = functions()[name], columns(name, 3)
    wanted = free(fun)
    inputs = nodes(fun, xs)
    y = fun(*inputs)
    expected = gradients(y, [inputs[i] for i in wanted], np.ones(y.shape))

    def f(*given: Any) -> Any:
        supply = iter(given)
        return fun(*[next(supply) if i in wanted else x for i, x in enumerate(xs)])

    chosen = tuple(xs[i] for i in wanted)
    forward, along = jvp(f, chosen, tuple(map(np.ones_like, chosen)))
    agree(forward, y.data)
    agree(along, sum(expected))

    program = compile(value_and_grad(lambda *given: f(*given).sum(), argnums=tuple(range(len(wanted)))))
    total, slopes = program(*chosen)
    agree(total, y.data.sum())
    for found, theirs in zip(slopes, expected, strict=True):
        agree(found, theirs)

    of_each = vmap(value_and_grad(lambda *given: fun(*given), argnums=tuple(wanted)))
    values, slopes = of_each(*xs)
    agree(values, y.data)
    for found, theirs in zip(slopes, expected, strict=True):
        agree(found, theirs)

    for row, point in enumerate(zip(*xs, strict=True)):
        numbers = [Value(x) if i in wanted else x for i, x in enumerate(point)]
        one = fun(*numbers)
        agree(one.data, y.data[row])
        agree(gradients(one, [numbers[i] for i in wanted]), [g[row] for g in expected])


@pytest.mark.parametrize(
    "name", [name for name in CASES if not name.startswith(("eval_hermite", "bdtr"))]
)  # in doubles alone
def test_single_precision_stays(name: str) -> None:
    fun = functions()[name]
    inputs = nodes(fun, [x[:3].astype(np.float32) if x.dtype.kind == "f" else 2.0 for x in columns(name)])
    y = fun(*inputs)
    found = gradients(y, [inputs[i] for i in free(fun)], np.ones(y.shape, np.float32))
    assert {x.dtype for x in (y, *found)} == {np.dtype(np.float32)}


def test_what_has_no_closed_form_is_refused_by_name() -> None:
    order = Tensor(1.5, requires_grad=True)
    with pytest.raises(TypeError, match=r"scipy\.special\.jv has no derivative by .*, its argument"):
        special.jv(order, 2.0).backward()
    with pytest.raises(TypeError, match=r"scipy\.special\.betainc has no derivative by"):
        special.betainc(order, 2.0, 0.3).backward()


def test_what_is_not_in_the_table_is_refused_by_name() -> None:
    with pytest.raises(TypeError, match=r"scipy\.special\.airy has no derivative in the table"):
        special.airy(Tensor(1.0, requires_grad=True))


INF = np.inf


@pytest.mark.parametrize(
    ("name", "at", "slopes"),
    [
        ("xlogy", (0.0, 0.0), (-INF, 0.0)),
        ("xlogy", (0.0, 3.0), (np.log(3), 0.0)),
        ("xlog1py", (0.0, -1.0), (-INF, 0.0)),
        ("entr", (0.0,), (INF,)),
        ("entr", (-1.0,), (0.0,)),
        ("rel_entr", (0.0, 1.0), (-INF, 0.0)),
        ("rel_entr", (1.0, 0.0), (0.0, 0.0)),
        ("kl_div", (0.0, 0.0), (0.0, 0.0)),
        ("kl_div", (2.0, 0.0), (0.0, 0.0)),
        ("rgamma", (-2.0,), (2.0,)),
        ("rgamma", (INF,), (0.0,)),
        ("gamma", (180.0,), (INF,)),
        ("erfcx", (INF,), (0.0,)),
        ("erfcx", (-INF,), (-INF,)),
        ("log_ndtr", (40.0,), (0.0,)),
        ("log_ndtr", (-1e200,), (1e200,)),
        ("exprel", (720.0,), (INF,)),
        ("expit", (INF,), (0.0,)),
        ("expit", (-800.0,), (0.0,)),
        ("logit", (0.0,), (INF,)),
        ("ndtri", (0.0,), (INF,)),
        ("boxcox", (0.0, 2.0), (0.0, 0.25)),
        ("huber", (0.0, 0.0), (0.0, 0.0)),
        ("huber", (-1.0, 2.0), (0.0, 0.0)),
        ("pseudo_huber", (0.0, -3.0), (3.0, 0.0)),
        ("k0", (0.0,), (-INF,)),
        ("k0", (800.0,), (0.0,)),
        ("jv", (0.5, 0.0), (INF,)),
        ("gammainc", (0.5, 0.0), (INF,)),
        ("gammainc", (1.0, 0.0), (1.0,)),
        ("gammainc", (2.0, 0.0), (0.0,)),
        ("betainc", (1.0, 1.0, 0.0), (1.0,)),
        ("betainc", (2.0, 1.0, 1.0), (2.0,)),
        ("ellipk", (1.0,), (INF,)),
        ("spence", (1.0,), (-1.0,)),
        ("expn", (2, 0.0), (-INF,)),
        ("eval_legendre", (0, 0.3), (0.0,)),
        ("eval_hermite", (0, 0.3), (0.0,)),
    ],
)
def test_the_ends_of_their_domains(name: str, at: tuple[float, ...], slopes: tuple[float, ...]) -> None:
    fun = functions()[name]
    inputs = nodes(fun, [np.array(x) for x in at])
    y = fun(*inputs)
    with np.errstate(divide="ignore"):
        found = gradients(y, [inputs[i] for i in free(fun)])
    np.testing.assert_allclose(found, slopes, rtol=1e-14)


def test_the_second_derivative_at_the_edge_of_a_density() -> None:
    x = Tensor(0.0, requires_grad=True)
    (slope,) = gradients(special.gammainc(2.0, x), [x], create_graph=True)
    assert gradients(slope, [x])[0] == 1.0  # of x exp(-x)


def test_the_chapter_is_read_when_it_is_needed_and_not_before() -> None:
    program = (
        "import sys, threading, autograd\n"
        "assert not any(name.split('.')[0] == 'scipy' for name in sys.modules)\n"
        "from scipy import special\n"
        "assert 'autograd.scipy.elementwise' not in sys.modules\n"
        "def use(): found.append(special.gammaln(autograd.Tensor([3.0], requires_grad=True)).sum().item())\n"
        "found = []\n"
        "threads = [threading.Thread(target=use) for _ in range(8)]\n"
        "[thread.start() for thread in threads]\n"
        "[thread.join() for thread in threads]\n"
        "assert len(found) == 8 and 'autograd.scipy.elementwise' in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True, cwd=Path(__file__).parents[3])


def test_a_keyword_of_ufuncs_is_refused_by_name() -> None:
    x = Tensor([1.0, 2.0], requires_grad=True)
    with pytest.raises(TypeError, match=r"scipy\.special\.gammaln does not take where="):
        special.gammaln(x, where=np.array([True, False]))
    with pytest.raises(TypeError, match=r"scipy\.special\.gammaln: a node cannot be written into an array"):
        special.gammaln(x, out=np.zeros(2))


def test_pictures_show_the_formula() -> None:
    fun = functions()["gammaln"]
    formula = formula_of(RULES[fun], 0)
    assert (formula.text, formula.where.partition(":")[0]) == ("special.psi(x)", "autograd/scipy/elementwise.py")
    assert "special.psi(" in draw(fun(Value(2.5)) * 2).html
    assert "jv(0.5, x)" in draw(special.jv(0.5, Value(2.5, name="x"))).svg
