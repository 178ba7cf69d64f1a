"""HIPS autograd's names for differential operators, so that code written for it runs unchanged."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .transforms import elementwise_grad, grad, hessian, hvp, jacobian, jvp, value_and_grad, vjp

Function = Callable[..., Any]

__all__ = [
    "elementwise_grad",
    "grad",
    "grad_and_aux",
    "hessian",
    "hessian_vector_product",
    "jacobian",
    "make_hvp",
    "make_jvp",
    "make_vjp",
    "value_and_grad",
]


def one_argument(f: Function, argnum: int, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Function:
    """`f` as a function of its argument `argnum` alone."""
    return lambda x: f(*args[:argnum], x, *args[argnum + 1 :], **kwargs)


def make_vjp(fun: Function, argnum: int = 0) -> Function:
    """`make_vjp(f)(x)` gives the pullback of `f` at `x`, and `f(x)`."""

    def maker(*args: Any, **kwargs: Any) -> tuple[Function, Any]:
        y, pullback = vjp(one_argument(fun, argnum, args, kwargs), args[argnum])
        return pullback, y

    return maker


def make_jvp(fun: Function, argnum: int = 0) -> Function:
    """`make_jvp(f)(x)` gives the function that maps a tangent to `f(x)` and its directional derivative."""

    def maker(*args: Any, **kwargs: Any) -> Function:
        return lambda v: jvp(one_argument(fun, argnum, args, kwargs), (args[argnum],), (v,))

    return maker


def grad_and_aux(fun: Function, argnum: int = 0) -> Function:
    """The gradient of the first result of `fun`, and its second."""

    def both(*args: Any, **kwargs: Any) -> tuple[Any, Any]:
        (_, aux), gradient = value_and_grad(fun, argnum, has_aux=True)(*args, **kwargs)
        return gradient, aux

    return both


def hessian_vector_product(fun: Function, argnum: int = 0) -> Function:
    """`hessian_vector_product(f)(x, v)` is `hvp(f, x, v)`; further arguments of `f` stand before `v`."""

    def product(*args: Any, **kwargs: Any) -> Any:
        *args_of_f, v = args
        return hvp(one_argument(fun, argnum, tuple(args_of_f), kwargs), args_of_f[argnum], v)

    return product


def make_hvp(fun: Function, argnum: int = 0) -> Function:
    """`make_hvp(f)(x)` gives the function that multiplies a vector by the Hessian at `x`, and the gradient."""

    def maker(*args: Any, **kwargs: Any) -> tuple[Function, Any]:
        f = one_argument(fun, argnum, args, kwargs)
        return lambda v: hvp(f, args[argnum], v), grad(f)(args[argnum])

    return maker
