"""compile: a function becomes a straight-line program in NumPy, traced once and run without a graph.

trace     the function runs once over stand-ins, and leaves a list of calls
simplify  the list is built again with less
emit      the source of a Python function, with memory used again
call      what a call reads, checks and writes around it
"""

from __future__ import annotations

import functools
import threading
import warnings
from collections.abc import Callable, Mapping, MutableMapping, Sequence
from dataclasses import dataclass
from types import MethodType
from typing import Any

import numpy as np

from ..node import Node
from ..recording import recording, watched
from ..run import level
from ..table import Function
from ..trees import leaves, rebuild
from .call import argument_names, guard, is_read, names_of, runner, within
from .emit import Kernel, emit
from .native import NotNative, native
from .program import Program
from .simplify import simplify
from .trace import Trace
from .traced import TraceError

__all__ = ["Compiled", "TraceError", "anew", "compile", "depends_on"]

PROGRAMS = 16  # how many programs a function keeps; that which has not been used for longest goes


@dataclass(frozen=True)
class Entry:
    """A program that is ready: whether it fits a call, and the call."""

    fits: Callable[[Sequence[Any], Any], bool]
    call: Callable[[Sequence[Any]], Any]
    trees: bool  # whether its arguments have to be taken apart first
    source: str
    loops: str


# While one thread traces, the leaves that it uses hold stand-ins, and no other may run a program that reads them.
alone = threading.RLock()


def run(entry: Entry, flat: Sequence[Any]) -> Any:
    """The call of a program."""
    with alone:
        return entry.call(flat)


class Compiled:
    """A function that runs as a program of NumPy calls. See `compile`."""

    def __init__(self, f: Function, backend: str | None) -> None:
        functools.update_wrapper(self, f)
        if backend not in (None, "numpy", "numba"):
            raise ValueError(f"compile: backend is 'numpy', 'numba' or None for the faster of both, not {backend!r}")
        self.f = f
        self.backend = backend
        self.entries: list[Entry] = []  # the one that was used last comes first

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """What the function returns."""
        if recording.get().watch is not None:  # in another trace, or watched
            return self.f(*args, **kwargs)
        with alone:
            if not kwargs and self.entries and not self.entries[0].trees and self.entries[0].fits(args, ()):
                return self.entries[0].call(args)
            return self.prepare(*args, **kwargs)()

    def prepare(self, *args: Any, **kwargs: Any) -> Callable[[], Any]:
        """The call with these arguments, ready to run: a trace is made if there is no program for it."""
        if recording.get().watch is not None:
            return functools.partial(self.f, *args, **kwargs)
        flat: Sequence[Any] = args
        names: Any = ()
        if kwargs or any(isinstance(x, (list, tuple, dict)) for x in args):
            flat, names = leaves([args, kwargs]), structure([args, kwargs])
        with alone:
            for i, entry in enumerate(self.entries):
                if entry.fits(flat, names):
                    self.entries.insert(0, self.entries.pop(i))
                    return functools.partial(run, entry, flat)
            if level.depth or any(isinstance(x, Node) and not x.is_leaf for x in flat):  # a part of a larger graph
                return functools.partial(self.f, *args, **kwargs)
            entry = self.traced(args, kwargs, flat, names)
            self.entries = [entry, *self.entries[: PROGRAMS - 1]]
            return functools.partial(run, entry, flat)

    def traced(
        self, args: Sequence[Any], kwargs: Mapping[str, Any], flat: Sequence[Any], names: Any, known: Any = ()
    ) -> Entry:
        """The program for these arguments. Tracing leaves everything as it was, whether it succeeds or not.

        `known` are the leaves among them that the function is known to refer to as well.
        """
        trace = Trace(known)
        shared = np.random.get_bit_generator()  # type: ignore[attr-defined]  # that of np.random.rand
        trace.seen([*flat, shared, *(value for function in within(self.f) for _, _, value in names_of(function))])
        stand_ins = [
            trace.argument(i, x, name) if is_read(x) else x
            for i, (x, name) in enumerate(zip(flat, argument_names(self.f, args, kwargs)))
        ]
        new_args, new_kwargs = rebuild([list(args), dict(kwargs)], iter(stand_ins))
        try:
            with watched(trace), np.errstate(all="ignore"):  # as programs do, it raises no warnings
                program = trace.finish(self.f(*new_args, **new_kwargs))
        finally:
            trace.close()
        both = trace.twins.keys() & trace.leaves.keys()
        if both:  # a gradient of one is a gradient of the other
            return self.traced(args, kwargs, flat, names, both.union(known))
        with np.errstate(all="ignore"):
            program = simplify(program)
        in_numpy, kernel = self.kernels(program)
        exec(kernel.source, kernel.namespace)
        call = runner(kernel, kernel.namespace[kernel.name])
        return Entry(guard(self.f, trace, flat, names), call, bool(names), in_numpy.source, kernel.loops)

    def kernels(self, program: Program) -> tuple[Kernel, Kernel]:
        """The program in NumPy, and what runs: that, or a native one."""
        name = getattr(self.f, "__name__", "program")
        in_numpy = emit(program, name)
        if self.backend != "numpy":
            try:
                return in_numpy, native(program, name, forced=self.backend == "numba")
            except NotNative as reason:
                if self.backend == "numba":
                    warnings.warn(f"{name} runs in NumPy instead of numba: {reason}", RuntimeWarning, stacklevel=5)
        return in_numpy, in_numpy

    def __get__(self, instance: Any, owner: Any = None) -> Any:
        return self if instance is None else MethodType(self, instance)

    @property
    def source(self) -> str:
        """The program that ran last, in NumPy. Raises ValueError before the first call."""
        return self.latest().source

    @property
    def loops(self) -> str:
        """The loops that numba compiled for the program that ran last; empty if it runs in NumPy."""
        return self.latest().loops

    def latest(self) -> Entry:
        """The program that ran last."""
        if not self.entries:
            raise ValueError("there is no program yet: call the function once, it is traced then")
        return self.entries[0]


