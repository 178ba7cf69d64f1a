"""What a node is: a number or an array, and the call that made it. Next: `sweep.py`, which walks from node to node.

`data = fun(*args, **kwargs)`, where `fun` is the function itself: the graph is the program. The two kinds of node are
`value.py` and `tensor.py`, what they answer stands in `operators.py`.
"""

from __future__ import annotations

import itertools
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, ClassVar, Self

import numpy as np
import numpy.typing as npt

from .arrays import StandIn, copied, example_of, floating_dtype, is_plain_tuple, kind_of
from .inspecting import name_of
from .recording import recording
from .table import Function

Hook = Callable[[Any], Any]
next_index = itertools.count().__next__
NO_KWARGS: dict[str, Any] = {}
NOT_KEPT = (
    "{} was computed, and backward(){} leaves gradients where graphs begin: its .grad is None. In a training loop "
    "write w.data -= lr * w.grad, and w stays where it begins; to look at this gradient call retain_grad() before "
    "backward()"
)


class Node:
    """A number or an array, and the call that made it. `Value` and `Tensor` are the two kinds.

    `args` are the call's arguments, nodes among them; `values` the raw numbers they had at that moment, so that
    no later change of a leaf can reach the graph. A leaf has no `fun` and no `args`.
    """

    __slots__ = (
        "__weakref__", "_grad", "_lent", "_raw", "_requires_grad", "args", "fun", "given", "hooks", "index", "kwargs",
        "name", "pictured", "retains_grad", "scope", "site", "values",
    )  # fmt: skip

    _raw: Any
    _grad: Any
    fun: Function | None
    args: tuple[Any, ...]
    values: Sequence[Any]
    kwargs: dict[str, Any]
    index: int  # the order of creation: every node comes after its arguments
    _lent: Any  # whether the user may hold `_raw` and write into it; ELSEWHERE where it lives there
    _requires_grad: bool
    retains_grad: bool
    name: str | None
    hooks: tuple[Hook, ...]
    site: tuple[str, int] | None  # file and line of the call, where `debug` asked for it
    scope: tuple[int, str, str, Any] | None  # the call of a module that returned it, where there was one: see `scopes`
    given: bool  # that the index or the condition in its call is data, and comes from no node; most nodes do not say
    pictured: Node  # what pictures show of data that were arranged anew; most nodes have none
    is_state: ClassVar[bool] = False  # whether it is part of a model, which pictures show: a parameter or a buffer
    grad_at_first: ClassVar[Any] = None  # what is not None is kept up to date in every node

    def _fill(
        self, data: Any, grad: Any, requires_grad: bool, fun: Function | None = None, args: tuple[Any, ...] = (),
        values: Sequence[Any] = (), kwargs: dict[str, Any] = NO_KWARGS,
    ) -> None:  # fmt: skip
        """Make it the node of a call, or without one a leaf around `data`, which nobody else can change."""
        self._raw = data
        self._grad = grad
        self._requires_grad = requires_grad
        self.fun = fun
        self.args = args
        self.values = values
        self.kwargs = kwargs
        self.index = next_index()
        self.name = self.scope = self.site = None
        self.hooks = ()
        self.retains_grad = grad is not None
        self._lent = False

    @classmethod
    def _make(cls, data: Any, requires_grad: bool) -> Self:
        """A leaf around `data`, which nobody else can change."""
        node = cls.__new__(cls)
        node._fill(data, cls.grad_at_first, requires_grad)
        return node

    @property
    def grad(self) -> Any:
        """What `backward()` left here: a float for a Value, an array of its shape and dtype for a Tensor."""
        watch = recording.get().watch
        if watch is not None:
            watch.grad_read(self)
        if self._grad is None and self.fun is not None and not self.retains_grad:
            when = "" if reached(self) else ", which has not run yet,"
            warnings.warn(NOT_KEPT.format(describe(self), when), UserWarning, stacklevel=2)
        return self._grad

    @grad.setter
    def grad(self, grad: Any) -> None:
        watch = recording.get().watch
        if watch is not None:
            watch.grad_set(self)
        self._grad = grad

    def _numbers(self) -> Any:
        """The numbers of this node, not copied: what a function is called with for it."""
        watch = recording.get().watch
        if watch is not None:
            watch.taken((self,))
        return self._raw

    @property
    def is_leaf(self) -> bool:
        """Whether no recorded call made this node."""
        return self.fun is None

    @property
    def requires_grad(self) -> bool:
        """Whether gradients flow to this node. It can be set on leaves."""
        return self._requires_grad

    @requires_grad.setter
    def requires_grad(self, on: bool) -> None:
        check_flag(on)
        if self.fun is not None and not on:
            raise RuntimeError(f"the result of {name_of(self.fun)} cannot stop requiring a gradient: use its detach()")
        self._requires_grad = on

    def retain_grad(self) -> None:
        """Keep the gradient of this node in `.grad`, although it is no leaf."""
        self.retains_grad = True

    def register_hook(self, hook: Hook) -> Callable[[], None]:
        """Call `hook(gradient)` in every backward pass, once the gradient of this node is complete.

        What it returns, if not None, replaces the gradient. Returns a function that removes the hook.
        """

        def run(gradient: Any) -> Any:  # a new object, so that the same hook can be registered twice
            return hook(gradient)

        def remove() -> None:
            self.hooks = tuple(h for h in self.hooks if h is not run)

        self.hooks = (*self.hooks, run)
        return remove

    def _plus(self, before: Any, g: Any, create_graph: bool) -> Any:
        """The `.grad` after `g` is added to the `.grad` before, sharing no memory with any other."""
        raise NotImplementedError

    def _placed(self, x: Any) -> Any:
        """What the sweep carries for an array that lives elsewhere, an untracked node; others as they are."""
        return x

    def _show(self, g: Any) -> Any:
        """The raw gradient `g` as the user sees it, sharing no memory with the sweep."""
        raise NotImplementedError

    def _read(self, g: Any, role: str) -> Any:
        """What the user gave as a gradient of this node, as the sweep carries it. `role` names it in errors."""
        raise NotImplementedError


