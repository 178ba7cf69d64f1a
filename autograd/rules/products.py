"""Products: of matrices and vectors, of any two arrays by labelled axes, convolutions.

Three of them carry all others. `np.matmul` is the product of matrices, `np.tensordot` sums over pairs of axes, and
`contract` is einsum of two operands. In the notation of einsum every product is its own derivative: of "ij,jk->ik" the
pullbacks are "ik,jk->ij" and "ik,ij->jk".
"""

from __future__ import annotations

import functools
import math
import string
from collections import Counter
from collections.abc import Collection, Sequence
from typing import Any

import numpy as np

from ..arrays import lives_elsewhere
from ..primitives import primitive
from ..shapes import Shape
from ..table import composite, plain, pullbacks
from .dtypes import together

FEW, AT_ONCE = 1_000, 1_000_000  # numbers of a product, and steps to it, that BLAS takes from where the factors lie

# --- What NumPy lacks -------------------------------------------------------------------------------------------


@primitive
def affine(x: Any, W: Any, b: Any) -> Any:
    """x @ W + b, what a dense layer computes: (..., inputs), (inputs, units), (units,) -> (..., units)."""
    y = flattened(x, W)
    if y.dtype.kind != "f":  # two arrays of small integers, whose sums of products would wrap around
        y = flattened(*together(x, W, b)[:2])
    return y + b


def flattened(x: Any, W: Any, b: Any = None) -> Any:
    """x @ W + b, of a stack `x` and one matrix `W` as one product: NumPy takes as many as the stack is high."""
    if getattr(x, "ndim", 0) > 2 and np.ndim(W) == 2 and np.ndim(b) < 2:
        rows = np.reshape(x, (math.prod(x.shape[:-1]), x.shape[-1]))
        return np.reshape(flattened(rows, W, b), (*x.shape[:-1], W.shape[1]))
    y = x @ W
    return y if b is None else y + b


@primitive
def contract(a: Any, b: Any, subscripts: str) -> Any:
    """np.einsum of two operands, as one product of matrices: contract(a, b, "bij,bjk->bik").

    The output is written out, no operand repeats a label, and each label stands in two of the three terms at least.
    """
    in_a, in_b, out = terms(subscripts)
    batch = [i for i in in_a if i in in_b and i in out]
    inner = [i for i in in_a if i in in_b and i not in out]
    rows = [i for i in in_a if i not in in_b]
    columns = [i for i in in_b if i not in in_a]
    left, right = stacked(a, in_a, batch, rows, inner), stacked(b, in_b, batch, inner, columns)
    size = dict(zip(in_a, np.shape(a))) | dict(zip(in_b, np.shape(b)))
    made = batch + rows + columns
    y = (left @ right if inner else left * right).reshape([size[i] for i in made])
    return np.transpose(y, [made.index(i) for i in out])


def stacked(x: Any, term: str, batch: list[str], rows: list[str], columns: list[str]) -> Any:
    """`x`, whose axes are labelled by `term`, as a stack of matrices: several axes merge to the rows and columns."""
    size = dict(zip(term, np.shape(x)))
    merged = [math.prod(size[i] for i in labels) for labels in (rows, columns)]
    return np.transpose(x, [term.index(i) for i in batch + rows + columns]).reshape([size[i] for i in batch] + merged)


def terms(subscripts: str) -> list[str]:
    """The labels of the operands and of the result: "ij,jk->ik" as "ij", "jk" and "ik"."""
    return subscripts.replace("->", ",").split(",")


# --- The table --------------------------------------------------------------------------------------------------
# fmt: off

pullbacks(np.matmul,    lambda g, y, a, b: matmul_left(g, a, b),
                        lambda g, y, a, b: matmul_right(g, a, b))
pullbacks(affine,       lambda g, y, x, W, b: matmul_left(g, x, W),
                        lambda g, y, x, W, b: matmul_right(g, x, W), 1)
pullbacks(np.tensordot, lambda g, y, a, b, axes=2: contract(g, b, turned(tensordot_subscripts(a, b, axes), "left")),
                        lambda g, y, a, b, axes=2: contract(g, a, turned(tensordot_subscripts(a, b, axes), "right")))
