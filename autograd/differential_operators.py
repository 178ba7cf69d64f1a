"""HIPS autograd's names for differential operators, made of ours."""

from __future__ import annotations

import inspect
from typing import Any, NoReturn

import numpy as np

from . import core
from .checkpointing import checkpoint
from .inspecting import name_of
from .transforms import Function, elementwise_grad, grad, hessian, hvp, jacobian, jvp, value_and_grad, vjp
from .wrap_util import unary_to_nary

__all__ = [
    "checkpoint",
    "deriv",
    "elementwise_grad",
    "grad",
    "grad_and_aux",
    "grad_named",
    "hessian",
    "hessian_tensor_product",
    "hessian_vector_product",
    "holomorphic_grad",
    "jacobian",
    "make_ggnvp",
    "make_hvp",
    "make_jvp",
    "make_jvp_reversemode",
    "make_vjp",
    "multigrad_dict",
    "tensor_jacobian_product",
    "value_and_grad",
    "vector_jacobian_product",
]

make_vjp = unary_to_nary(core.make_vjp)
make_jvp = unary_to_nary(core.make_jvp)


@unary_to_nary
def make_jvp_reversemode(fun: Function, x: Any) -> Function:
    """`make_jvp_reversemode(f)(x)` gives the function that maps a tangent to the derivative along it."""
    return lambda v: jvp(fun, (x,), (v,))[1]


@unary_to_nary
def make_hvp(fun: Function, x: Any) -> tuple[Function, Any]:
    """`make_hvp(f)(x)` gives the function that multiplies a vector by the Hessian at `x`, and the gradient."""
    return core.make_vjp(grad(fun), x)


@unary_to_nary
def deriv(fun: Function, x: Any) -> Any:
    """The derivative along ones: of an elementwise function, its derivative at each element."""
    return jvp(fun, (x,), (np.ones(np.shape(x)),))[1]


@unary_to_nary
def grad_and_aux(fun: Function, x: Any) -> tuple[Any, Any]:
    """The gradient of the first result of `fun`, and its second."""
    (_, aux), gradient = value_and_grad(fun, has_aux=True)(x)
    return gradient, aux


def grad_named(fun: Function, argname: str) -> Function:
    """The gradient with respect to the argument of this name."""
    names = list(inspect.signature(fun).parameters)
    if argname not in names:
        raise ValueError(f"grad_named: {name_of(fun)} has the arguments {', '.join(names)}, and none called {argname}")
    return grad(fun, names.index(argname))


def multigrad_dict(fun: Function) -> Function:
    """The gradient with respect to all arguments, as a dict by their names."""
    signature = inspect.signature(fun)

    def of_arguments(arguments: Any) -> Any:
        call = inspect.BoundArguments(signature, arguments)
        return fun(*call.args, **call.kwargs)

    def gradients(*args: Any, **kwargs: Any) -> Any:
        call = signature.bind(*args, **kwargs)
        call.apply_defaults()
        return grad(of_arguments)(call.arguments)

    return gradients


def with_last(operator: Function, fun: Function, argnum: Any) -> Function:
    """`operator(fun, x, v)` as a function of the arguments of `fun` and, after them, `v`."""

    def product(*args: Any, **kwargs: Any) -> Any:
        *args_of_fun, v = args
        return unary_to_nary(operator)(fun, argnum, v)(*args_of_fun, **kwargs)

    return product


def hessian_tensor_product(fun: Function, argnum: Any = 0) -> Function:
    """`hessian_tensor_product(f)(x, v)` is `hvp(f, x, v)`; further arguments of `f` stand before `v`."""
    return with_last(hvp, fun, argnum)


def tensor_jacobian_product(fun: Function, argnum: Any = 0) -> Function:
    """`tensor_jacobian_product(f)(x, v)` is `v`, summed with the first axes of the Jacobian of `f`."""
    return with_last(lambda of_one, x, v: jacobian(lambda x: np.tensordot(v, of_one(x), np.ndim(v)))(x), fun, argnum)


hessian_vector_product = hessian_tensor_product
vector_jacobian_product = tensor_jacobian_product


def half_of_squares(x: Any) -> Any:
    """The loss whose Hessian is the identity."""
    return 0.5 * np.sum(x**2, axis=-1)


def make_ggnvp(f: Function, g: Function = half_of_squares, f_argnum: Any = 0) -> Function:
    """`make_ggnvp(f, g)(x)` multiplies by the Gauss-Newton matrix J' H J, with H that of `g` at `f(x)`."""

    @unary_to_nary
    def maker(f: Function, x: Any) -> Function:
        y, pullback = vjp(f, x)
        times_hessian, _ = core.make_vjp(grad(g), y)
        return lambda v: pullback(times_hessian(jvp(f, (x,), (v,))[1]))

    return maker(f, f_argnum)


def holomorphic_grad(fun: Function, argnum: int = 0) -> NoReturn:
    """Not here: nodes hold real numbers."""
    raise TypeError("holomorphic_grad is about complex numbers, and the numbers here are real")
