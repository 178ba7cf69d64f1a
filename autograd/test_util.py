"""HIPS autograd's `autograd.test_util`: `check_grads(f, modes=["rev"], order=2)(x)`."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

from .check import check_grads as check
from .transforms import Function
from .wrap_util import unary_to_nary

__all__ = ["check_grads", "check_jvp", "check_vjp", "combo_check"]


@unary_to_nary
def check_grads(f: Function, x: Any, modes: Sequence[str] = ("fwd", "rev"), order: int = 2) -> None:
    """`check_grads(f, argnum=0, modes=, order=)(*args)` checks the derivatives of `f`: see `autograd.check_grads`."""
    check(f, x, order=order, modes=modes)


def check_vjp(f: Function, x: Any) -> None:
    """Check the first derivative of `f` at `x` in reverse mode."""
    check(f, x, order=1, modes=["rev"])


def check_jvp(f: Function, x: Any) -> None:
    """Check the first derivative of `f` at `x` in forward mode."""
    check(f, x, order=1, modes=["fwd"])


def combo_check(fun: Function, *options: Any, **named: Any) -> Function:
    """`check_grads` with these options, at every combination of arguments and keyword arguments from lists of them."""

    def check_all(*args: Sequence[Any], **kwargs: Sequence[Any]) -> None:
        for chosen in itertools.product(*args, *kwargs.values()):
            keywords = dict(zip(kwargs, chosen[len(args) :]))
            check_grads(fun, *options, **named)(*chosen[: len(args)], **keywords)

    return check_all