still = ContextVar("still", default=False)


@contextmanager
def unchanging() -> Iterator[None]:
    """A block whose graphs keep arrays that are read-only as they are: nobody changes them while it lasts."""
    token = still.set(True)
    try:
        yield
    finally:
        still.reset(token)


def private(x: Any, as_array: bool = False) -> Any:
    """`x` with every array in it copied, also inside lists and tuples: an index may hold some; an operand is one."""
    if isinstance(x, np.ndarray):
        if type(x) is np.ndarray and not x.flags.writeable and still.get():
            return x
        watch = recording.get().watch
        return copied(x if watch is None else watch.lift(x))
    if kind_of(x) is not None:
        return copied(x)
    if as_array and hasattr(x, "__len__") and not isinstance(x, StandIn):
        return np.array(x)
    return type(x)(map(private, x)) if type(x) in (list, tuple) and not is_plain_tuple(x) else x


def floating(data: Any, dtype: npt.DTypeLike | None) -> Any:
    """A new floating-point array: float64 from integers and booleans, else of its own dtype, unless `dtype` says."""
    if isinstance(data, StandIn) and data.takes_over:
        raise TypeError(f"{data!r} cannot be a Tensor: within vmap it is differentiated by grad, vjp and their kin")
    watch = recording.get().watch
    array = copied(data if watch is None else watch.lift(data))
    if array.dtype.kind not in "fiub":
        raise TypeError(f"a Tensor holds real numbers, not {array.dtype}{example_of(array)}")
    if array.dtype.kind == "f" and (dtype is None or array.dtype == dtype):
        return array
    return array.astype(floating_dtype(np.float64 if dtype is None else dtype))


def reached(node: Node) -> bool:
    """Whether a backward pass has left a gradient in anything that this node was computed from."""
    seen, waiting = {node}, [node]
    while waiting:
        made = waiting.pop()
        if made._grad is not None and made.fun is None:
            return True
        new = {arg for arg, value in zip(made.args, made.values) if arg is not value and arg not in seen}
        seen |= new
        waiting += new
    return False


def check_flag(requires_grad: Any) -> None:
    """Refuse what is no boolean: a dtype, for example, that was passed by position."""
    if not isinstance(requires_grad, (bool, np.bool_)):
        raise TypeError(
            f"requires_grad is True or False, not {requires_grad!r} (several numbers go in as one list, and a dtype by "
            "keyword, dtype=)"
        )


def describe(x: Any) -> str:
    """What to call a node or another argument in an error message."""
    name = getattr(x, "name", None)
    kind = f"{name!r}, a {type(x).__name__}" if isinstance(name, str) else f"a {type(x).__name__}"
    return kind + (f" of shape {x.shape}" if getattr(x, "shape", ()) else "")
