"""How a call is written in NumPy, by a person."""

from __future__ import annotations

import builtins
import inspect
import itertools
import keyword
import math
import operator
import re
from collections import Counter
from collections.abc import Callable
from typing import Any

import numpy as np

from ..inspecting import name_of
from ..primitives import BARE
from ..rules.dtypes import cast
from ..rules.elementwise import chain, relu, sumprod
from ..shortcuts import MANY, not_negative
from ..table import Function
from ..value import MATH
from .builder import item
from .program import NUMPYS, Op
from .repetition import Listed, listed

INFIX: dict[Function, str] = {
    np.add: "+", np.subtract: "-", np.multiply: "*", np.divide: "/", np.mod: "%", np.floor_divide: "//",
    np.power: "**", np.less: "<", np.less_equal: "<=", np.greater: ">", np.greater_equal: ">=", np.equal: "==",
    np.not_equal: "!=", np.bitwise_and: "&", np.bitwise_or: "|",
}  # fmt: skip
AUGMENTED = {np.add, np.subtract, np.multiply, np.divide}
PREFIX: dict[Function, str] = {np.negative: "-", np.positive: "+", np.invert: "~"}
REDUCTIONS: dict[Function, str] = {
    np.sum: "np.add.reduce", np.prod: "np.multiply.reduce", np.max: "np.maximum.reduce", np.min: "np.minimum.reduce",
    np.any: "np.logical_or.reduce", np.all: "np.logical_and.reduce",
}  # fmt: skip


def divide(a: Any, b: Any) -> float:
    """a / b in a sweep, where floats answer as NumPy does: inf or NaN instead of an exception."""
    try:
        return a / b
    except ArithmeticError:
        return float(np.divide(np.float64(a), b))


def power(a: Any, b: Any) -> float:
    """a ** b in a sweep."""
    try:
        return a**b
    except ArithmeticError:
        return float(np.power(np.float64(a), b))


RESERVED = {*keyword.kwlist, *dir(builtins)}
FORGIVING: dict[Function, Callable[[Any, Any], float]] = {np.divide: divide, np.power: power}


class Names:
    """Python's names for operations, functions and constants, each used once."""

    def __init__(self) -> None:
        self.namespace: dict[str, Any] = {"np": np, "math": math}
        self.taken = {*RESERVED, *self.namespace}
        self.bound: dict[int, str] = {}
        self.functions: dict[int, str] = {}
        self.counts: Counter[str] = Counter()  # how often each was wished for

    def fresh(self, wish: str) -> str:
        """A name that nothing else has: `wish`, or with a number behind it."""
        name = wish
        while name in self.taken:
            self.counts[wish] = i = max(self.counts[wish], 1) + 1
            name = f"{wish}_{i}" if wish[-1:].isdigit() else f"{wish}{i}"
        self.taken.add(name)
        return name

    def numbered(self, letter: str) -> str:
        """A name of its own for one of many: z1, z2, ..."""
        self.counts[letter] += 1
        name = f"{letter}{self.counts[letter]}"
        return self.fresh(name) if name not in self.taken else self.numbered(letter)

    def bind(self, x: Any, wish: str) -> str:
        """The name under which the program finds `x`, which is not its own."""
        if id(x) not in self.bound:
            self.bound[id(x)] = name = self.fresh(identifier(wish) or "value")
            self.namespace[name] = x
        return self.bound[id(x)]

    def function(self, fun: Function) -> str:
        """How `fun` is called: np.tanh, or a name of its own."""
        if id(fun) not in self.functions:
            name = name_of(fun)
            is_numpys = name.startswith("np.") and resolved(name) == fun
            self.functions[id(fun)] = name if is_numpys else self.bind(BARE.get(fun, fun), name.rpartition(".")[2])
        return self.functions[id(fun)]


def resolved(name: str) -> Any:
    """What a dotted name that begins with np stands for."""
    found: Any = np
    for part in name.split(".")[1:]:
        found = getattr(found, part, None)
    return found


def identifier(wish: str) -> str:
    """A name of Python's for the name of a parameter: "0.W" is W0, "0.W.m" is W0_m."""
    parts = re.findall(r"[A-Za-z0-9_]+", wish)
    numbers = list(itertools.takewhile(str.isdigit, parts[:-1]))
    if numbers:
        first, *others = parts[len(numbers) :]
        parts = [first + "".join(numbers), *others]
    name = "_".join(parts)
    return f"_{name}" if name[:1].isdigit() else name


def written(x: Any, text_of: Callable[[Op], str], names: Names) -> str:
    """An argument: the name of an operation, a literal, or the name of an object."""
    kind = type(x)
    if kind is Op:
        return text_of(x)
    if kind is tuple:
        inside = ", ".join(starred(part, text_of, names) for part in x)
        return f"({inside},)" if len(x) == 1 else f"({inside})"
    if kind is list:
        return f"[{', '.join(starred(part, text_of, names) for part in x)}]"
    if kind is slice:
        return f"slice({', '.join(subscript(part, text_of, names) for part in (x.start, x.stop, x.step))})"
    if x is ...:
        return "..."
    if x is None or kind in (bool, int, str):
        return repr(x)
    if kind is float:
        return repr(x) if math.isfinite(x) else repr(x).replace("inf", "np.inf").replace("nan", "np.nan")
    if isinstance(x, np.dtype) and x.isbuiltin:
        return f"np.{x.name}"
    return names.bind(x, getattr(x, "__name__", kind.__name__.lower()))


def starred(x: Any, text_of: Callable[[Op], str], names: Names) -> str:
    """One of several arguments: a list stands for its elements."""
    if type(x) is Op:
        return f"*{text_of(x)}" if type(x.value) is Listed else text_of(x)
    return written(x, text_of, names)


