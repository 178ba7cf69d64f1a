"""A sum of products of matrices as one: A @ B + C @ D is [A C] @ [B; D].

So the gradient of a matrix that every step of a sequence uses, the sum of h.T @ g over the steps, is one product of all
h and all g. It is worth its copies where the g of all steps are stacked anyway, as the gradient of what the input gives
to each of them is.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict

import numpy as np

from ..rules.structure import stack
from .parts import handing_out, renew
from .program import Op, Program

LEAST = 4  # so many products are worth a stack and a product


def with_one_product(program: Program) -> Program:
    """The same calls, of a program without loops, with such sums as one product; what is left of them nobody needs."""
    at = {op: i for i, op in enumerate(program.ops)}
    first: dict[Op, int] = {}  # where each is used first
    stacked: dict[Op, Op] = {}
    for op, i in at.items():
        for x in op.operands:
            first.setdefault(x, i)
        if op.fun is stack:
            stacked.update((x, op) for x in op.operands)
    made: defaultdict[int, list[list[Op]]] = defaultdict(list)  # after which call which are made
    for total, terms in sums_of_products(program).items():
        whole = stacked.get(terms[0].args[1])
        if whole is not None and len(terms) >= LEAST and fit(terms, whole):
            place = max(at[total], at[whole])
            if first.get(total, math.inf) > place:
                made[place].append([total, whole, *terms])
    if not made:
        return program
    new: dict[Op, Op] = {}
    ops = []
    for op, i in at.items():
        renew(op, new)
        ops.append(op)
        for total, whole, *terms in made[i]:
            ops += product_of(total, terms, whole)
            new[total] = ops[-1]
    return handing_out(program, ops, new)


def sums_of_products(program: Program) -> dict[Op, list[Op]]:
    """The sums of products h.T @ g that are no part of another such sum, and what each adds up."""
    uses = Counter(x for op in program.ops for x in op.operands)
    uses.update(program.outputs)
    sums: dict[Op, list[Op]] = {}
    for op in program.ops:
        if op.fun is not np.add or len(op.operands) != 2 or op.kwargs:
            continue
        if all(uses[x] == 1 and x.shape == op.shape and (x in sums or is_term(x)) for x in op.operands):
            few, many = sorted((sums.pop(x, [x]) for x in op.operands), key=len)
            many += few
            sums[op] = many
    return sums


def is_term(x: Op) -> bool:
    """Whether something is h.T @ g, a product of two matrices."""
    h = x.args[0] if x.fun is np.matmul and len(x.operands) == 2 else None
    return (
        type(h) is Op
        and h.fun is np.transpose
        and not h.kwargs
        and len(h.args) == 1
        and all(len(y.shape) == 2 and y.dtype == x.dtype for y in x.operands)
    )


def fit(terms: list[Op], whole: Op) -> bool:
    """Whether the second factors of these products are what is stacked, each once, by rows or row by row."""
    axis = whole.kwargs.get("axis", 0) % len(whole.shape)
    parts = {x.args[1] for x in terms}
    return axis < 2 and len(whole.args) == len(parts) == len(terms) and parts == {*whole.args}


def product_of(total: Op, terms: list[Op], whole: Op) -> list[Op]:
    """The calls that compute the sum of these products by what is stacked."""
    firsts = {x.args[1]: x.args[0].args[0] for x in terms}
    parts = tuple(firsts[g] for g in whole.args)
    shape = (*whole.shape[:2], len(total.value))
    beside = Op(stack, parts, whole.kwargs, np.zeros(shape, total.dtype))
    rows, others = (
        Op(np.reshape, (x, (shape[0] * shape[1], x.shape[2])), None, x.value.reshape(-1, x.shape[2]))
        for x in (beside, whole)
    )
    turned = Op(np.transpose, (rows,), None, rows.value.T)
    calls = [beside, rows, turned, others, Op(np.matmul, (turned, others), None, total.value)]
    for op in calls:
        op.phase, op.scope = total.phase, total.scope
    calls[-1].gradient_of = next((x.gradient_of for x in (total, *terms) if x.gradient_of), None)
    return calls
