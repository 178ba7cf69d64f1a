"""Functions of functions: grad, jacobian, vjp, jvp and their kin. Each runs the function once and sweeps its graph.

They take and return floats, arrays, and lists, tuples and dicts of them. Called inside each other, or with nodes,
they give nodes, which can be differentiated again: that is all there is to derivatives of any order. Forward mode is
reverse mode transposed: the pullback is linear in its cotangent, and its own pullback is the pushforward.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, TypeVar, cast

import numpy as np  # noqa: F401 - the examples use it

from .arrays import zeros
from .node import Node, describe
from .recording import enable_grad
from .run import Argnums, Run, indices, level, like, number, ones, own_node, pulled, tracked
from .trees import leaves, leaves_like, parts, parts_like, rebuild, whole

Function = Callable[..., Any]
Transform = TypeVar("Transform", bound=Function)


def of_function(transform: Transform) -> Transform:
    """A transform that says so if it is given no function, and knows `argnum`, as HIPS autograd spells `argnums`."""

    @functools.wraps(transform)
    def either(f: Function, *args: Any, **kwargs: Any) -> Any:
        if not callable(f):
            raise TypeError(f"{transform.__name__} takes a function, not {describe(f)}: {transform.__name__}(f)(x)")
        if "argnum" in kwargs and "argnums" not in kwargs:
            kwargs["argnums"] = kwargs.pop("argnum")
        return transform(f, *args, **kwargs)

    return cast(Transform, either)


def gradients(y: Any, xs: Any, gradient: Any = None, create_graph: bool = False) -> Any:
    """The gradient of `y` with respect to `xs`, without touching any `.grad` (what a tape's `gradient` call does).

    `xs` is a node or a tree of nodes, and the result has its structure: arrays (floats for Values), or nodes with
    `create_graph`. `gradient` is the upstream gradient of `y`, needed unless `y` is a scalar; both may be trees.
    What `y` does not depend on has the gradient 0.
    """
    wanted = parts(xs)
    for x in wanted:
        if not isinstance(x, Node) or not x.requires_grad:
            raise TypeError(
                f"gradients with respect to {describe(x)}: only Values and Tensors that require a gradient have one"
            )
    outputs = [root for root in leaves(y) if isinstance(root, Node)]
    if not outputs:
        raise TypeError(f"gradients of {describe(y)}: it is no node, so nothing is known of how it was computed")
    given = leaves_like(y, gradient) if gradient is not None else [None] * len(outputs)
    seeds = [root._read(seed, "gradient") for root, seed in zip(outputs, given, strict=True)]
    return whole(xs, iter(pulled(outputs, seeds, wanted, create_graph)))


@of_function
def grad(f: Function, argnums: Argnums = 0) -> Function:
    """The function that gives the gradient of the scalar function `f` with respect to the arguments `argnums`.

    One number for `argnums` gives that gradient, several give a tuple of them.

    >>> grad(lambda x: x**3)(2.0)
    12.0
    """
    both = value_and_grad(f, argnums)

    @functools.wraps(f)
    def gradient(*args: Any, **kwargs: Any) -> Any:
        return both(*args, **kwargs)[1]

    return gradient


@of_function
def value_and_grad(f: Function, argnums: Argnums = 0, has_aux: bool = False) -> Function:
    """The function that gives `f(...)` and its gradient, from one run.

    With `has_aux`, `f` returns a pair, the number to differentiate and anything else, and so does the value.
    """
    argnums = indices(argnums)

    @functools.wraps(f)
    def both(*args: Any, **kwargs: Any) -> tuple[Any, Any]:
        aux: list[Any] = []
        run = Run(first_of_two(f, aux) if has_aux else f, argnums, args, kwargs)
        derivative = run.answer(run.pull([ones(run.scalar())]))
        if has_aux:
            shown = [run.shown(x) if isinstance(x, Node) else x for x in leaves(aux[0])]
            return (run.value(), rebuild(aux[0], iter(shown))), derivative
        return run.value(), derivative

    return both


def first_of_two(f: Function, second: list[Any]) -> Function:
    """`f` without the second of its results, which goes into a list."""

    @functools.wraps(f)
    def first(*args: Any, **kwargs: Any) -> Any:
        pair = f(*args, **kwargs)
        if not isinstance(pair, (tuple, list)) or len(pair) != 2:
            raise TypeError(f"has_aux: the function has to return a pair, not {describe(pair)}")
        second.append(pair[1])
        return pair[0]

    return first


@of_function
def elementwise_grad(f: Function, argnums: Argnums = 0) -> Function:
    """The derivative of an elementwise function at each element: the gradient of the sum of its outputs.

    >>> elementwise_grad(np.tanh)(np.array([0.0, 1.0]))
    array([1.        , 0.41997434])
    """
    argnums = indices(argnums)

    @functools.wraps(f)
    def derivative(*args: Any, **kwargs: Any) -> Any:
        run = Run(f, argnums, args, kwargs)
        return run.answer(run.pull([ones(y) for y in run.outputs]))

    return derivative


def vjp(f: Function, *xs: Any) -> tuple[Any, Function]:
    """`f(*xs)` and its pullback: cotangents of the outputs to cotangents of the inputs (one, or a tuple of them).

    >>> y, pullback = vjp(lambda a, b: a * b, 2.0, 3.0)
    >>> pullback(1.0)
    (3.0, 2.0)
    """
    run = Run(f, 0 if len(xs) == 1 else range(len(xs)), xs, {})

    def pullback(cotangent: Any) -> Any:
        seeds = [run.read(y, seed, "the cotangent") for y, seed in zip(run.outputs, parts_like(run.y, cotangent))]
        return run.answer(run.pull(seeds, create_graph=run.nested or level.depth > 0 or tracked(seeds)))

    return run.value(), pullback


def jvp(f: Function, xs: Any, vs: Any) -> tuple[Any, Any]:
    """`f(*xs)` and its derivative along `vs`; `xs` and `vs` are tuples of the arguments of `f`, or one argument.

    Forward mode without a second table: the pullback is linear in its cotangent, so its pullback is the pushforward.

    >>> jvp(np.square, 3.0, 1.0)
    (9.0, 6.0)
    """
    args, tangents = (xs, vs) if type(xs) is tuple else ((xs,), (vs,))
    run = Run(f, range(len(args)), args, {}, also=leaves(tangents))
    directions = [run.read(x, v, "the tangent") for x, v in zip(run.inputs, parts_like(args, tangents))]
    with enable_grad():
        cotangents = [own_node(like(y, zeros(y, y.shape, y.dtype))) for y in run.outputs]
        transposed = run.pull(cotangents, create_graph=True)
        pushed = pulled(transposed, directions, cotangents, run.nested)
    shown = [run.placed(number(d)) for d in pushed]
    return run.value(), whole(run.y, iter(shown))


def hvp(f: Function, x: Any, v: Any) -> Any:
    """The Hessian of the scalar function `f` at `x` times `v`, without the Hessian: the pullback of the gradient.

    >>> hvp(lambda x: (x**3).sum(), np.array([1.0, 2.0]), np.array([1.0, 0.0]))
    array([6., 0.])
    """
    run = Run(f, 0, (x,), {}, also=leaves(v))
    directions = [run.read(node, d, "v") for node, d in zip(run.inputs, parts_like(x, v))]
    with enable_grad():
        gradient = run.pull([ones(run.scalar())], create_graph=True)
        return run.answer(pulled(gradient, directions, run.inputs, run.nested))


@of_function
def jacobian(f: Function, argnums: Argnums = 0) -> Function:
    """The function that gives all derivatives of the outputs of `f` by its inputs: shape `y.shape + x.shape`.

    Where `f` takes or returns lists, tuples or dicts, there is a block for each output and each input, in the
    structure of the outputs, and in each of these in that of the inputs: `J["y"]["w"]`.

    >>> jacobian(lambda x: x * x)(np.array([1.0, 2.0]))
    array([[2., 0.],
           [0., 4.]])
    """
    argnums = indices(argnums)

    @functools.wraps(f)
    def derivatives(*args: Any, **kwargs: Any) -> Any:
        run = Run(f, argnums, args, kwargs)
        return whole(run.y, iter([run.answer(run.blocks(y)) for y in run.outputs]))

    return derivatives


@of_function
def hessian(f: Function, argnums: Argnums = 0) -> Function:
    """The function that gives all second derivatives of the scalar function `f`: shape `x.shape + x.shape`.

    Of lists, tuples and dicts, and of several `argnums`, there is a block for each pair of inputs: `H["w"]["b"]`.

    >>> hessian(lambda x: (x**3).sum())(np.array([1.0, 2.0]))
    array([[ 6.,  0.],
           [ 0., 12.]])
    """
    return jacobian(jacobian(f, argnums), argnums)
