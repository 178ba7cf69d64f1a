"""vmap: a function that is written for one example, of many at once."""

from __future__ import annotations

import functools
import operator
from collections.abc import Callable
from typing import Any

import numpy as np

from .arrays import StandIn, admit, asarray, copied, kind_of
from .inspecting import name_of
from .mapped import Batch, Mapped, NeedsNumbers, batches, in_batch, one_above_another, say_so
from .node import Node, describe
from .transforms import of_function
from .trees import leaves, leaves_like, outline, parts, rebuild, whole

Function = Callable[..., Any]


@of_function
def vmap(f: Function, in_axes: Any = 0, out_axes: Any = 0) -> Function:
    """The function that computes `f`, which is written for one example, of many at once.

    `in_axes` says along which axis of an argument the examples lie, None if it is the same for all: one number for all
    arguments, or a tuple with an entry for each, which may be a tree like the argument. Arguments by name have the
    examples along their first axis. `out_axes` says where they lie in the result, or, in a tree like it, in each part.

    What `f` does is done to all examples in one call of NumPy. Functions without a rule for that run for one example
    after the other, and so does all of `f` if it needs the numbers of one: in a branch, or an assignment. A warning
    says so once. Raises ValueError where the arguments have different numbers of examples, or none.

    >>> vmap(np.dot, in_axes=(0, None))(np.eye(2), np.array([3.0, 4.0]))
    array([3., 4.])

    The gradient of each example of a batch:

    >>> from autograd import grad
    >>> vmap(grad(lambda w, x: (w @ x) ** 2), in_axes=(None, 0))(np.array([1.0, 2.0]), np.eye(2))
    array([[2., 0.],
           [0., 4.]])
    """

    @functools.wraps(f)
    def for_all(*args: Any, **kwargs: Any) -> Any:
        tree = (args, kwargs)
        axes = axes_of(in_axes, args, kwargs, name_of(f))
        inputs = [x if axis is None else first(x, axis) for x, axis in zip(leaves(tree), axes)]
        batch = Batch(common_size(inputs, axes), len(batches.get()))

        def run(one: Callable[[Any], Any]) -> Any:
            given, named = rebuild(tree, iter([x if axis is None else one(x) for x, axis in zip(inputs, axes)]))
            return f(*given, **named)

        try:
            y = in_batch(batch, lambda: run(lambda x: Mapped(x, batch)))
            outputs = [batch.of(numeric(part, f)) for part in parts(y)]
        except (NeedsNumbers, ValueError) as error:  # NumPy raises its own where it assigns into an array
            reason = error if isinstance(error, NeedsNumbers) else error.__cause__
            if not isinstance(reason, NeedsNumbers):
                raise
            say_so(name_of(f), str(reason))
            y = one_above_another([run(operator.itemgetter(i)) for i in range(batch.size)], name_of(f))
            outputs = parts(y)
        places = prefix(out_axes, y, "out_axes", "the result")
        placed = [laid_along(x, axis) for x, axis in zip(outputs, places)]
        return whole(y, iter(placed))

    return for_all


def axes_of(in_axes: Any, args: tuple[Any, ...], kwargs: dict[str, Any], name: str) -> list[Any]:
    """The axis of the examples in each leaf of the arguments, or None."""
    each = in_axes if isinstance(in_axes, (tuple, list)) else [in_axes] * len(args)
    if len(each) != len(args):
        raise ValueError(
            f"vmap: in_axes={in_axes!r} has {len(each)} entries, and {name} was called with {len(args)} arguments by "
            "position (those by name have their examples along the first axis)"
        )
    axes = [a for axis, arg in zip(each, args) for a in prefix(axis, arg, "in_axes", "its argument")]
    return axes + [0] * len(leaves(kwargs))


def prefix(axes: Any, tree: Any, name: str, what: str) -> list[Any]:
    """`axes`, a number or a tree like `tree`, for each leaf of it."""
    if isinstance(axes, (tuple, list, dict)):
        if not isinstance(tree, type(axes)):
            given = "one array" if isinstance(tree, StandIn) else outline(tree)
            raise ValueError(f"vmap: {name}={axes!r} does not fit {what}, which is {given}")
        try:
            found = leaves_like(tree, axes)
        except (TypeError, ValueError, KeyError) as error:
            raise ValueError(f"vmap: {name}={axes!r} does not fit {what}: {error}") from error
    else:
        found = [axes] * len(leaves(tree))
    for axis in found:
        if axis is not None and (isinstance(axis, bool) or not isinstance(axis, (int, np.integer))):
            raise TypeError(f"vmap: {name} are integers or None, or a tuple of them, not {axis!r}")
    return found


def first(x: Any, axis: int) -> Any:
    """An argument with its examples along the first axis."""
    admit(x)
    array: Any = x if isinstance(x, (Node, StandIn)) else asarray(x)
    if not getattr(array, "shape", ()):
        raise ValueError(
            f"vmap: {describe(x)} has no axis along which examples could lie: in_axes=None at its place says that it "
            "is the same for all"
        )
    return np.moveaxis(array, axis, 0) if axis else array


def common_size(inputs: list[Any], axes: list[Any]) -> int:
    """How many examples there are."""
    sizes = [len(x) for x, axis in zip(inputs, axes) if axis is not None]
    if not sizes:
        raise ValueError("vmap: nothing has examples along an axis, so there is nothing to map: call the function")
    if len(set(sizes)) > 1 or not sizes[0]:
        raise ValueError(f"vmap: the arguments have {', '.join(map(str, sizes))} examples: one number, and not 0")
    return sizes[0]


def numeric(part: Any, f: Function) -> Any:
    """A part of a result, if it is made of numbers."""
    if isinstance(part, (Node, StandIn)) or asarray(part).dtype.kind in "fiub":
        return part
    raise TypeError(f"vmap: {name_of(f)} returned {describe(part)}, which is no array of numbers")


def laid_along(x: Any, axis: int) -> Any:
    """A result with its examples along `axis`, sharing memory with nothing."""
    if axis is None:
        raise ValueError("vmap: out_axes=None, but every result has examples along an axis: take one of them, y[0]")
    y = np.moveaxis(x, 0, axis) if axis else x
    return copied(y) if isinstance(y, np.ndarray) or kind_of(y) is not None else y
