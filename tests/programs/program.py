"""A program as a small data structure: inputs, a list of calls, a tree of results. It can be run, printed and cut."""

from __future__ import annotations

import contextlib
import operator
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from types import FunctionType
from typing import Any

import numpy as np
from arguments import INSTEAD, Function

from autograd.inspecting import name_of
from autograd.operators import raw
from autograd.trees import leaves, rebuild

LAYOUTS = [  # how a constant lies in memory; each is an expression in the array `a`
    "a",
    "a",
    "np.array(a, order='F')",
    "np.repeat(a[..., None], 3, -1)[..., 1]",
    "np.flip(np.flip(a).copy())",
    "np.broadcast_to(a, a.shape)",  # read-only
]


@dataclass(frozen=True)
class Var:
    """What the input or the step `index` gave; the `part` of it, where that is a list."""

    index: int
    part: int | None = None


@dataclass(frozen=True, eq=False)
class Constant:
    """An array that no gradient goes to, and how it lies in memory."""

    array: Any
    layout: str
    number: bool  # whether a float could stand there: not in the place of an index or a mask

    @staticmethod
    def of(a: Any, layout: str = "a", number: bool = True) -> Constant:
        """The constant with these numbers."""
        return Constant(eval(layout, {"np": np, "a": np.array(a)}), layout, number)


@dataclass(frozen=True)
class Step:
    """One call of the table. Among the arguments are `Var`s, `Constant`s, and whatever else the function takes."""

    fun: Function
    args: Any
    kwargs: dict[str, Any]

    def call(self, values: Sequence[Any], use: Callable[[Any], Any] | None = None) -> Any:
        """The call, with these values of all that came before, or with what `use` makes of each of them."""

        def given(x: Any) -> Any:
            if isinstance(x, Var):
                return pick(values, x) if use is None else use(pick(values, x))
            if isinstance(x, Constant):
                return x.array
            return type(x)(map(given, x)) if type(x) in (list, tuple) else x

        args, kwargs = map(given, self.args), {key: given(x) for key, x in self.kwargs.items()}
        return INSTEAD.get(self.fun, self.fun)(*args, **kwargs)

    def arrays(self, values: Sequence[Any]) -> list[Any]:
        """The arrays among the arguments, and the numbers that have a dtype."""
        given = leaves([self.args, self.kwargs])
        found = [pick(values, x) if isinstance(x, Var) else x.array if isinstance(x, Constant) else x for x in given]
        return [x for x in found if isinstance(x, (np.ndarray, np.generic))]

    def changed(self, change: Callable[[Any], Any]) -> Step:
        """The same call of changed arguments."""
        args, kwargs = rebuild([self.args, self.kwargs], map(change, leaves([self.args, self.kwargs])))
        return Step(self.fun, args, kwargs)


@dataclass(frozen=True)
class Program:
    """Inputs, the steps in their order, and a tree of `Var`s: the results."""

    seed: int
    inputs: tuple[Constant, ...]
    steps: tuple[Step, ...]
    results: Any
    scalar: bool = False  # whether Values can run it

    def __call__(
        self,
        *inputs: Any,
        each: Callable[[Step, list[Any], Any], Any] | None = None,
        use: Callable[[Any], Any] | None = None,
    ) -> Any:
        """The results, of numbers, arrays, Tensors, Values. `each` sees every step, and says what it gives; `use` sees
        every argument that is a variable, and says what the step gets.
        """
        values = list(inputs)
        for step in self.steps:
            value = step.call(values, use)
            if isinstance(value, (list, tuple)):
                value = leaves(value)
            if each is not None:
                value = each(step, values, value)
            values.append(value)
        return rebuild(self.results, iter([pick(values, var) for var in leaves(self.results)]))

    def plain(self, *inputs: Any) -> list[Any]:
        """The leaves of the results as NumPy alone computes them."""
        with np.errstate(all="ignore"):
            values = list(inputs)
            for step in self.steps:
                value = raw(step.call(values))  # a checkpointed function makes tensors by itself
                values.append(leaves(value) if isinstance(value, (list, tuple)) else value)
        return [np.asarray(pick(values, var)) for var in leaves(self.results)]

    @property
    def arrays(self) -> list[Any]:
        """The inputs, not copied."""
        return [x.array for x in self.inputs]

    @property
    def constants(self) -> list[Any]:
        """Every array among the arguments of the steps."""
        found = leaves([[step.args, step.kwargs] for step in self.steps])
        return [x.array for x in found if isinstance(x, Constant)]

    def widened(self) -> Program:
        """The program with constants of double precision in the place of narrower ones, where NumPy agrees."""

        def wide(kinds: str) -> Program:
            def change(x: Any) -> Any:
                if isinstance(x, Constant) and x.number and x.array.dtype.kind in kinds:
                    return Constant.of(x.array.astype(float), x.layout)
                return float(x) if isinstance(x, np.floating) else x

            return replace(self, steps=tuple(step.changed(change) for step in self.steps))

        inputs = [x.astype(float) for x in self.arrays]
        with contextlib.suppress(TypeError, ValueError):  # a function that takes integers alone
            found = wide("fiub")
            if all(
                np.allclose(a, b, rtol=1e-9, atol=1e-9, equal_nan=True)  # NumPy computes in the narrow integers
                for a, b in zip(found.plain(*inputs), wide("f").plain(*inputs))
            ):
                return found
        return wide("f")

    def precision(self, *inputs: Any) -> np.dtype[Any]:
        """The narrowest dtype of all numbers on the way, the inputs among them."""
        found = [np.dtype(float), *(np.asarray(x).dtype for x in inputs)]

        def see(step: Step, values: list[Any], value: Any) -> Any:
            found.extend(np.asarray(raw(part)).dtype for part in leaves(value))
            return value

        self(*inputs, each=see)
        return min(found, key=lambda dtype: dtype.itemsize)

    def source(self) -> str:
        """The program in Python, to be pasted."""
        printer = Printer(len(self.inputs))
        body = [
            f"    v{i} = {printer.call(step)}" + (f"  # a list: {name(step.fun)} gives several" if many else "")
            for i, (step, many) in enumerate(zip(self.steps, self.lists()), len(self.inputs))
        ]
        lines = [
            f"# program {self.seed}", "import operator", "", "import numpy as np", "from numpy import inf, nan", "",
            *(f"import {module}" for module in sorted(printer.modules)),
            *(["from arguments import INSTEAD"] if printer.instead else []),
            *printer.constants, "",
            f"def program({', '.join(f'v{i}' for i in range(len(self.inputs)))}):", *body,
            f"    return {printer.tree(self.results)}", "",
            "inputs = [", *(f"    {printer.array(x)}," for x in self.inputs), "]",
        ]  # fmt: skip
        return "\n".join(lines)

    def lists(self) -> list[bool]:
        """Which steps give several arrays."""
        found: list[bool] = []

        def see(step: Step, values: list[Any], value: Any) -> Any:
            found.append(isinstance(value, list))
            return value

        self(*self.arrays, each=see)
        return found