pullbacks(contract,     lambda g, y, a, b, subscripts: contract(g, b, turned(subscripts, "left")),
                        lambda g, y, a, b, subscripts: contract(g, a, turned(subscripts, "right")))
pullbacks(np.convolve,  lambda g, y, a, v, mode="full": np.correlate(uncut(g, a, v, mode), np.reshape(v, -1), "valid"),
                        lambda g, y, a, v, mode="full": np.correlate(uncut(g, a, v, mode), np.reshape(a, -1), "valid"))

composite(np.dot,       lambda a, b: dot(a, b))
composite(np.vdot,      lambda a, b: np.matmul(np.reshape(a, -1), np.reshape(b, -1)))
composite(np.inner,     lambda a, b: np.tensordot(a, b, (-1, -1)) if np.ndim(a) and np.ndim(b) else np.multiply(a, b))
composite(np.outer,     lambda a, b: np.multiply(np.reshape(a, (-1, 1)), np.reshape(b, (1, -1))))
composite(np.kron,      lambda a, b: kron(a, b))
composite(np.einsum,    lambda *operands, optimize=True: einsum(*spelled(operands), optimize))
composite(np.cross,     lambda a, b, axisa=-1, axisb=-1, axisc=-1, axis=None: cross(
    a, b, *((axisa, axisb, axisc) if axis is None else (axis, axis, axis))))
composite(np.correlate, lambda a, v, mode="valid": correlate(a, v, mode))

composite(np.vecdot,           lambda a, b, axis=-1: np.sum(last(a, axis) * last(b, axis), axis=-1))
composite(np.linalg.vecdot,    lambda a, b, axis=-1: np.sum(last(a, axis) * last(b, axis), axis=-1))
composite(np.linalg.matmul,    lambda a, b: np.matmul(a, b))
composite(np.linalg.tensordot, lambda a, b, axes=2: np.tensordot(a, b, axes=axes))
composite(np.linalg.cross,     lambda a, b, axis=-1: np.cross(a, b, axis=axis))
composite(np.linalg.outer,     lambda a, b: np.outer(vector(a), vector(b)))
if hasattr(np, "matvec"):  # new in NumPy 2.2
    composite(np.matvec,       lambda a, x: np.matmul(a, np.expand_dims(x, -1))[..., 0])
    composite(np.vecmat,       lambda x, a: np.matmul(np.expand_dims(x, -2), a)[..., 0, :])

plain([np.einsum_path])

# fmt: on
# --- Products of matrices ---------------------------------------------------------------------------------------


def matmul_left(g: Any, a: Any, b: Any) -> Any:
    """The pullback of a @ b by a. A vector stands for one row, or on the right for one column."""
    if b.ndim == 2 and a.ndim > 1:
        return flattened(g, b.mT)
    if b.ndim == 1:
        return g[..., None] * b
    return (g[..., None, :] @ b.mT)[..., 0, :] if a.ndim == 1 else by_rows(g, b)


