"""A program in which functions that are made of others are these others: the table of operators has only the latter."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from ..compile.builder import Builder, item
from ..compile.program import Computed, Op, Program, Returned, mapped
from ..compile.traced import Traced
from ..dispatch import resolved
from ..rules.gates import activated, cell_state, hidden_state, lstm_cell_state, lstm_gates, lstm_hidden_state
from ..rules.statistics import in_deviations, standardized
from ..rules.structure import join, stack
from ..table import COMPOSITES, RULES, Function
from .table import CONVERTERS

WHOLE: dict[Function, Function] = {  # for speed alone
    standardized: in_deviations,
    lstm_gates: activated,
    lstm_cell_state: cell_state,
    lstm_hidden_state: hidden_state,
    stack: lambda *arrays, axis=0: join(*(np.expand_dims(a, axis) for a in arrays), axis=axis),
}


def is_made_of_others(fun: Function) -> bool:
    """Whether calls of a function, or some of them, are those of others, and no operator computes it as a whole."""
    return fun in WHOLE or (fun in COMPOSITES and (fun in RULES or fun not in CONVERTERS))


class Expander(Builder):
    """Calls of functions that are made of others become those."""

    def call(
        self,
        fun: Function,
        args: tuple[Any, ...],
        kwargs: Mapping[str, Any] | None = None,
        compute: Function | None = None,
        repeated: bool = False,
        known: Any = None,
    ) -> Any:
        """The result of a call; of what is made of others, theirs."""
        if fun in WHOLE:
            return WHOLE[fun](*args, **kwargs or {})
        if is_made_of_others(fun):
            made_of, given, named = resolved(fun, args, dict(kwargs or {}))
            if made_of is not None:
                return made_of(*given, **named)
        return super().call(fun, args, kwargs, compute, repeated, known)


def expanded(program: Program) -> Program:
    """The same program in the functions that others are made of."""
    expander = Expander()
    made: dict[Op, Any] = {}

    def given(x: Any) -> Any:
        return made.get(x, expander.stand_in(x)) if isinstance(x, Op) else x

    def output(x: Any) -> Any:
        if isinstance(x, Computed):
            return Computed(output(x.number), None, x.is_leaf)
        return Returned(expander.op_of(given(x.op)), x.kind) if isinstance(x, Returned) else x

    with np.errstate(all="ignore"):
        for op in program.ops:
            expander.scope = op.scope
            args, kwargs = mapped(op.args, given), mapped(dict(op.kwargs), given)
            if op.fun is item and isinstance(args[0], (tuple, list)):
                made[op] = args[0][args[1]]
            elif op.fun is not None and is_made_of_others(op.fun):
                made[op] = like(expander.call(op.fun, args, kwargs), op.value)
            else:
                assert op.fun is not None
                made[op] = expander.record(
                    op.fun, expander.ops_of(args), expander.ops_of(kwargs), op.value, op.repeated
                )
    result = mapped_outputs(program.result, output)
    return Program(program.inputs, expander.ops, result, program.writes).pruned()


def like(made: Any, value: Any) -> Any:
    """What was made of others in the dtypes that NumPy's function gave for arrays, which may be wider."""
    if isinstance(made, (tuple, list)):
        return [like(x, one) for x, one in zip(made, value)]
    return (
        made.astype(value.dtype) if isinstance(made, Traced) and isinstance(value, (np.ndarray, np.generic)) else made
    )


def mapped_outputs(tree: Any, f: Any) -> Any:
    """`tree` with `f` applied to its leaves; a Computed, which is a tuple, is one."""
    if isinstance(tree, Computed):
        return f(tree)
    if isinstance(tree, dict):
        return {key: mapped_outputs(x, f) for key, x in tree.items()}
    if isinstance(tree, (tuple, list)):
        parts = [mapped_outputs(x, f) for x in tree]
        return type(tree)(*parts) if hasattr(tree, "_fields") else type(tree)(parts)
    return f(tree)