def structure(tree: Any) -> Any:
    """How a tree of arguments is built, without its leaves."""
    if isinstance(tree, dict):
        return tuple((key, structure(x)) for key, x in tree.items())
    return (type(tree), *map(structure, tree)) if isinstance(tree, (list, tuple)) else None


def compile(f: Function | None = None, *, backend: str | None = None) -> Any:
    """`f` as a program of NumPy calls: the first call with its shapes traces it, later ones run without any graph.

    `f` is any function of arrays, numbers, Tensors and Values: a loss, `grad(f)`, a whole training step with
    `backward()` and an optimizer. Use it as a decorator, `@compile`, or call it, `compile(f)`.

    What the program reads anew in each call: arrays, floats and nodes among the arguments (also in lists, tuples and
    dicts); the numbers and gradients of leaves that `f` refers to; an optimizer's rate and state, running means, and
    the draws of random layers. What it is traced anew for: other shapes, dtypes and structures of arguments, other
    integers, strings and objects among them, other attributes of the modules and optimizers that `f` uses (`eval()`),
    other objects and numbers under the names that `f` refers to. Nothing else may change: what `f` does besides
    (print, append to a list) happens while tracing only.

    The result has no graph: what is to be differentiated is differentiated inside of `f`. While `f` is traced no number
    is known: a branch on one, `float(t)`, `t.data` and the like raise TraceError, which names the line.

    >>> import autograd
    >>> slope = autograd.compile(autograd.grad(lambda x: x**3))
    >>> slope(2.0)
    12.0
    """
    if f is None:
        return functools.partial(compile, backend=backend)
    return Compiled(f, backend)


def anew(fun: Function, *args: Any, **kwargs: Any) -> Any:
    """`fun(*args, **kwargs)`, a call that a compiled program repeats each time: it draws, checks or counts something.

    Inside of a trace it is called once with the arrays of the first call, and stands for the number or the array that
    it returns, whose shape and dtype are always the same. It may raise, and may change what no program knows of.

    >>> import random
    >>> 0 <= anew(random.random) < 1
    True
    """
    watch = recording.get().watch
    return watch.anew(fun, args, kwargs) if isinstance(watch, Trace) else fun(*args, **kwargs)


def depends_on(mapping: MutableMapping[str, Any], *changing: str, of: str | None = None) -> None:
    """Tell a trace what a function depends on besides arguments and leaves. Outside of a trace it does nothing.

    The entries `changing` of the mapping are numbers or arrays that each call of the program reads anew, and writes if
    the function replaces them. If any other entry changes, the function is traced anew. `vars(x)` is the mapping of
    the attributes of `x`. `of` tells whose numbers they are, for the names in the program.
    """
    watch = recording.get().watch
    if isinstance(watch, Trace):
        watch.depends_on(mapping, changing, of)
