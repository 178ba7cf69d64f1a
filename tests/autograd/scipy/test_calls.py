"""Every function of `autograd.scipy` against SciPy and against central differences, and its promises.

The tests iterate over tests/scipy_calls.py; what is a matter of one function stands in the test of its module.
"""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest
from scipy_calls import CASES, Case

from autograd import TraceError, check_grads, compile, grad, jacobian, jvp, vmap

pytest.importorskip("scipy")

each_case = pytest.mark.parametrize("name", CASES)
OF_EACH = list({name.split()[0].rstrip(","): name for name in CASES}.values())  # the last case of each function
each_function = pytest.mark.parametrize("name", OF_EACH)


def drawn(name: str) -> tuple[Case, tuple[Any, ...]]:
    """A case and its arguments."""
    case = CASES[name]
    return case, case.draw(np.random.default_rng(len(name)))


def gradients(case: Case, xs: Any) -> Any:
    """The gradients of a sum of sines of the result, by all arguments."""
    return grad(lambda *xs: np.sum(np.sin(case.f(*xs))), range(len(xs)))(*xs)


def close(found: Any, expected: Any, tolerance: float = 1e-7) -> None:
    """Each of several arrays is what it should be."""
    assert len(found) == len(expected)
    for a, b in zip(found, expected):
        np.testing.assert_allclose(a, b, rtol=tolerance, atol=tolerance * max(1.0, float(np.max(np.abs(b), initial=0))))


@each_case
def test_the_value_is_scipys(name: str) -> None:
    case, xs = drawn(name)
    y = case.f(*xs)
    close([y], [case.oracle(*xs)], case.near)
    assert np.shape(y) == np.shape(case.oracle(*xs))


@each_case
def test_derivatives_are_the_central_differences(name: str) -> None:
    case, xs = drawn(name)
    check_grads(case.f, *xs, order=case.order)


@each_function
@pytest.mark.filterwarnings("ignore:np.convolve runs for one example after the other")
def test_forward_mode_is_the_jacobian_times_the_tangent(name: str) -> None:
    case, xs = drawn(name)
    vs = tuple(np.random.default_rng(1).standard_normal(np.shape(x)) for x in xs)
    pushed = jvp(case.f, xs, tuple(float(v) if isinstance(x, float) else v for x, v in zip(xs, vs)))[1]
    columns = jacobian(case.f, range(len(xs)))(*xs)
    close([pushed], [sum(np.tensordot(j, v, v.ndim) for j, v in zip(columns, vs))])


@each_function
def test_single_precision_read_only_and_other_layouts(name: str) -> None:
    case, xs = drawn(name)
    expected = gradients(case, xs)
    others = [np.asfortranarray(x) if np.ndim(x) else x for x in xs]
    for x in others:
        if isinstance(x, np.ndarray):
            x.flags.writeable = False
    close(gradients(case, others), expected)
    strided = [np.repeat(x, 2, axis=-1)[..., ::2] if np.ndim(x) else x for x in xs]
    close(gradients(case, strided), expected)
    single = [x.astype(np.float32) if isinstance(x, np.ndarray) else x for x in xs]
    found = gradients(case, single)
    assert [getattr(g, "dtype", float) for g in found] == [getattr(x, "dtype", float) for x in single]
    close(found, expected, case.single)


@pytest.mark.parametrize("name", [name for name, case in CASES.items() if case.stacks])
def test_a_stack_is_each_of_its_matrices(name: str) -> None:
    case, xs = drawn(name)
    stacks = [np.stack([[x, 1.1 * x]]) for x in xs]  # (1, 2, ...)
    y, slopes = case.f(*stacks), gradients(case, stacks)
    for i in range(2):
        one = [x[0, i] for x in stacks]
        close([y[0, i]], [case.f(*one)], 1e-12)
        close([g[0, i] for g in slopes], gradients(case, one), 1e-9)
    assert case.f(*(x[:0] for x in stacks)).shape == (0, *y.shape[1:])


@each_function
def test_a_program_gives_what_eager_gives(name: str) -> None:
    case, xs = drawn(name)

    def slopes(*xs: Any) -> Any:
        return gradients(case, xs)

    if case.compiles:
        close(compile(slopes)(*xs), slopes(*xs), 1e-9)
        close(compile(slopes)(*(1.01 * x for x in xs)), slopes(*(1.01 * x for x in xs)), 1e-9)
    else:
        with pytest.raises(TraceError) as caught:
            compile(slopes)(*xs)
        assert "leave the solver outside" in caught.value.__notes__[0]


@each_function
def test_a_batch_is_each_of_its_examples(name: str) -> None:
    case, xs = drawn(name)
    batch = [np.stack([x, 1.01 * np.asarray(x)]) for x in xs]
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", ".* runs for one example after the other")
        found = vmap(case.f)(*batch)
    for i in range(2):
        close([found[i]], [case.f(*(x[i] for x in batch))], 1e-9)
