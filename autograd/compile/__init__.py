"""compile: a function becomes a straight-line program in NumPy, traced once and run without a graph.

surroundings  what the function names around it: read anew, compared, or refused
trace         the function runs once over stand-ins, and leaves a list of calls
roll          equal turns become loops again
simplify      the list is built again with less
emit          the source of a Python function, with memory used again
guard, call   whether a program fits a call; what the call reads and writes around it
native        the same as loops over numbers; machine: compiled, in the background
beside        the function and its program, compared in every call
"""

from __future__ import annotations

import functools
import gc
import threading
import time
import warnings
from collections.abc import Callable, Collection, Iterator, Mapping, MutableMapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from types import MappingProxyType, MethodType
from typing import Any

import numpy as np

from ..arrays import is_plain, lives_elsewhere
from ..node import Node
from ..recording import recording, watched
from ..run import level
from ..table import Function
from ..trees import leaves, rebuild
from .beside import CheckError, beside
from .call import argument_names, is_read, runner
from .choice import effort, is_small, native
from .constants import changeable
from .draws import SHARED
from .emit import Kernel, emit
from .guard import Writer, guard
from .machine import NotNative, Unusual, background
from .program import Argument, Program
from .refusal import ERRORS, Drew, TraceError, is_loud
from .roll import roll
from .simplify import simplify
from .trace import Trace
from .turns import all_ops
from .unpack import structure, unpacker

__all__ = ["CheckError", "Compiled", "TraceError", "anew", "compile", "depends_on"]

TRIES = 3  # to trace a function while other threads draw
PROGRAMS = 16  # how many programs a function keeps; that which has not been used for longest goes


@dataclass
class Entry:
    """A program that is ready: whether it fits a call, and the call."""

    test: Writer
    call: Callable[[Sequence[Any]], Any]
    names: Any  # how its arguments are built; () where nothing has to be taken apart
    pure: bool  # whether it is of its arguments alone, arrays and numbers, and changes nothing: threads run it at once
    source: str
    loops: str = ""
    trace: Trace | None = None  # where each call is checked

    @functools.cached_property
    def fits(self) -> Callable[[Sequence[Any], Any], bool]:
        """Whether the program fits a call. The first does; the test is compiled by the second, which may never come."""
        return self.test.function("fits", "args, names")

    @functools.cached_property
    def unpack(self) -> Callable[[Any], Sequence[Any] | None]:
        """The leaves of positional arguments, if they are built as its own are."""
        return unpacker(self.names[1]) if self.names[2] == () else lambda args: None


# While one thread traces, the leaves that it uses hold stand-ins, and no other may run a program that reads them.
alone = threading.RLock()


def run(entry: Entry, flat: Sequence[Any]) -> Any:
    """The call of a program."""
    with alone:
        return entry.call(flat)


def callable_of(kernel: Kernel, trace: Trace) -> Callable[[Sequence[Any]], Any]:
    """The call of what was emitted."""
    exec(kernel.source, kernel.namespace)
    return runner(kernel, kernel.namespace[kernel.name], trace.used())


def is_pure(kernel: Kernel) -> bool:
    """Whether a program neither reads nor writes anything but its arguments, arrays and numbers, and its results."""
    from_arguments = all(isinstance(op.place, Argument) for op in kernel.inputs)
    return from_arguments and not kernel.program.writes and not any(op.repeated for op in all_ops(kernel.program.ops))


def go_native(entry: Entry, kernel: Kernel, trace: Trace) -> None:
    """Let native code take the place of a program, at once and between two calls."""
    in_numpy, natively = entry.call, callable_of(kernel, trace)

    def call(args: Sequence[Any]) -> Any:
        try:
            return natively(args)
        except Unusual:  # nothing has happened
            pass
        return in_numpy(args)

    with alone:
        entry.call, entry.loops = call, kernel.loops


class Warm:
    """The call of a program that counts how long it has run: as long as compiling would take, it is compiled."""

    __slots__ = ("call", "cost", "entry", "held", "name", "program", "spent", "trace")

    def __init__(self, entry: Entry, program: Program, name: str, held: Collection[int], trace: Trace) -> None:
        self.entry, self.program, self.name, self.trace = entry, program, name, trace
        self.held = held
        self.call = entry.call
        self.cost, self.spent = effort(program), 0.0

    def __call__(self, args: Sequence[Any]) -> Any:
        """The call."""
        start = time.perf_counter()
        answer = self.call(args)
        self.spent += time.perf_counter() - start
        if self.spent >= self.cost:
            self.entry.call = self.call
            background.add(self.compile)
        return answer

    def compile(self) -> None:
        """Make it native, or leave it as it is."""
        with suppress(NotNative):
            go_native(self.entry, native(self.program, self.name, self.held), self.trace)