def by_rows(a: Any, b: Any) -> Any:
    """a @ b.mT, of stacks of matrices in memory: the larger one goes first, and long rows of a few go in parts. So BLAS
    copies less of them.
    """
    m, n, k = a.shape[-2], b.shape[-2], a.shape[-1]
    if lives_elsewhere(a) or lives_elsewhere(b) or m * n > FEW or m * n * k <= AT_ONCE:
        return (b @ a.mT).mT if m < n < k else a @ b.mT
    least = math.ceil(m * n * k / AT_ONCE)
    parts = next((parts for parts in range(least, 4 * least) if k % parts == 0), 1)
    a, b = (np.moveaxis(np.reshape(x, (*x.shape[:-1], parts, k // parts)), -2, -3) for x in (a, b))
    return np.sum(a @ b.mT, axis=-3)


def matmul_right(g: Any, a: Any, b: Any) -> Any:
    """The pullback of a @ b by b."""
    if a.ndim == 2:
        return a.mT @ g
    if b.ndim <= 2:  # one product sums over the whole stack
        a = np.reshape(a, (math.prod(a.shape[:-1]), a.shape[-1]))
        return a.mT @ np.reshape(g, (len(a), *b.shape[1:]))
    return a[:, None] * g[..., None, :] if a.ndim == 1 else a.mT @ g


def dot(a: Any, b: Any) -> Any:
    """np.dot: a product with a number, or the sum over the last axis of `a` and the last but one of `b`."""
    if not np.ndim(a) or not np.ndim(b):
        return np.multiply(a, b)
    return np.matmul(a, b) if np.ndim(b) <= 2 else np.tensordot(a, b, (-1, -2))


def kron(a: Any, b: Any) -> Any:
    """np.kron: each element of `a` times all of `b`, block by block."""
    ndim = max(np.ndim(a), np.ndim(b))
    blocks, block = ((1,) * (ndim - np.ndim(x)) + np.shape(x) for x in (a, b))
    a = np.reshape(a, [size for n in blocks for size in (n, 1)])
    b = np.reshape(b, [size for n in block for size in (1, n)])
    return np.reshape(a * b, [n * m for n, m in zip(blocks, block)])


def cross(a: Any, b: Any, axisa: int, axisb: int, axisc: int) -> Any:
    """np.cross of vectors with 3 elements: y[i + 2] = a[i] b[i + 1] - a[i + 1] b[i], counted modulo 3."""
    a, b = last(a, axisa), last(b, axisb)
    if np.shape(a)[-1] != 3 or np.shape(b)[-1] != 3:
        raise ValueError(f"np.cross of shape {np.shape(a)} and shape {np.shape(b)}: it takes vectors of 3 elements")
    y = np.roll(a * np.roll(b, -1, axis=-1) - np.roll(a, -1, axis=-1) * b, -1, axis=-1)
    return y if axisc == -1 else np.moveaxis(y, -1, axisc)


def last(x: Any, axis: int) -> Any:
    """`x` with `axis` as its last one."""
    return x if axis == -1 else np.moveaxis(x, axis, -1)


def vector(x: Any) -> Any:
    """`x`, if it has one axis."""
    if np.ndim(x) != 1:
        raise ValueError(
            f"np.linalg.outer of shape {np.shape(x)}: it takes vectors, and np.outer makes them of any array"
        )
    return x


# --- Convolution ------------------------------------------------------------------------------------------------


def uncut(g: Any, a: Any, v: Any, mode: str) -> Any:
    """The gradient of the full convolution, of which `mode` kept a part: 0 around `g`."""
    shorter, longer = sorted((np.size(a), np.size(v)))
    before = {"full": 0, "same": (shorter - 1) // 2, "valid": shorter - 1}[mode]
    return np.pad(g, (before, longer + shorter - 1 - before - g.size)) if mode != "full" else g


def correlate(a: Any, v: Any, mode: Any) -> Any:
    """np.correlate: the convolution with `v` backward. If `v` is longer, they change places, and the result turns."""
    if np.size(v) > np.size(a):
        return np.flip(np.convolve(v, np.flip(a), mode))
    return np.convolve(a, np.flip(v), mode)


# --- Sums of products by labels ---------------------------------------------------------------------------------


def turned(subscripts: str, side: str) -> str:
    """The subscripts of the pullback of a contraction by its left or right operand: upstream, the other -> this."""
    left, right, out = terms(subscripts)
    return f"{out},{right}->{left}" if side == "left" else f"{out},{left}->{right}"


def tensordot_subscripts(a: Any, b: Any, axes: Any) -> str:
    """np.tensordot in the notation of einsum."""
    left = string.ascii_letters[: np.ndim(a)]
    right = list(string.ascii_letters[np.ndim(a) :][: np.ndim(b)])
    pairs = (range(len(left) - axes, len(left)), range(axes)) if np.ndim(axes) == 0 else map(np.ravel, axes)
    for i, j in zip(*pairs):
        right[j] = left[i]
    out = [i for i in left if i not in right] + [i for i in right if i not in left]
    return f"{left},{''.join(right)}->{''.join(out)}"


def spelled(operands: tuple[Any, ...]) -> tuple[str, tuple[Any, ...]]:
    """The operands of np.einsum with the subscripts as a string, also where each operand has its list of integers."""
    if isinstance(operands[0], str):
        return operands[0], operands[1:]
    letters = string.ascii_uppercase + string.ascii_lowercase  # sorted as their numbers are
    lists = ["".join("..." if i is ... else letters[i] for i in labels) for labels in operands[1::2]]
    if len(operands) % 2:
        out = "".join("..." if i is ... else letters[i] for i in operands[-1])
        return f"{','.join(lists)}->{out}", operands[:-1:2]
    return ",".join(lists), operands[::2]


def einsum(subscripts: str, operands: tuple[Any, ...], optimize: Any) -> Any:
    """np.einsum as a chain of calls with two operands each: diagonals and sums of one operand first, then pairs."""
    optimize = tuple(optimize) if isinstance(optimize, list) else optimize
    labels, wanted, out, path = plan(subscripts, tuple(map(np.shape, operands)), optimize)
    factors = [summed(*diagonal(x, term), keep) for x, term, keep in zip(together(*operands), labels, wanted)]
    for positions in path:
        group = [factors.pop(i) for i in sorted(positions, reverse=True)]
        while len(group) > 1:
            (a, in_a), (b, in_b) = group.pop(), group.pop()
            rest = group + factors
            needed = set(out).union(*(term for _, term in rest))
            made = "".join(i for i in dict.fromkeys(in_a + in_b) if i in needed) if rest else out
            group.append((contract(a, b, f"{in_a},{in_b}->{made}"), made))
        factors += group
    y, term = factors[0]
    return y if term == out else np.transpose(y, [term.index(i) for i in out])


def diagonal(x: Any, term: str) -> tuple[Any, str]:
    """`x` without repeated labels: "iij" becomes the diagonal "ji"."""
    while again := next((i for i in term if term.count(i) > 1), ""):
        first = term.index(again)
        second = term.index(again, first + 1)
        x = np.diagonal(x, axis1=first, axis2=second)
        term = term[:first] + term[first + 1 : second] + term[second + 1 :] + again
    return x, term


def summed(x: Any, term: str, keep: Collection[str]) -> tuple[Any, str]:
    """`x` summed over the labels that are not to be kept."""
    gone = tuple(axis for axis, i in enumerate(term) if i not in keep)
    return np.sum(x, axis=gone) if gone else x, "".join(i for i in term if i in keep)


@functools.lru_cache(maxsize=1024)
def plan(subscripts: str, shapes: tuple[Shape, ...], optimize: Any) -> tuple[Any, ...]:
    """How to compute an einsum: labels per operand, those it must keep, labels of the result, the order of contraction.

    An operand keeps no label that nobody else has, and none along which its size 1 is broadcast.
    """
    stand_ins = [np.broadcast_to(0.0, shape) for shape in shapes]
    try:
        how = list(optimize) if isinstance(optimize, tuple) else optimize or True
        path = np.einsum_path(subscripts, *stand_ins, optimize=how)[0][1:]
        labels, out = explicit(subscripts, [len(shape) for shape in shapes])
        size: dict[str, int] = {}
        for term, shape in zip(labels, shapes):
            own = dict(zip(term, shape))
            if any(own[i] != n for i, n in zip(term, shape)):
                raise ValueError("a label repeated in one operand needs axes of equal size")
            size |= {i: n for i, n in own.items() if n != 1 or i not in size}
    except ValueError as error:
        raise ValueError(f"np.einsum({subscripts!r}) of shapes {', '.join(map(str, shapes))}: {error}") from None
    full = [{i for i, n in zip(term, shape) if n == size[i]} for term, shape in zip(labels, shapes)]
    holders = Counter(i for held in full for i in held)
    wanted = [{i for i in held if i in out or holders[i] > 1} for held in full]
    return labels, wanted, out, path


def explicit(subscripts: str, ndims: Sequence[int]) -> tuple[list[str], str]:
    """The labels of each operand and of the result, with letters in the place of "..." and the implicit output."""
    inputs, arrow, out = subscripts.replace(" ", "").partition("->")
    labels = inputs.split(",")
    free = "".join(i for i in string.ascii_letters if i not in subscripts)
    counts = [ndim - len(term) + 3 if "..." in term else 0 for term, ndim in zip(labels, ndims)]
    dots = free[: max(counts)]
    labels = [term.replace("...", dots[len(dots) - n :]) for term, n in zip(labels, counts)]
    if not arrow:
        once = [i for i, n in Counter("".join(labels)).items() if n == 1 and i not in dots]
        return labels, dots + "".join(sorted(once))
    if dots and "..." not in out:
        raise ValueError("the axes of '...' must be in the output too")
    return labels, out.replace("...", dots)
