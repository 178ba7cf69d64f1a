"""What `scipy.special` writes in Python, for nodes: SciPy's numbers, and derivatives as differences have them."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import mpmath
import numpy as np
import pytest

import autograd
from autograd import Tensor, Value, check_grads, compile, grad, value_and_grad, vmap

pytest.importorskip("scipy")
import scipy.special as theirs

from autograd.scipy import special

A = np.array([[0.3, -1.2, 2.0], [1.1, 0.4, -0.6]])
B = np.array([[0.5, 2.0, 0.1], [1.5, 0.0, 0.7]])
CALLS: dict[str, list[tuple[Callable[..., Any], tuple[Any, ...]]]] = {
    "logsumexp": [
        (lambda f, a: f(a), (A,)),
        (lambda f, a: f(a, axis=1, keepdims=True), (A,)),
        (lambda f, a, b: f(a, b=b), (A, B)),
        (lambda f, a, b: f(a, 0, b), (A, B)),
        (lambda f, a, b: f(a, axis=(0, 1), b=b, keepdims=True), (A, B)),
        (lambda f, a, b: f(a, axis=-1, b=b), (A, B[0])),
        (lambda f, a, b: f(a, axis=0, b=b), (A[0], B)),
    ],
    "softmax": [(lambda f, a: f(a), (A,)), (lambda f, a: f(a, axis=0), (A,))],
    "log_softmax": [(lambda f, a: f(a), (A,)), (lambda f, a: f(a, axis=-1), (A,))],
    "multigammaln": [(lambda f, a: f(a, 3), (np.array([1.5, 7.2]),)), (lambda f, a: f(a, 1), (np.array(0.4),))],
    "polygamma": [(lambda f, x, n=n: f(n, x), (np.array([0.3, 2.5, 40.0]),)) for n in (0, 1, 3)],
    "lambertw": [
        (lambda f, x: np.real(f(x)), (np.array([-0.3, 0.0, 0.5, 20.0]),)),
        (lambda f, x: np.real(f(x, k=-1)), (np.array([-0.3, -0.01]),)),
    ],
    "comb": [
        (lambda f, n, k: f(n, k), (np.array([5.5, 7.0, 3.3]), np.array([2.0, 3.3, 0.4]))),
        (lambda f, n: f(n, np.array([2.0, 9.0]), repetition=True), (np.array([4.5, 3.2]),)),
    ],
}
each_call = pytest.mark.parametrize(
    ("name", "call", "args"), [(name, *call) for name, of in CALLS.items() for call in of]
)


def numbers(x: Any) -> Any:
    return getattr(x, "data", x)


def test_every_function_is_here() -> None:
    own = {name for name, found in vars(special).items() if hasattr(theirs, name) and inspect.isfunction(found)}
    assert own - {"__getattr__", "__dir__"} == CALLS.keys()


@each_call
def test_numbers_are_scipys_and_derivatives_are_differences(name: str, call: Any, args: Any) -> None:
    ours = getattr(special, name)
    nodes = [Tensor(x, requires_grad=True) for x in args]
    expected = call(getattr(theirs, name), *args)
    for found in (call(ours, *args), numbers(call(ours, *nodes))):
        np.testing.assert_allclose(np.asarray(found), np.asarray(expected), rtol=1e-13, atol=1e-15)
        assert np.shape(found) == np.shape(expected)
    check_grads(lambda *xs: call(ours, *xs), *args, order=2)


@each_call
def test_programs_and_batches_give_the_same(name: str, call: Any, args: Any) -> None:
    def total(*xs: Any) -> Any:
        return (call(getattr(special, name), *xs) ** 2).sum()

    both = value_and_grad(total, argnums=tuple(range(len(args))))
    y, slopes = both(*args)
    found, program = compile(both)(*args)
    np.testing.assert_allclose(found, y, rtol=1e-13)
    for one, other in zip(program, slopes, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-12, atol=1e-15)
    stacked = vmap(both)(*[np.stack([x, x]) for x in args])
    np.testing.assert_allclose(stacked[0], [y, y], rtol=1e-13)


def test_derivatives_of_polygamma_and_zeta_against_mpmath() -> None:
    for x in (0.01, 0.3, 7.5, 1e5):
        with mpmath.workdps(40):
            assert grad(lambda x: special.polygamma(2, x))(x) == pytest.approx(float(mpmath.polygamma(3, x)), rel=1e-12)
            assert grad(lambda q: special.zeta(3, q))(x) == pytest.approx(float(-3 * mpmath.zeta(4, x)), rel=1e-12)


def test_a_weight_of_zero_counts_nothing() -> None:
    a = np.array([1.0, 1e5, -np.inf])
    assert grad(lambda a: special.logsumexp(a, b=np.array([2.0, 0.0, 1.0])))(a).tolist() == [
        pytest.approx(1.0),
        0.0,
        0.0,
    ]
    assert special.logsumexp(Tensor(a), b=[2.0, 0.0, 1.0]).item() == pytest.approx(1 + np.log(2))


def test_a_negative_weight_takes_away() -> None:
    found = special.logsumexp(Tensor([1.0, 0.0], requires_grad=True), b=[1.0, -1.0])
    assert found.item() == pytest.approx(np.log(np.e - 1))
    with np.errstate(invalid="ignore"):
        assert np.isnan(special.logsumexp(Tensor([1.0, 0.0], requires_grad=True), b=[-1.0, 1.0]).item())


def test_lambertw_ends_where_it_gets_complex() -> None:
    assert np.isnan(special.lambertw(np.array([-0.4, -1.0]))).all()
    assert np.isnan(special.lambertw(np.array([0.5]), -1)).all()
    assert special.lambertw(Tensor(np.float32([0.5]), requires_grad=True)).dtype == np.float32
    with pytest.raises(ValueError, match="real values on the branches k = 0 and k = -1, not on k = 2"):
        special.lambertw(Tensor(0.5), 2)


def test_scipys_own_says_where_ours_is() -> None:
    with pytest.raises(
        TypeError, match=r"scipy\.special asked for it; what takes nodes is in autograd\.scipy\.special\)"
    ):
        theirs.polygamma(1, Tensor(2.0, requires_grad=True))


def test_what_they_do_not_take_is_refused() -> None:
    with pytest.raises(TypeError, match="logsumexp does not take return_sign="):
        special.logsumexp(Tensor(A), return_sign=True)
    with pytest.raises(TypeError, match="comb does not take exact=True"):
        special.comb(Tensor(5.0), 2, exact=True)
    assert special.comb(Tensor([3.0, -1.0], requires_grad=True), 4.0).data.tolist() == [0.0, 0.0]
    with pytest.raises(ValueError, match="d should be a positive integer"):
        special.multigammaln(Tensor(3.0), 1.5)
    with pytest.raises(ValueError, match=r"condition a .* not met"):
        special.multigammaln(Tensor(0.9), 3)
    with pytest.raises(TypeError, match=r"no derivative by .*, its argument"):
        special.polygamma(Tensor(1.0, requires_grad=True), 2.0).backward()


def test_values_take_them() -> None:
    x = Value(0.5)
    special.lambertw(x).backward()
    assert x.grad == pytest.approx(1 / (0.5 + np.exp(theirs.lambertw(0.5).real)))
    assert special.polygamma(1, Value(1.0)).data == pytest.approx(np.pi**2 / 6)


def test_all_else_is_scipys() -> None:
    assert special.gammaln is theirs.gammaln
    assert special.stirling2 is theirs.stirling2
    assert autograd.scipy.special is special
    with pytest.raises(AttributeError, match="nothing_of_this_name"):
        special.nothing_of_this_name  # noqa: B018