def subscript(index: Any, text_of: Callable[[Op], str], names: Names) -> str:
    """An index as it stands between brackets."""
    if isinstance(index, tuple) and index:
        return ", ".join(subscript(part, text_of, names) for part in index)
    if isinstance(index, slice):
        ends = ["" if end is None else subscript(end, text_of, names) for end in (index.start, index.stop, index.step)]
        return ":".join(ends if ends[2] else ends[:2])
    if isinstance(index, np.integer):
        return repr(int(index))
    return written(index, text_of, names)


def of_numpy(x: Any) -> bool:
    """Whether an argument is an array or a number of NumPy's in the program."""
    return isinstance(x.value if type(x) is Op else x, NUMPYS)


def call(op: Op, text_of: Callable[[Op], str], names: Names, out: str | None = None) -> str:
    """The call as an expression that makes a new result, or writes it into `out`."""
    fun, args, kwargs = op.fun, op.args, op.kwargs
    assert fun is not None

    def arg(i: int) -> str:
        text = written(args[i], text_of, names)
        return f"({text})" if fun is np.power and text[0] == "-" else text  # -2 ** x is -(2 ** x)

    is_array = op.is_array
    if not is_array and not op.repeated and type(op.value) in (float, int, bool):
        scalar = number(op, arg, names)
        if scalar:
            return scalar
    if out is None and not kwargs and (not is_array or any(map(of_numpy, args))):  # floats answer with floats
        if fun in INFIX:
            return f"{arg(0)} {INFIX[fun]} {arg(1)}"
        if fun in PREFIX:
            return f"{PREFIX[fun]}{arg(0)}"
    if fun is relu:
        into = f", out={out}" if out else ""
        many = is_array and np.size(op.value) >= MANY
        return f"{names.bind(not_negative, 'relu')}({arg(0)}{into})" if many else f"np.maximum({arg(0)}, 0{into})"
    if fun is operator.getitem:
        return f"{arg(0)}[{subscript(args[1], text_of, names)}]"
    if fun is listed:
        if not any(type(x) is Op for x in args):
            return names.bind(list(args), "c")
        return f"[{', '.join(starred(x, text_of, names) for x in args)}]"
    if fun is item:
        return f"{arg(0)}[{args[1]}]"
    is_array = bool(args) and isinstance(args[0], Op) and args[0].is_array  # which has methods
    if fun is cast:
        return f"{arg(0)}.astype({arg(1)})" if is_array else f"np.asarray({arg(0)}, {arg(1)})"
    if fun is np.reshape and is_array and not kwargs.keys() - {"shape"}:
        return f"{arg(0)}.reshape({written(args[1] if len(args) > 1 else kwargs['shape'], text_of, names)})"
    if fun is np.transpose and is_array and not kwargs and len(args) == 1:
        return f"{arg(0)}.T"
    if fun is np.matmul and all(isinstance(x, Op) and len(x.shape) <= 2 for x in args):
        return f"np.dot({arg(0)}, {arg(1)}{f', {out}' if out else ''})"
    if fun in REDUCTIONS and len(args) == 1 and not kwargs.keys() - {"axis", "keepdims", "initial"}:
        given = {"axis": None} | {key: value for key, value in kwargs.items() if value is not False}
        options = [f"{key}={written(value, text_of, names)}" for key, value in given.items()]
        return f"{REDUCTIONS[fun]}({', '.join([arg(0), *options])})"
    owner = getattr(fun, "__self__", None)
    bound = owner is not None and not inspect.ismodule(owner) and not inspect.isclass(owner)
    name = f"{names.bind(owner, 'rng')}.{fun.__name__}" if bound else names.function(fun)
    texts = [starred(x, text_of, names) for x in args]
    if out:
        texts.append(f"out={out}")
    texts += [f"{key}={written(value, text_of, names)}" for key, value in kwargs.items()]
    return f"{name}({', '.join(texts)})"


def number(op: Op, arg: Callable[[int], str], names: Names) -> str:
    """The call of a function of the table on numbers of Python's, as floats compute it; nothing if it is none."""
    fun = op.fun
    assert fun is not None
    if fun is float:
        return f"float({arg(0)})"
    if op.phase == "backward" and fun in FORGIVING and not (fun is np.divide and isinstance(op.args[1], (int, float))):
        return f"{names.bind(FORGIVING[fun], FORGIVING[fun].__name__)}({arg(0)}, {arg(1)})"
    if fun is np.power and not isinstance(op.args[1], int) and not isinstance(getattr(op.args[1], "value", None), int):
        return f"math.pow({arg(0)}, {arg(1)})"
    if fun is np.square:
        return f"{arg(0)} * {arg(0)}"
    if fun is np.absolute:
        return f"abs({arg(0)})"
    if fun is np.where:
        return f"{arg(1)} if {arg(0)} else {arg(2)}"
    if fun is relu:
        return f"{arg(0)} if {arg(0)} > 0 else 0.0 * {arg(0)}"
    if fun is chain:
        return f"{arg(0)} * {arg(1)} if {arg(0)} and {arg(1)} else 0.0"
    if fun is sumprod:
        half = len(op.args) // 2
        return f"sum(({''.join(f'{arg(i)} * {arg(half + i)}, ' for i in range(half))}))"
    if fun not in MATH or fun in INFIX or fun in PREFIX:  # operators are those of arrays
        return ""
    name = MATH[fun].__name__
    known = getattr(math, name, None) is MATH[fun]
    called = f"math.{name}" if known else names.bind(MATH[fun], name_of(fun).rpartition(".")[2])
    return f"{called}({', '.join(arg(i) for i in range(len(op.args)))})"