def pick(values: Sequence[Any], var: Var) -> Any:
    """The value that a variable stands for."""
    return values[var.index] if var.part is None else values[var.index][var.part]


def name(fun: Function) -> str:
    """What `fun` is imported as."""
    if isinstance(fun, np.ufunc) or isinstance(getattr(fun, "__self__", None), np.ufunc):
        return name_of(fun)
    module = {"_operator": "operator"}.get(fun.__module__, fun.__module__)
    return (
        f"{module}.{fun.__name__}".replace("numpy.", "np.", 1)
        if module.startswith("numpy")
        else f"{module}.{fun.__name__}"
    )


class Printer:
    """Expressions for the parts of a program; `constants` are the lines that have to stand before it."""

    def __init__(self, inputs: int) -> None:
        self.inputs = inputs
        self.constants: list[str] = []
        self.modules: set[str] = set()
        self.instead = False

    def call(self, step: Step) -> str:
        """The call of a step."""
        fun = name(step.fun)
        if step.fun in INSTEAD:
            self.instead = True
            fun = f"INSTEAD[{fun}]"
        if isinstance(step.fun, FunctionType) and step.fun.__module__.startswith("autograd"):
            self.modules.add(step.fun.__module__)
        self.modules |= {x.__module__ for x in step.kwargs.values() if isinstance(x, FunctionType)}
        if step.fun is operator.getitem:
            return f"{self.tree(step.args[0])}[{self.tree(step.args[1])}]"
        given = [*map(self.tree, step.args), *(f"{key}={self.tree(x)}" for key, x in step.kwargs.items())]
        return f"{fun}({', '.join(given)})"

    def tree(self, x: Any) -> str:
        """An argument."""
        if isinstance(x, Var):
            return f"v{x.index}" if x.part is None else f"v{x.index}[{x.part}]"
        if isinstance(x, dict):
            return "{" + ", ".join(f"{key!r}: {self.tree(branch)}" for key, branch in x.items()) + "}"
        if isinstance(x, list):
            return f"[{', '.join(map(self.tree, x))}]"
        if isinstance(x, tuple):
            return f"({''.join(f'{self.tree(branch)}, ' for branch in x)})"
        if isinstance(x, np.ndarray):
            return self.tree(Constant.of(x))
        if isinstance(x, Constant):
            self.constants.append(f"c{len(self.constants)} = {self.array(x)}")
            return f"c{len(self.constants) - 1}"
        if isinstance(x, type) and issubclass(x, np.generic):
            return f"np.{x.__name__}"
        return name(x) if callable(x) else repr(x)

    @staticmethod
    def array(x: Constant) -> str:
        """A constant, with its memory laid out as it is."""
        numbers = f"np.array({x.array.tolist()}, np.{x.array.dtype.name})"
        if 0 in x.array.shape:
            numbers += f".reshape({x.array.shape})"
        return numbers if x.layout == "a" else f"(lambda a: {x.layout})({numbers})"
