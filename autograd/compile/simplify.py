"""Simplifying: the program is built once more, and each call is replaced by the least work that gives the same.

Four things happen on the way: what the project computes by functions of its own becomes NumPy (`LOWER`), the algebra
that rules leave behind is done (`ALGEBRA`), the same call is made once, and what depends on no input is computed now.
Both tables are functions of stand-ins, written as one would write them on arrays.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from typing import Any

import numpy as np

from ..dispatch import accepted
from ..rules.dtypes import cast
from ..rules.structure import scatter
from ..table import RULES, Function
from ..value import MATH
from .algebra import ALGEBRA
from .builder import Builder
from .constants import changeable
from .lower import LOWER
from .program import NUMPYS, Op, Phase, Program, Returned, flat, mapped
from .repetition import Listed, Loop, is_bookkeeping, trimmed
from .rows import in_columns
from .sums import at_places
from .traced import Traced

FOLDED = 1 << 16  # bytes up to which a result is computed now


def simplify(program: Program, held: Mapping[int, Op] | None = None) -> Program:
    """A program that does the same with less.

    `held` are the constant arrays that somebody else may change, by their ids, if they are known: see `changeable`.
    """
    return Simplifier(program, held).program


class Simplifier(Builder):
    """The builder of the simpler program."""

    def __init__(self, program: Program, held: Mapping[int, Op] | None = None) -> None:
        super().__init__()
        self.now: Phase = "forward"
        self.made: dict[Hashable, Op] = {}  # what was computed, by its call
        self.new: dict[Op, Any] = {}  # for each operation what stands for it now: a stand-in, or what is known
        self.held = changeable(program) if held is None else held
        for op in program.ops:
            self.now = op.phase
            self.replay(op)
        result, writes = mapped((program.result, program.writes), self.returned)
        self.program = trimmed(Program(program.inputs, self.ops, result, writes))

    def constant(self, x: Any) -> Op:
        """One operation for all small arrays that are equal, unless somebody else may change them."""
        if id(x) in self.held:
            return self.held[id(x)]
        key = (x.dtype, x.shape, x.tobytes()) if x.nbytes <= FOLDED else id(x)
        return self.constants.setdefault(key, Op(None, value=x))

    def fixed(self, x: Any) -> bool:
        """Whether `x` is the same in every call."""
        return type(x) is not Traced  # which says that it is an array

    @property
    def phase(self) -> Phase:
        """That of the operation that is being replaced."""
        return self.now

    def replay(self, op: Op) -> None:
        """Build an operation again from what stands for its operands."""
        fun: Any = op.fun
        if isinstance(fun, Loop) or is_bookkeeping(op) or Listed in [type(x.value) for x in op.operands]:
            self.again(op)
            return
        stands = self.new
        args = tuple([stands[x] if type(x) is Op and x in stands else mapped(x, self.stand_in) for x in op.args])
        kwargs = mapped(op.kwargs, self.stand_in) if op.kwargs else None
        if op.repeated:
            new = Op(fun, self.ops_of(args), self.ops_of(kwargs), op.value, phase=op.phase)
            new.repeated, new.name = True, op.name
            self.ops.append(new)
            self.new[op] = Traced(self, new)
            return
        result = self.call(fun, args, kwargs, known=op.value)
        if isinstance(op.value, (tuple, list)):
            self.new[op] = Traced(self, result[0].op.args[0])
            return
        self.new[op] = result
        if type(result) is not Traced:
            return
        new = result.op
        new.name = new.name or op.name
        if op.gradient_of is None and fun is np.add and len({x.gradient_of for x in op.operands}) == 1:
            op.gradient_of = op.operands[0].gradient_of  # contributions to one gradient
        if op.gradient_of is not None and new.fun is not None and new.gradient_of is None:
            new.gradient_of = self.op_for(op.gradient_of)

    def again(self, op: Op) -> None:
        """Build a loop again, around a simpler turn, or a call on lists."""
        fun, sums, inputs = op.fun, set[Op](), list[Op]()
        if isinstance(fun, Loop):
            fun, sums = at_places(fun.around(simplify(fun.body, self.held)))
            inputs = fun.inputs
        args, kwargs = mapped((op.args, dict(op.kwargs)), lambda x: self.op_for(x) if type(x) is Op else x)
        if sums:
            self.now = op.phase
            args = tuple(self.without_minus_zero(y) if x in sums else y for x, y in zip(inputs, args))
        if isinstance(fun, Loop) and (columns := in_columns(fun, args)):
            args = tuple(self.in_rows(y) if x in columns else y for x, y in zip(inputs, args))
        new = Op(fun, args, kwargs, op.value, phase=op.phase, repeated=op.repeated, name=op.name)
        new.gradient_of = op.gradient_of and self.op_for(op.gradient_of)
        self.ops.append(new)
        self.new[op] = Traced(self, new)

    def without_minus_zero(self, x: Any) -> Any:
        """`x` with 0.0 for -0.0; of a scattered array, whose other numbers are 0.0, what is scattered."""
        if isinstance(x, Op) and x.fun is scatter:
            g, *where = x.args
            g = Traced(self, g) if isinstance(g, Op) else g
            return self.op_of(self.call(scatter, (g + 0.0, *where), x.kwargs))
        return self.op_of(Traced(self, x) + 0.0)

    def in_rows(self, x: Op) -> Any:
        """A copy of a matrix whose rows lie one after the other."""
        return self.op_of(self.call(np.copy, (Traced(self, x),), {"order": "C"}))

    def stand_in(self, x: Any) -> Any:
        """What stands for an operand now; constants that may change are known as little as inputs are."""
        if type(x) is not Op:
            return x
        if x not in self.new:
            stays = self.held.get(id(x.value)) if x.is_constant else x
            self.new[x] = x.value if stays is None else Traced(self, stays)
        return self.new[x]

    def op_for(self, x: Op) -> Op:
        """The operation that stands for another one now."""
        new = self.op_of(self.stand_in(x))
        return new if isinstance(new, Op) else Op(None, value=new)

    def returned(self, x: Any) -> Any:
        """An output of the simpler program."""
        return Returned(self.op_for(x.op), x.kind) if isinstance(x, Returned) else x

    def call(
        self,
        fun: Function,
        args: tuple[Any, ...],
        kwargs: Mapping[str, Any] | None = None,
        compute: Function | None = None,
        repeated: bool = False,
        known: Any = None,
    ) -> Any:
        """The least work that gives what `fun(*args, **kwargs)` gives."""
        if repeated:
            return super().call(fun, args, kwargs, repeated=True)
        is_unknown = is_array = may_be_plainer = False
        for x in args:
            if type(x) is Traced:
                is_unknown = True
                is_array = is_array or x.op.is_array
                may_be_plainer = may_be_plainer or is_stretched(x)
            elif isinstance(x, NUMPYS):
                may_be_plainer = True
        if not is_unknown and all(map(self.fixed, flat((args, kwargs)))):
            is_known = isinstance(known, (float, int, np.generic))  # of arrays the kind alone is
            value = known if is_known else (compute or fun)(*args, **kwargs or {})
            if np.size(value) * 8 <= FOLDED:
                return value
        if is_array:
            is_known = fun in LOWER and (not kwargs or accepted(LOWER[fun])[1].issuperset(kwargs))
            lowered = LOWER[fun](*args, **kwargs or {}) if is_known else None
            if lowered is not None:
                return lowered
            if may_be_plainer and len(args) > 1 and not kwargs and is_elementwise(fun) and fun is not cast:
                plain = self.plain(args, numbers=fun is not np.power)  # by 0.5 it is the square root of an array
                if plain is not args and (isinstance(fun, np.ufunc) or self.same_kind(fun, plain, args)):
                    args = plain
        simpler = ALGEBRA[fun](*args) if fun in ALGEBRA and not kwargs else None
        if simpler is not None and alike(simpler, fun(*self.values(args)) if known is None else known):
            return simpler
        ops, options = self.ops_of(args), self.ops_of(kwargs) if kwargs else None
        key = key_of(fun, ops, options)
        if key is not None and key in self.made:
            return Traced(self, self.made[key])
        if known is None:
            if compute is None and all(type(x) in (float, int, bool) for x in self.values(args)):
                compute = MATH.get(fun)
            result = super().call(fun, args, kwargs, compute=compute)
        else:
            result = self.record(fun, ops, options, known)
        if key is not None and type(result) is Traced:
            self.made[key] = result.op
        return result

    def record(
        self, fun: Function, args: tuple[Any, ...], kwargs: Mapping[str, Any] | None, value: Any, repeated: bool = False
    ) -> Any:
        """Write a call down. Its numbers are those of no run, and nobody looks at them."""
        return super().record(fun, args, kwargs, self.kind(value), repeated)

    def already(self, fun: Function, *args: Any) -> Traced | None:
        """The result of a call, if it was made."""
        op = self.made.get(key_of(fun, self.ops_of(args)))
        return None if op is None else Traced(self, op)

    def same_kind(self, fun: Function, some: tuple[Any, ...], others: tuple[Any, ...]) -> bool:
        """Whether `fun` answers both with the same dtype: a function of its own may make an array of a plain number, or
        refuse numbers that are those of no run.
        """
        try:
            return alike(fun(*self.values(some)), fun(*self.values(others)))
        except Exception:
            return False

    def plain(self, args: tuple[Any, ...], numbers: bool) -> tuple[Any, ...]:
        """The operands of an elementwise call without what broadcasting does anyway: of a constant array of equal
        numbers one number, of an array that was stretched the array.
        """
        shape, dtype = np.broadcast_shapes(*map(np.shape, args)), dtype_of(args)
        for i, x in enumerate(args):
            others = args[:i] + args[i + 1 :]  # simpler already, as far as they have been seen
            found = dtype_of(others)  # None, which for NumPy is equal to float64, if they are numbers of Python's
            is_constant = isinstance(x, (np.ndarray, np.generic)) and self.fixed(x)
            if numbers and is_constant and x.dtype.kind == "f" and x.size and found is not None and found == dtype:
                number = float(str(x.flat[0]))  # the shortest that is this number in its dtype
                equal = np.full(x.shape, number, x.dtype).tobytes() == x.tobytes()  # so is the sign of zeros
                equal = equal and dtype.type(number) == x.flat[0]
                if equal and np.broadcast_shapes(*map(np.shape, others)) == shape:
                    args = (*args[:i], number, *args[i + 1 :])
            if is_stretched(x):
                base = Traced(self, x.op.args[0])
                if np.broadcast_shapes(base.shape, *map(np.shape, others)) == shape:
                    args = (*args[:i], base, *args[i + 1 :])
        return args


def is_stretched(x: Any) -> bool:
    """Whether it stands for an array that broadcasting stretched."""
    return type(x) is Traced and x.op.fun is np.broadcast_to


def alike(x: Any, known: Any) -> bool:
    """Whether a result has the shape and the dtype that it must have, and is a number of Python's where that is:
    integers times 1.0 are no integers, and a float divided by 0.0 is an error where NumPy's is inf.
    """
    value = x.op.value if isinstance(x, Traced) else x
    of_numpy = isinstance(value, NUMPYS), isinstance(known, NUMPYS)
    return (
        np.shape(value) == np.shape(known) and np.result_type(value) == np.result_type(known) and len({*of_numpy}) == 1
    )


def is_elementwise(fun: Function) -> bool:
    """Whether `fun` computes each element of its result from one element of each operand."""
    return (isinstance(fun, np.ufunc) and fun.signature is None) or (fun in RULES and RULES[fun].elementwise)


def dtype_of(operands: Iterable[Any]) -> np.dtype[Any] | None:
    """The dtype that arrays among the operands lead to; None if all are numbers of Python's."""
    found = [x.dtype for x in operands if isinstance(x, NUMPYS) or (type(x) is Traced and x.op.is_array)]
    return np.result_type(*found) if found else None


