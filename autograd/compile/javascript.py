"""A program as JavaScript: the third printer, beside NumPy and numba.

Arrays are flat typed arrays, their shapes are known here. Four kinds of statements are enough, forward and backward:
`each` computes element by element, `pick` moves elements (a reshape, a transpose, an index, a join: NumPy itself says
where each one goes), `fold` reduces, `matmul` multiplies; `scatter` is `pick` backward. What the project computes by
functions of its own is written out in NumPy's first. No derivative is written here: a program holds those of the table.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from ..inspecting import name_of
from ..primitives import BARE
from ..rules.dtypes import cast
from ..rules.elementwise import chain, clip, logsigmoid, ratio, relu, sigmoid, softplus, sumprod
from ..rules.linalg import cofactor
from ..rules.reductions import check_range, recurrence
from ..rules.special import erf
from ..rules.structure import add_at, on_diagonal, scatter
from ..shapes import normal_axes
from ..table import Function
from .builder import item
from .literals import dtype_of, fixed, kind, number, shape_of
from .lower import LOWER, bumped
from .program import Op, Program, Returned, mapped
from .refusal import TraceError
from .simplify import Simplifier
from .traced import Traced
from .written import WRITTEN, NoFormula

TOO_LONG = 300_000  # characters of a script

# One element of the result by the elements a, b, c of the operands. What needs more than a line is in live.js.
ELEMENTWISE: dict[Function, str] = {
    np.add: "a + b", np.subtract: "a - b", np.multiply: "a * b", np.divide: "a / b", np.power: "power(a, b)",
    operator.pow: "power(a, b)", np.negative: "-a", np.positive: "a", np.conjugate: "a", np.reciprocal: "1 / a",
    np.square: "a * a", np.absolute: "Math.abs(a)", np.fabs: "Math.abs(a)", np.sign: "Math.sign(a)",
    np.sqrt: "Math.sqrt(a)", np.cbrt: "Math.cbrt(a)", np.exp: "Math.exp(a)", np.exp2: "2 ** a",
    np.expm1: "Math.expm1(a)", np.log: "Math.log(a)", np.log2: "Math.log2(a)", np.log10: "Math.log10(a)",
    np.log1p: "Math.log1p(a)", np.logaddexp: "logaddexp(a, b)", np.sin: "Math.sin(a)", np.cos: "Math.cos(a)",
    np.tan: "Math.tan(a)", np.arcsin: "Math.asin(a)", np.arccos: "Math.acos(a)", np.arctan: "Math.atan(a)",
    np.arctan2: "Math.atan2(a, b)", np.hypot: "Math.hypot(a, b)", np.sinh: "Math.sinh(a)", np.cosh: "Math.cosh(a)",
    np.tanh: "Math.tanh(a)", np.arcsinh: "Math.asinh(a)", np.arccosh: "Math.acosh(a)", np.arctanh: "Math.atanh(a)",
    np.sinc: "sinc(a)", np.deg2rad: "a * (Math.PI / 180)", np.radians: "a * (Math.PI / 180)",
    np.rad2deg: "a * (180 / Math.PI)", np.degrees: "a * (180 / Math.PI)",
    np.maximum: "Math.max(a, b)", np.minimum: "Math.min(a, b)", np.fmax: "fmax(a, b)", np.fmin: "-fmax(-a, -b)",
    np.floor: "Math.floor(a)", np.ceil: "Math.ceil(a)", np.trunc: "Math.trunc(a)", np.rint: "rint(a)",
    np.fmod: "a % b", np.mod: "mod(a, b)", np.floor_divide: "floorDivide(a, b)", np.copysign: "copysign(a, b)",
    np.heaviside: "a === 0 ? b : Number.isNaN(a) ? a : Number(a > 0)", np.where: "a ? b : c",
    np.equal: "a === b", np.not_equal: "a !== b", np.less: "a < b", np.less_equal: "a <= b", np.greater: "a > b",
    np.greater_equal: "a >= b", np.logical_and: "a && b ? 1 : 0", np.logical_or: "a || b ? 1 : 0",
    np.logical_not: "a ? 0 : 1", np.logical_xor: "!a !== !b", np.bitwise_and: "a & b", np.bitwise_or: "a | b",
    np.bitwise_xor: "a ^ b", np.invert: "a ? 0 : 1", np.isnan: "Number.isNaN(a)", np.isfinite: "Number.isFinite(a)",
    np.isinf: "Math.abs(a) === Infinity", np.signbit: "a < 0 || Object.is(a, -0)", cast: "a", float: "a", np.copy: "a",
    chain: "chain(a, b)", ratio: "b === 0 ? 0 : a / b", relu: "Math.max(a, 0)", sigmoid: "sigmoid(a)",
    erf: "erf(a)", softplus: "logaddexp(a, 0)", logsigmoid: "-logaddexp(-a, 0)",
}  # fmt: skip
ON_TRUTHS = {np.bitwise_and, np.bitwise_or, np.bitwise_xor, np.invert}  # as JavaScript has them, of truth values alone

# What only moves elements, and zeros beside them.
LAYOUT: set[Function] = {
    np.reshape, np.ravel, np.transpose, np.swapaxes, np.moveaxis, np.squeeze, np.expand_dims, np.broadcast_to,
    np.flip, np.roll, np.rot90, np.repeat, np.tile, np.diagonal, np.concatenate, np.stack, np.tril, np.triu, np.pad,
    np.take, np.take_along_axis, np.lib.stride_tricks.sliding_window_view, operator.getitem, on_diagonal,
}  # fmt: skip
REDUCTIONS: dict[Function, str] = {
    np.sum: "sum", np.prod: "product", np.max: "largest", np.min: "smallest", np.any: "any", np.all: "all",
}  # fmt: skip
PRODUCTS = {np.matmul, np.dot, np.vdot}
MATRICES: dict[Function, str] = {
    np.linalg.inv: "solve",
    np.linalg.solve: "solve",
    np.linalg.det: "det",
    np.linalg.cholesky: "cholesky",
    cofactor: "cofactors",
}
OTHERS = {
    np.argsort, recurrence, clip, sumprod, scatter, add_at, bumped, item, check_range, np.zeros_like, np.ones_like,
}  # fmt: skip
PRINTED = {*ELEMENTWISE, *LAYOUT, *REDUCTIONS, *PRODUCTS, *MATRICES, *OTHERS}


class Written(Simplifier):
    """The same program with what has no formula, but is a function of the project's own, written out in NumPy's."""

    def call(
        self,
        fun: Function,
        args: tuple[Any, ...],
        kwargs: Mapping[str, Any] | None = None,
        compute: Function | None = None,
        repeated: bool = False,
        known: Any = None,
    ) -> Any:
        """The call, or those that it is made of."""
        if (
            fun in BARE
            and fun not in PRINTED
            and fun not in LOWER
            and fun not in WRITTEN
            and any(type(x) is Traced for x in args)
        ):
            try:
                return BARE[fun](*args, **kwargs or {})
            except TraceError as error:
                raise NoFormula(f"{name_of(fun)} has no formula in JavaScript") from error
        if fun in WRITTEN:
            return WRITTEN[fun](*args, **kwargs or {})
        return super().call(fun, args, kwargs, compute, repeated, known)


def javascript(program: Program, inputs: Callable[[Op], str]) -> str:
    """The body of a function that answers as the program's result does: a tree of arrays, numbers and texts.

    `inputs` writes an input. Raises NoFormula.
    """
    return Printer(Written(program).program, inputs).text()


class Printer:
    """The script in the making."""

    def __init__(self, program: Program, inputs: Callable[[Op], str]) -> None:
        self.program = program
        self.names: dict[Op, str] = {op: inputs(op) for op in program.inputs}
        self.constants: dict[str, str] = {}
        self.head: list[str] = []
        self.lines: list[str] = []

    def text(self) -> str:
        """All of it."""
        phase = None
        for op in self.program.ops:
            if op.fun is check_range:
                continue
            if op.phase != phase:
                phase = op.phase
                self.lines.append(f"// {phase}")
            text = self.statement(op)
            self.names[op] = f"x{len(self.names)}"
            self.lines.append(f"const {self.names[op]} = {text};")
        answer = self.written(self.program.result)
        text = "\n".join([*self.head, *self.lines, f"return {answer};"])
        if len(text) > TOO_LONG:
            raise NoFormula(f"the graph is too large: its program has {len(text):,} characters")
        return text

    def written(self, tree: Any) -> str:
        """A tree of results as a literal."""
        if isinstance(tree, dict):
            return f"{{ {', '.join(f'{key}: {self.written(x)}' for key, x in tree.items())} }}"
        if isinstance(tree, (list, tuple)):
            return f"[{', '.join(map(self.written, tree))}]"
        if isinstance(tree, Returned):
            return self.array(tree.op)
        return f"[{number(float(tree))}]"

    def array(self, x: Any) -> str:
        """An operand: a name, or a constant."""
        if isinstance(x, Op) and x in self.names:
            return self.names[x]
        value = x.value if isinstance(x, Op) else x
        data = np.asarray(value)
        if data.dtype.kind not in "fiub":
            raise NoFormula(f"{type(value).__name__} is no number")
        if data.size == 1:
            return f"[{number(data.reshape(()).item())}]"
        return self.constant(f"{kind(data.dtype)}.of({', '.join(number(n) for n in data.ravel().tolist())})")

    def constant(self, text: str) -> str:
        """The name of a constant array, which is made once."""
        if text not in self.constants:
            self.constants[text] = f"c{len(self.constants)}"
            self.head.append(f"const {self.constants[text]} = {text};")
        return self.constants[text]

    def places(self, index: Any, size: int | None = None) -> str:
        """Positions, as a constant; null where each of `size` elements is at its own."""
        flat = np.asarray(index).ravel()
        if np.array_equal(flat, np.arange(size or 0)):
            return "null"
        return self.constant(f"[{','.join(map(str, flat.tolist()))}]")

    def stretched(self, x: Any, shape: tuple[int, ...]) -> str:
        """An operand as an array of `shape`; one number stays one."""
        text = self.array(x)
        own = shape_of(x)
        size = math.prod(own)
        if size == 1 or own == shape or size == math.prod(shape):
            return text
        index = np.broadcast_to(np.arange(size).reshape(own), shape)
        return f"pick({kind(dtype_of(x))}, {self.places(index)}, {text})"

    def statement(self, op: Op) -> str:
        """The right-hand side of one line."""
        fun, args, kwargs, size = op.fun, op.args, op.kwargs, math.prod(op.shape)
        assert fun is not None
        if not isinstance(op.value, (np.ndarray, np.generic, float, int)):
            raise NoFormula(f"{name_of(fun)} has no formula in JavaScript")
        if op.dtype.kind not in "fiub":
            raise NoFormula(f"{name_of(fun)} answers with {op.dtype}")
        of = kind(op.dtype)
        if fun in ELEMENTWISE and not kwargs.keys() - {"order"}:
            operands = args[:1] if fun in (cast, np.copy) else args
            if fun in ON_TRUTHS and any(dtype_of(x).kind != "b" for x in operands):
                raise NoFormula(f"{name_of(fun)} of whole numbers has no formula in JavaScript")
            return self.each(op, ELEMENTWISE[fun], operands)
        if fun is clip:
            low, high = (a if len(args) > i and (a := args[i]) is not None else None for i in (1, 2))
            formula, given = "a", [args[0]]
            for limit, name in ((low, "Math.max"), (high, "Math.min")):
                if limit is not None:
                    formula = f"{name}({formula}, {'abc'[len(given)]})"
                    given.append(limit)
            return self.each(op, formula, given)
        if fun is sumprod:
            half = len(args) // 2
            return self.each(op, " + ".join(f"p{i} * p{half + i}" for i in range(half)), args, "p")
        if fun is np.argsort:
            return self.order(op)
        if fun is np.take_along_axis and isinstance(args[1], Op) and not args[1].is_constant:
            return self.along(op)
        if fun in LAYOUT:
            return self.layout(op)
        if fun in REDUCTIONS and not kwargs.keys() - {"axis", "keepdims", "initial"} and len(args) <= 2:
            return self.reduction(op)
        if fun in PRODUCTS:
            return self.product(op)
        if fun in MATRICES:
            return self.matrices(op)
        if fun is recurrence:
            rows = shape_of(args[0])[0]
            texts = ", ".join(self.stretched(x, op.shape) for x in args)
            return f"recurrence({of}, {rows}, {size // max(rows, 1)}, {texts})"
        if fun is item:
            raise NoFormula(f"{name_of(args[0].fun)} has no formula in JavaScript")
        if fun in (np.zeros_like, np.ones_like):
            return f"new {of}({size}).fill({int(fun is np.ones_like)})"
        if fun is scatter:
            shape = args[2] if len(args) > 2 else kwargs["shape"]
            index = fixed(args[1] if len(args) > 1 else kwargs["index"], fun)
            target = np.arange(math.prod(shape)).reshape(shape)[index]
            return f"scatter({of}, {self.zeros(size)}, {self.places(target)}, {self.stretched(args[0], target.shape)})"
        if fun in (bumped, add_at):
            index = fixed(args[2], fun)
            target = np.arange(size).reshape(op.shape)[index]
            where = self.places(target)
            return f"scatter({of}, {self.array(args[0])}, {where}, {self.stretched(args[1], target.shape)})"
        raise NoFormula(f"{name_of(fun)} has no formula in JavaScript")

    def zeros(self, size: int) -> str:
        """So many zeros."""
        return self.constant(f"new Float64Array({size})")

    def each(self, op: Op, formula: str, operands: Sequence[Any], letter: str = "") -> str:
        """An elementwise formula."""
        names = [f"{letter}{i}" for i in range(len(operands))] if letter else list("abc"[: len(operands)])
        given = ", ".join(self.stretched(x, op.shape) for x in operands)
        return f"each({kind(op.dtype)}, {math.prod(op.shape)}, ({', '.join(names)}) => {formula}, {given})"

    def layout(self, op: Op) -> str:
        """Where each element of the result comes from: NumPy does to their positions what it does to them."""
        sources: list[Any] = []
        start = 1  # 0 stands for a zero

        def positions(x: Any) -> Any:
            nonlocal start
            if not isinstance(x, (Op, np.ndarray)):
                return x
            made = np.arange(start, start + math.prod(shape_of(x))).reshape(shape_of(x))
            start += made.size
            sources.append(x)
            return made

        def setting(x: Any) -> Any:
            is_index = isinstance(x, Op) and x.is_constant and x.dtype.kind in "iub"
            return x.value if is_index else positions(x)

        first = mapped(op.args[:1], positions)
        rest, kwargs = mapped(op.args[1:], setting), mapped(op.kwargs, setting)
        if len(sources) > (len(op.args[0]) if isinstance(op.args[0], (list, tuple)) else 1):
            raise NoFormula(f"{name_of(op.fun)} with an index or a setting that is computed has no formula")
        index = np.asarray(op.fun(*first, *rest, **kwargs))  # type: ignore[misc]
        if len(sources) == 1 and np.array_equal(index.ravel(), np.arange(1, start)):
            return self.array(sources[0])
        if (index > 0).all():
            index = index - 1
            return f"pick({kind(op.dtype)}, {self.places(index)}, {', '.join(map(self.array, sources))})"
        given = ", ".join(["[0]", *map(self.array, sources)])
        return f"pick({kind(op.dtype)}, {self.places(index)}, {given})"

    def order(self, op: Op) -> str:
        """np.argsort: what is put in order lies side by side meanwhile."""
        x, axis = op.args[0], op.args[1] if len(op.args) > 1 else op.kwargs.get("axis", -1)
        shape = (op.shape if axis is None else shape_of(x)) or (1,)
        places = np.moveaxis(np.arange(math.prod(shape)).reshape(shape), -1 if axis is None else axis, -1)
        there, back = self.places(places, places.size), self.places(np.argsort(places, axis=None), places.size)
        return f"order({kind(op.dtype)}, {places.shape[-1]}, {there}, {back}, {self.array(x)})"

    def along(self, op: Op) -> str:
        """np.take_along_axis with places that are computed."""
        x, places, axis = (*op.args[:2], op.args[2] if len(op.args) > 2 else op.kwargs.get("axis", -1))
        shape = shape_of(x)
        if axis is None:
            raise NoFormula("np.take_along_axis over all axes has no formula in JavaScript")
        first = np.take(np.arange(math.prod(shape)).reshape(shape), [0], axis)
        begin = self.constant(f"[{','.join(map(str, np.broadcast_to(first, op.shape).ravel().tolist()))}]")
        step, size = math.prod(shape[axis % len(shape) + 1 :]), shape[axis]
        return f"along({kind(op.dtype)}, {begin}, {step}, {size}, {self.array(x)}, {self.stretched(places, op.shape)})"

    def reduction(self, op: Op) -> str:
        """A reduction: the elements that belong to one result stand side by side."""
        x, kwargs = op.args[0], op.kwargs
        axis = op.args[1] if len(op.args) > 1 else kwargs.get("axis")
        shape = shape_of(x)
        axes = sorted(normal_axes(axis, len(shape))) if shape else []
        others = [i for i in range(len(shape)) if i not in axes]
        index = np.arange(math.prod(shape)).reshape(shape).transpose(others + axes)
        count = math.prod(shape[i] for i in axes)
        of, operand = kind(op.dtype), self.array(x)
        places = self.places(index, index.size)
        if places != "null":
            operand = f"pick({kind(dtype_of(x))}, {places}, {operand})"
        initial = kwargs.get("initial")
        begin = "" if initial is None else f", {number(float(initial))}"
        # NumPy adds in pairs along what lies side by side in memory, and else one after the other
        how = "sums" if op.fun is np.sum and places != "null" else REDUCTIONS[op.fun]  # type: ignore[index]
        return f"fold({of}, {how}, {math.prod(op.shape)}, {count}, {operand}{begin})"

    def product(self, op: Op) -> str:
        """A product of matrices or of stacks of them; a vector is one row on the left, one column on the right."""
        a, b = op.args[:2]
        left, right = shape_of(a), shape_of(b)
        if op.fun is np.vdot:
            left, right = (math.prod(left),), (math.prod(right),)
        if not left or not right or (op.fun is np.dot and max(len(left), len(right)) > 2):
            raise NoFormula(f"{name_of(op.fun)} of shapes {left} and {right} has no formula in JavaScript")
        rows, inner = ((1, *left) if len(left) == 1 else left)[-2:]
        columns = 1 if len(right) == 1 else right[-1]
        batch = np.broadcast_shapes(left[:-2], right[:-2])
        texts = [
            self.stretched(x, (*batch, *shape[-2:])) if len(shape) > 2 else self.array(x)
            for x, shape in ((a, left), (b, right))
        ]
        sizes = f"{math.prod(batch)}, {rows}, {inner}, {columns}"
        return f"matmul({kind(op.dtype)}, {sizes}, {', '.join(texts)})"

    def matrices(self, op: Op) -> str:
        """Linear algebra of square matrices, or of stacks of them."""
        shape, fun = shape_of(op.args[0]), op.fun
        batch, n = math.prod(shape[:-2]), shape[-1]
        sizes, operands = [batch, n], [self.array(op.args[0])]
        if fun is np.linalg.inv:
            sizes.append(n)
        if fun is np.linalg.cholesky and op.kwargs.get("upper"):
            raise NoFormula("np.linalg.cholesky(upper=True) has no formula in JavaScript")
        if fun is np.linalg.solve:
            right = shape_of(op.args[1])
            if right[:-1] != shape[:-1] and not (batch == 1 and right == shape[:-1]):
                raise NoFormula(f"np.linalg.solve of shapes {shape} and {right} has no formula in JavaScript")
            sizes.append(math.prod(right) // max(batch * n, 1))
            operands.append(self.array(op.args[1]))
        given = ", ".join([*map(str, sizes), *operands])
        return f"{MATRICES[fun]}({kind(op.dtype)}, {given})"  # type: ignore[index]