class Compiled:
    """A function that runs as a program of NumPy calls. See `compile`."""

    tracer = Trace

    def __init__(self, f: Function, backend: str | None, check: bool) -> None:
        functools.update_wrapper(self, f)
        if backend not in (None, "numpy", "numba"):
            raise ValueError(f"compile: backend is 'numpy', 'numba' or None for the faster of both, not {backend!r}")
        self.f = f
        self.backend = backend
        self.check = check
        self.entries: list[Entry] = []  # the one that was used last comes first

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """What the function returns."""
        if recording.get().watch is not None or is_loud(ERRORS.get()):  # in another trace, or watched
            return self.f(*args, **kwargs)
        with alone:
            first = self.entries[0] if self.entries else None
            if first is None or kwargs or self.check:
                return self.prepare(*args, **kwargs)()
            flat = first.unpack(args) if first.names else args
            if flat is None or not first.fits(flat, first.names):
                return self.prepare(*args)()
            if not first.pure:
                return first.call(flat)
        return first.call(flat)

    def prepare(self, *args: Any, **kwargs: Any) -> Callable[[], Any]:
        """The call with these arguments, ready to run: a trace is made if there is no program for it."""
        if recording.get().watch is not None or is_loud(ERRORS.get()):
            return functools.partial(self.f, *args, **kwargs)
        flat: Sequence[Any] = args
        names: Any = ()
        if kwargs or any(isinstance(x, (list, tuple, dict)) for x in args):
            flat, names = leaves([args, kwargs]), structure([args, kwargs])
        with alone:
            for i, entry in enumerate(self.entries):
                if entry.fits(flat, names):
                    self.entries.insert(0, self.entries.pop(i))
                    return self.ready(entry, flat, args, kwargs)
            kinds: list[Any] = [*map(type, flat)]
            in_graph = level.depth or any(isinstance(x, Node) and not x.is_leaf for x in flat)
            if not in_graph and any(map(lives_elsewhere, flat)):
                raise TraceError(
                    "a program is of NumPy's arrays, and an argument lives elsewhere: leave compile() out, or add up "
                    "over blocks of rows, with autograd.sum_over_blocks"
                )
            if in_graph or not all(map(is_plain, kinds)):  # masked arrays, pandas
                return functools.partial(self.f, *args, **kwargs)
            entry = self.traced(args, kwargs, flat, names)
            self.entries = [entry, *self.entries[: PROGRAMS - 1]]
            return self.ready(entry, flat, args, kwargs)

    def ready(
        self, entry: Entry, flat: Sequence[Any], args: Sequence[Any], kwargs: Mapping[str, Any]
    ) -> Callable[[], Any]:
        """The call of a program, beside the function itself if it is to be checked."""
        call = functools.partial(run, entry, flat)
        if entry.trace is None:
            return call
        name = getattr(self.f, "__name__", "the function")
        return functools.partial(beside, functools.partial(self.f, *args, **kwargs), call, entry.trace, flat, name)

    def trace(
        self,
        args: Sequence[Any],
        kwargs: Mapping[str, Any],
        flat: Sequence[Any],
        known: Any = (),
        tries: int = TRIES,
        before: Mapping[int, Any] = MappingProxyType({}),
    ) -> tuple[Trace, Program]:
        """The calls for these arguments. Tracing leaves everything as it was, whether it succeeds or not.

        `known` are the leaves among them that the function is known to refer to as well; `before` what generators
        were before the first of several tries.
        """
        trace = self.tracer(known)
        program: Program | None = None
        try:
            trace.seen(SHARED)
            trace.surroundings.look([self.f, *(x for x in flat if not is_read(x))])
            stand_ins = [
                trace.argument(i, x, name) if is_read(x) else x
                for i, (x, name) in enumerate(zip(flat, argument_names(self.f, args, kwargs)))
            ]
            new_args, new_kwargs = rebuild([list(args), dict(kwargs)], iter(stand_ins))
            with watched(trace), np.errstate(all="ignore"):  # as programs do, it raises no warnings
                program = trace.finish(self.f(*new_args, **new_kwargs))
        except Drew:  # or did another thread? To take that back would give it the same numbers again
            before = {**trace.generators, **before}
            trace.generators = {} if tries > 1 and threading.active_count() > 1 else before
            if trace.generators:
                raise
        except Exception as error:  # NumPy makes another of what happens in float()
            if trace.refused is None or isinstance(error, TraceError):
                raise
            raise trace.refused from error
        finally:
            trace.close()
        if program is None:
            return self.trace(args, kwargs, flat, known, tries - 1, before)
        both = trace.twins.keys() & trace.leaves.keys()
        if both:  # a gradient of one is a gradient of the other
            return self.trace(args, kwargs, flat, both.union(known))
        return trace, program

    def traced(self, args: Sequence[Any], kwargs: Mapping[str, Any], flat: Sequence[Any], names: Any) -> Entry:
        """The program for these arguments, ready to run."""
        with uncollected(), np.errstate(all="ignore"):
            trace, program = self.trace(args, kwargs, flat)
            held = changeable(program)
            short = simplify(roll(program, held), held)
            name = getattr(self.f, "__name__", "program")
            kernel = emit(short, name)
        entry = Entry(guard(trace, flat, names), callable_of(kernel, trace), names, is_pure(kernel), kernel.source)
        entry.trace = trace if self.check else None
        if self.backend == "numba":
            try:
                go_native(entry, native(short, name, held, forced=True), trace)
            except NotNative as reason:
                warnings.warn(f"{name} runs in NumPy instead of numba: {reason}", RuntimeWarning, stacklevel=4)
        elif self.backend is None and is_small(short):
            entry.call = Warm(entry, short, name, held, trace)
        return entry

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


