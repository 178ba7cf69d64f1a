"""A sum of products of matrices as one: A @ B + C @ D is [A C] @ [B; D].

So the gradient of a matrix that every step of a sequence uses, the sum of h.T @ g over the steps, is one product of all
h and all g. It is worth the copies where the g of all steps are stacked anyway, as the gradient of what the input gives
to each of them is, or where they are small and two matrices have the same. The sum of their rows, for a bias, is one
sum then.
"""

from __future__ import annotations

import math
import operator
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping

import numpy as np

from ..rules.structure import stack
from ..shapes import sum_to
from .parts import handing_out, renew
from .program import Op, Program

LEAST = 4  # so many products are worth a stack and a product
SMALL = 4096  # numbers of a factor up to which calls take longer than copies, which need memory


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
    made: defaultdict[int, list[tuple[Op | None, list[Sum]]]] = defaultdict(list)  # after which call, by which stack
    for group in groups(sums_of_products(program)):
        terms = group[0][1]
        whole = stacked.get(terms[0].operands[-1])
        wholes = [whole] if whole is not None and fit(terms, whole) else []
        place = max(at[x] for x in [*wholes, *(total for total, _ in group)])
        is_worth = wholes or (len(group) > 1 and math.prod(terms[0].operands[-1].shape) <= SMALL)
        if is_worth and all(first.get(total, math.inf) > place for total, _ in group):
            made[place].append((whole if wholes else None, group))
    if not made:
        return program
    new: dict[Op, Op] = {}
    ops = []
    for op, i in at.items():
        renew(op, new)
        ops.append(op)
        for whole, group in made[i]:
            calls = products_of(group, whole)
            ops += calls
            new.update(zip((total for total, _ in group), (x for x in calls if x.fun in (np.matmul, sum_to))))
    return handing_out(program, ops, new)


def sums_of_products(program: Program) -> dict[Op, list[Op]]:
    """The sums of products h.T @ g, or of rows of g, that are no part of another such sum; and what each adds up."""
    uses = Counter(x for op in program.ops for x in op.operands)
    uses.update(program.outputs)
    sums: dict[Op, list[Op]] = {}
    for op in program.ops:
        if op.fun is not np.add or len(op.operands) != 2 or op.kwargs:
            continue
        if all(uses[x] == 1 and x.shape == op.shape and (x in sums or factor(x)) for x in op.operands):
            many, few = sorted((sums.pop(x, [x]) for x in op.operands), key=len, reverse=True)
            many += few
            sums[op] = many
    return sums


Sum = tuple[Op, list[Op]]  # and what it adds up


def groups(sums: Mapping[Op, list[Op]]) -> Iterable[list[Sum]]:
    """The sums of many products, those together that have the same second factors, of one shape and each once."""
    found: defaultdict[frozenset[Op], list[Sum]] = defaultdict(list)
    for total, terms in sums.items():
        factors = frozenset(x.operands[-1] for x in terms)
        if LEAST <= len(terms) == len(factors) and len({g.shape for g in factors}) == 1:
            found[factors].append((total, terms))
    return found.values()


def factor(x: Op) -> Op | None:
    """The g of h.T @ g, a product of two matrices, or of the sum of its rows."""
    if x.fun is sum_to:
        g = x.operands[0]
        return g if len(g.shape) == 2 and x.shape == g.shape[1:] and x.dtype == g.dtype else None
    h = x.args[0] if x.fun is np.matmul and len(x.operands) == 2 else None
    if type(h) is Op and h.fun is np.transpose and not h.kwargs and len(h.args) == 1:
        return x.operands[1] if all(len(y.shape) == 2 and y.dtype == x.dtype for y in x.operands) else None
    return None


def fit(terms: list[Op], whole: Op) -> bool:
    """Whether the second factors of these products are what is stacked, each once, by rows or row by row."""
    axis = whole.kwargs.get("axis", 0) % len(whole.shape)
    return axis < 2 and len(whole.args) == len(terms) and {x.operands[-1] for x in terms} == {*whole.operands}


def products_of(group: list[Sum], whole: Op | None) -> list[Op]:
    """The calls that compute these sums, each as a product, by the stack of the second factors or one that is made."""
    (total, terms), calls = group[0], list[Op]()
    order, axis = [x.operands[-1] for x in reversed(terms)], 0  # what goes backward begins with the last
    if whole is None:
        whole = stack_of(order, axis, calls)
    else:
        order, axis = list(whole.operands), whole.kwargs.get("axis", 0)
    seconds = rows_of(whole, calls)
    for total, terms in group:
        if terms[0].fun is sum_to:
            calls.append(Op(sum_to, (seconds, total.shape), None, total.value))
        else:
            firsts = {x.args[1]: x.args[0].args[0] for x in terms}
            rows = rows_of(stack_of([firsts[g] for g in order], axis, calls), calls)
            turned = Op(np.transpose, (rows,), None, rows.value.T)
            calls += turned, Op(np.matmul, (turned, seconds), None, total.value)
        calls[-1].gradient_of = next((x.gradient_of for x in (total, *terms) if x.gradient_of), None)
    for op in calls:
        op.phase, op.scope = total.phase, total.scope
    return calls


def stack_of(parts: list[Op], axis: int, calls: list[Op]) -> Op:
    """These matrices as one array, by a new call; all rows of an array, in their order, are that array."""
    shape = parts[0].shape
    x = indexed(parts)
    if x is not None and axis == 0 and x.shape == (len(parts), *shape):
        return x
    value = np.zeros(np.insert(shape, axis % 3, len(parts)), parts[0].dtype)
    calls.append(Op(stack, tuple(parts), {"axis": axis}, value))
    return calls[-1]


def indexed(parts: list[Op]) -> Op | None:
    """The array of which these are x[0], x[1], ..., if they are."""
    for i, part in enumerate(parts):
        taken = part.args if part.fun is operator.getitem else (None, None)
        if type(taken[0]) is not Op or taken[0] is not parts[0].args[0] or taken[1] != i:
            return None
    return parts[0].args[0]


def rows_of(x: Op, calls: list[Op]) -> Op:
    """The rows of a stack of matrices, by a new call."""
    shape = x.shape[0] * x.shape[1], x.shape[2]
    calls.append(Op(np.reshape, (x, shape), None, np.zeros(shape, x.dtype)))
    return calls[-1]
