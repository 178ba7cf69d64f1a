"""Whether calls on nodes are recorded, and who watches them: `no_grad`, and what debugging and tracing hook into.

Both hold for a context (`contextvars`): a thread has its own, and so has a task of asyncio. Next: `node.py`, what is
recorded.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterable, Iterator, Mapping, MutableMapping, Sequence
from contextvars import ContextVar
from typing import Any

Function = Callable[..., Any]


class Watch:
    """What the engine calls while something watches: `autograd.debug`, a trace (see `autograd.compile`)."""

    def taken(self, args: Iterable[Any]) -> None:
        """The numbers of the nodes among these arguments are about to be used or replaced."""

    def computed(self, fun: Function, compute: Function, values: Sequence[Any]) -> Any:
        """The number of a Value, `fun` of these numbers, which `compute` computes."""
        return float(compute(*values))

    def lift(self, numbers: Any) -> Any:
        """What takes the place of numbers that a sweep starts with, or that a node is made of."""
        return numbers

    def anew(self, fun: Function, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Any:
        """What `fun` gives, which is called because it draws, checks or counts something."""
        return fun(*args, **kwargs)

    def depends_on(self, mapping: MutableMapping[str, Any], changing: Iterable[str], of: str | None) -> None:
        """What is computed next depends on what is in `mapping`. The entries `changing` are numbers `of` somebody."""

    def grad_read(self, node: Any) -> None:
        """`node.grad` is about to be read."""

    def grad_set(self, node: Any) -> None:
        """`node.grad` is about to be replaced."""

    def made(self, node: Any, fun: Function, values: Sequence[Any]) -> None:
        """`node` is the result of `fun(*values)`."""

    def entered(self, part: str) -> None:
        """A part of a model, "encoder.0 (Dense)", begins to compute: see `scopes`."""

    def left(self) -> None:
        """The part that began last is done."""

    def contributed(self, node: Any, arg: Any, g: Any, c: Any) -> None:
        """The upstream gradient `g` of `node` became the contribution `c` to the gradient of `arg`, its argument."""


class Recording:
    """What holds in one context, and the block that made it so. It never changes: contexts share it."""

    __slots__ = ("change", "on", "outer", "sweeping", "watch")

    def __init__(
        self, on: bool = True, sweeping: bool = False, watch: Watch | None = None, change: Any = None, outer: Any = None
    ) -> None:
        self.on = on  # whether calls are recorded
        self.sweeping = sweeping  # in a sweep Values answer as NumPy does: inf where Python's floats raise
        self.watch = watch
        self.change: dict[str, Any] | None = change  # of the innermost block
        self.outer: Recording | None = outer  # what held around it

    def inside(self, change: dict[str, Any]) -> Recording:
        """What holds inside of a block with this change."""
        get = change.get
        return Recording(get("on", self.on), get("sweeping", self.sweeping), get("watch", self.watch), change, self)

    def without(self, change: dict[str, Any]) -> Recording:
        """The same after the end of the block with this change, the innermost one in most cases."""
        if self.change is None or self.outer is None:
            return self  # it was entered in another context
        return self.outer if self.change is change else self.outer.without(change).inside(self.change)


recording: ContextVar[Recording] = ContextVar("recording", default=Recording())  # noqa: B039 - it never changes


class changed:
    """A block in which the recording is another: `with changed(on=False): ...`, or as a decorator.

    It can be entered again and again, also inside itself. Blocks may end in any order, as those of generators do: each
    takes back its own change and no other.
    """

    __slots__ = ("change", "made")

    def __init__(self, **change: Any) -> None:
        self.change = change
        self.made: Recording | None = None  # what was made last: most blocks are entered where they were before

    def __enter__(self) -> None:
        now, made = recording.get(), self.made
        if made is None or made.outer is not now:
            made = now.inside(self.change)
            if now.watch is None:  # a watch is not kept longer than it watches
                self.made = made
        recording.set(made)

    def __exit__(self, *error: object) -> None:
        recording.set(recording.get().without(self.change))

    def __call__(self, function: Function) -> Function:
        """The function inside of the block; a generator or a coroutine only while it runs itself."""
        if inspect.isasyncgenfunction(function):
            raise TypeError(f"{function.__name__} is an asynchronous generator: decorate the functions that it calls")

        def run(*args: Any, **kwargs: Any) -> Any:
            with self:
                return function(*args, **kwargs)

        async def run_coroutine(*args: Any, **kwargs: Any) -> Any:
            with self:
                return await function(*args, **kwargs)

        def run_generator(*args: Any, **kwargs: Any) -> Iterator[Any]:
            generator = function(*args, **kwargs)
            step, given = generator.send, None
            while True:
                try:
                    with self:
                        made = step(given)
                except StopIteration as end:
                    return end.value
                try:
                    step, given = generator.send, (yield made)
                except GeneratorExit:
                    with self:
                        generator.close()
                    raise
                except BaseException as error:
                    step, given = generator.throw, error

        is_generator, is_coroutine = inspect.isgeneratorfunction(function), inspect.iscoroutinefunction(function)
        wrapper = run_generator if is_generator else run_coroutine if is_coroutine else run
        return functools.wraps(function)(wrapper)


def watched(watch: Watch) -> changed:
    """A block in which `watch` sees what happens."""
    return changed(watch=watch)


def no_grad(function: Function | None = None) -> Any:
    """Record no graph: `with no_grad(): ...`, or `@no_grad` on a function, a generator or a coroutine.

    It holds for a thread and for a task of asyncio. A generator that yields inside of a `with` block leaves the block
    open for its caller, as with every context manager: decorate the generator, and it holds while that runs itself.
    """
    return changed(on=False) if function is None else changed(on=False)(function)


def enable_grad(function: Function | None = None) -> Any:
    """Record graphs again inside `no_grad`, in the same ways."""
    return changed(on=True) if function is None else changed(on=True)(function)