def key_of(fun: Function, ops: tuple[Any, ...], options: Mapping[str, Any] | None = None) -> Hashable | None:
    """Something that is equal for equal calls; None if there is no telling."""
    parts: list[Any] = [fun]
    for x in (*ops, Mapping, options) if options else ops:
        key = x if type(x) is Op and x.fun is not None else keyed(x)
        if key is None:
            return None
        parts.append(key)
    return tuple(parts)


def keyed(tree: Any) -> Hashable | None:
    """Something that is equal for equal trees; None if there is no telling."""
    if isinstance(tree, Op):
        if not tree.is_constant:
            return tree
        return (Op, id(tree.value)) if tree.is_array else (Op, type(tree.value), repr(tree.value))
    kind = type(tree)
    if isinstance(tree, (float, np.generic)):
        return (kind, repr(tree))
    if isinstance(tree, (tuple, list)):
        parts: list[Any] = [kind]
        for x in tree:
            key = x if type(x) is Op and x.fun is not None else keyed(x)
            if key is None:
                return None
            parts.append(key)
        return tuple(parts)
    if kind is dict:
        return keyed([part for item in sorted(tree.items()) for part in item])
    if kind is slice:
        return keyed((slice, tree.start, tree.stop, tree.step))
    try:
        hash(tree)
    except TypeError:
        return None
    return (kind, tree)