class WithNumbers(Trace):
    """A trace whose operations keep the numbers of its run."""

    def kind(self, value: Any) -> Any:
        """The value itself."""
        return value


@contextmanager
def uncollected() -> Iterator[None]:
    """A block in which nobody looks for garbage: a trace makes many objects, all of which are in use until its end."""
    collects = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collects:
            gc.enable()


def calls(f: Function, args: Sequence[Any], kwargs: Mapping[str, Any] = MappingProxyType({})) -> Program:
    """The calls that `f` makes for these arguments, with their numbers, and what it returns: not simplified."""
    compiled = Compiled(f, None, False)
    compiled.tracer = WithNumbers
    with alone:
        return compiled.trace(args, kwargs, leaves([list(args), dict(kwargs)]))[1].pruned()


def compile(f: Function | None = None, *, backend: str | None = None, check: bool = False) -> Any:
    """`f` as a program of NumPy calls: the first call with its shapes traces it, later ones run without any graph.

    `f` is any function of arrays, numbers, Tensors and Values: a loss, `grad(f)`, a whole training step with
    `backward()` and an optimizer. Use it as a decorator, `@compile`, or call it, `compile(f)`.

    What your code names - arguments, globals, closures, defaults, attributes, items - is looked after. Arrays, floats
    and leaves are read anew in each call, as are an optimizer's rate and state, running means, and the draws of random
    layers. For anything else, if it is another object, integer or string than it was, or if shapes and dtypes are
    others, the function is traced anew. What would be lost is refused with a TraceError: a change of anything but
    arrays and floats, a draw that goes around `anew`, a branch on a number that is computed, `float(t)`, and the like.

    A gradient that comes to a result is refused: what is to be differentiated is differentiated inside of `f`.

    `backend="numba"` compiles native loops at once, "numpy" never; by default a program of small arrays runs in NumPy,
    and natively once it has run for as long as compiling takes, which happens in the background. With `check=True` each
    call runs `f` itself beside its program, with the same numbers, and raises CheckError where they differ.

    >>> import autograd
    >>> slope = autograd.compile(autograd.grad(lambda x: x**3))
    >>> slope(2.0)
    12.0
    """
    if f is None:
        return functools.partial(compile, backend=backend, check=check)
    return Compiled(f, backend, check)


def anew(fun: Function, *args: Any, **kwargs: Any) -> Any:
    """`fun(*args, **kwargs)`, a call that a compiled program repeats each time: it draws, checks or counts something.

    Inside of a trace it is called once with the arrays of the first call, and stands for the number or the array that
    it returns, whose shape and dtype are always the same. It may raise, and may change what no program knows of.

    >>> import random
    >>> 0 <= anew(random.random) < 1
    True
    """
    watch = recording.get().watch
    return fun(*args, **kwargs) if watch is None else watch.anew(fun, args, kwargs)


def depends_on(mapping: MutableMapping[str, Any], *changing: str, of: str | None = None) -> None:
    """Tell a trace what a function depends on besides arguments and leaves. Outside of a trace it does nothing.

    The entries `changing` of the mapping are numbers or arrays that each call of the program reads anew, and writes if
    the function replaces them. If any other entry changes, the function is traced anew. `vars(x)` is the mapping of
    the attributes of `x`. `of` tells whose numbers they are, for the names in the program.
    """
    watch = recording.get().watch
    if watch is not None:
        watch.depends_on(mapping, changing, of)
