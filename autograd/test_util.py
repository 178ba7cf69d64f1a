"""HIPS autograd's `autograd.test_util`: `check_grads(f, modes=["rev"], order=2)(x)`."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

import numpy as np

from .check import GradientCheckError, check_grads as check
from .core import vspace
from .transforms import Function
from .trees import leaves, leaves_like
from .wrap_util import unary_to_nary

__all__ = ["check_equivalent", "check_grads", "check_jvp", "check_vjp", "combo_check", "scalar_close"]

TOL = 1e-6
EPS = 1e-6  # what is 1e-5 away from a kink counts as smooth, as there


def scalar_close(a: Any, b: Any) -> bool:
    """Whether two numbers are the same to a millionth, absolute or relative."""
    return bool(abs(a - b) < TOL or abs(a - b) / abs(a + b) < TOL)


def check_equivalent(x: Any, y: Any) -> None:
    """Check that two trees have the same structure, shapes, dtypes and, to a millionth, numbers."""
    if vspace(x) != vspace(y):
        raise AssertionError(f"VSpace mismatch: {vspace(x)} and {vspace(y)}")
    for a, b in zip(leaves(x), leaves_like(x, y)):
        np.testing.assert_allclose(a, b, rtol=TOL, atol=TOL, equal_nan=False)


@unary_to_nary
def check_grads(f: Function, x: Any, modes: Sequence[str] = ("fwd", "rev"), order: int = 2) -> None:
    """`check_grads(f, argnum=0, modes=, order=)(*args)` checks the derivatives of `f`: see `autograd.check_grads`."""
    try:
        check(f, x, order=order, modes=modes, step=EPS)
    except GradientCheckError as error:
        kind = {"rev": "vjp", "fwd": "jvp"}[error.mode]
        name = "_".join([kind] * (error.order - 1) + [f.__name__])
        raise GradientCheckError(f"Derivative ({kind.upper()}) check of {name} failed: {error}") from error


def check_vjp(f: Function, x: Any) -> None:
    """Check the first derivative of `f` at `x` in reverse mode."""
    check_grads(f, modes=["rev"], order=1)(x)


def check_jvp(f: Function, x: Any) -> None:
    """Check the first derivative of `f` at `x` in forward mode."""
    check_grads(f, modes=["fwd"], order=1)(x)


def combo_check(fun: Function, *options: Any, **named: Any) -> Function:
    """`check_grads` with these options, at every combination of arguments and keyword arguments from lists of them."""

    def check_all(*args: Sequence[Any], **kwargs: Sequence[Any]) -> None:
        for chosen in itertools.product(*args, *kwargs.values()):
            keywords = dict(zip(kwargs, chosen[len(args) :]))
            check_grads(fun, *options, **named)(*chosen[: len(args)], **keywords)

    return check_all
