"""Pullbacks as a textbook writes them: products of matrices, "each gets 1/n", p less the one-hot label.

A formula is told only where its numbers are those that the engine handed back. Nothing is differentiated here.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from ..node import Node
from ..rules.products import affine
from ..rules.reductions import nll, softmax, softmax_cross_entropy
from ..rules.structure import join, stack
from ..shapes import spread
from ..table import RULES, Function
from .text import TIMES, index, short_name


class Factor(NamedTuple):
    """A number or an array in a product: the sign before it, what it is called, and its symbol."""

    sign: str
    label: str
    symbol: str
    value: Any


@dataclass(frozen=True)
class Told:
    """The right-hand side of the chain rule along an edge, and what it is made of.

    `compute` makes the contribution of the values of the factors; `sign` stands between them and the contribution,
    which is shown in `shape`. `matrices` says whether two factors are matrices whose product it is ("product"), or
    the first one is a matrix whose columns are summed ("columns").
    """

    symbols: str
    factors: Sequence[Factor]
    words: str
    compute: Callable[..., Any]
    sign: str = ""  # where it is none, = or a sign of approximation
    closing: str = ""  # a bracket that was opened by the sign of a factor
    label: str = "contribution"
    shape: tuple[int, ...] | None = None
    matrices: str = ""


class Asked(NamedTuple):
    """What is known of an edge: the operation, the place of its argument, and what came back, with its symbol."""

    node: Node
    place: int
    upstream: Any
    slope: str
    letter: str  # a short name for the upstream gradient, that nothing in the graph has
    symbols: Mapping[int, str]  # of the operands, by their places

    def factor(self, sign: str = "", named: bool = False) -> Factor:
        """The upstream gradient as a factor."""
        return Factor(sign, "upstream", f"{self.letter} = {self.slope}" if named else self.slope, self.upstream)


def told(asked: Asked, contribution: Any) -> Told:
    """The chain rule along the edge to an operation that is not elementwise."""
    write = TEXTBOOK.get(asked.node.fun)  # type: ignore[arg-type]
    found = write(asked) if write else None
    if found is not None and agrees(found, contribution):
        return found
    name = short_name(asked.node.fun)  # type: ignore[arg-type]
    symbols = asked.slope if takes_all(asked) else f"pullback of {name} at {asked.slope}"
    return passed_on(asked, symbols, f"the pullback of {name}, a linear function of the upstream gradient")


def takes_all(asked: Asked) -> bool:
    """Whether the rule hands on the upstream gradient as it is."""
    each = RULES[asked.node.fun].each  # type: ignore[index]
    return asked.place < len(each) and each[asked.place] == 1


def agrees(found: Told, contribution: Any) -> bool:
    """Whether the factors make what the engine handed back, to the rounding of its numbers."""
    if not found.sign:
        with np.errstate(all="ignore"):
            made = np.asarray(found.compute(*(factor.value for factor in found.factors)), dtype=np.float64)
        size = np.max(np.abs(made), initial=0)
        close = np.allclose(made.reshape(-1), np.reshape(contribution, -1), 1e-4, 1e-5 * size, equal_nan=True)
        return made.size == np.size(contribution) and bool(close)
    return True


def passed_on(asked: Asked, symbols: str, words: str) -> Told:
    """What only moves the upstream gradient, or is told in words alone."""
    return Told(symbols, [asked.factor()], words, lambda g: g, "→")


# --- Products of matrices -------------------------------------------------------------------------------------------


def matrix_product(asked: Asked) -> Told | None:
    """G bᵀ and aᵀ G, vectors being the rows and columns that they stand for."""
    a, b = (np.asarray(value) for value in asked.node.values[:2])
    if asked.place == 2:
        return column_sums(asked)
    if not a.ndim or not b.ndim or b.ndim > 2 or not np.size(asked.upstream):
        return None
    rows, columns = a.reshape(-1, a.shape[-1]), b.reshape(len(b), -1)
    g = np.reshape(asked.upstream, (len(rows), columns.shape[1]))
    upstream = asked.factor(named=True)._replace(value=g)
    other = asked.symbols[1 - asked.place]
    transposed = Factor("", "transposed", f"{other}ᵀ", (rows if asked.place else columns).T)
    factors = [transposed, upstream] if asked.place else [upstream, transposed]
    symbols = " ".join(f"{other}ᵀ" if factor is transposed else asked.letter for factor in factors)
    words = f"{symbols}, a product of matrices, where {asked.letter} is the upstream gradient {asked.slope}"
    shape = columns.shape if asked.place else rows.shape
    return Told(symbols, factors, words, np.matmul, shape=shape, matrices="product")


def column_sums(asked: Asked) -> Told | None:
    """What a bias gets, which was added to every row."""
    bias = np.asarray(asked.node.values[2])
    if bias.ndim != 1 or not np.size(asked.upstream):
        return None
    upstream = asked.factor()._replace(value=np.reshape(asked.upstream, (-1, bias.size)))
    words = "the sum of the upstream gradient over the rows, since it was added to each"
    return Told(
        f"{asked.slope}, summed over the rows", [upstream], words, lambda g: np.sum(g, axis=0, keepdims=True),
        label="column by column", shape=(1, bias.size), matrices="columns",
    )  # fmt: skip


# --- Sums, means, losses --------------------------------------------------------------------------------------------


def each_gets(asked: Asked) -> Told | None:
    """What the entries of a sum or a mean get: all of the upstream gradient, or 1/n of it."""
    x, kwargs = np.asarray(asked.node.values[0]), asked.node.kwargs
    axis, keepdims = kwargs.get("axis"), kwargs.get("keepdims", False)
    if not x.size or len(asked.node.values) > 1:
        return None
    own = "the upstream gradient" if np.size(asked.upstream) == 1 else "the upstream gradient of its own sum"
    if asked.node.fun is np.sum:
        symbols = f"{asked.slope}, to each entry"
        return Told(symbols, [asked.factor()], f"each entry gets {own}", lambda g: spread(g, x.shape, axis, keepdims))
    n = x.size // max(1, np.size(asked.upstream))
    own = own.replace("sum", "mean")
    return Told(
        f"{asked.slope} {TIMES} 1/{n}, to each entry", [asked.factor(), Factor("/", "each gets 1/n", f"n = {n}", n)],
        f"each of {n} entries gets 1/{n} of {own}", lambda g, n: spread(g / n, x.shape, axis, keepdims),
    )  # fmt: skip


def surplus_of_classes(asked: Asked) -> Told | None:
    """Softmax with cross-entropy: p less the one-hot label."""
    logits, labels = (np.asarray(value) for value in asked.node.values)
    if asked.place or not logits.size:
        return None
    p = softmax(logits.astype(np.float64))
    onehot = np.zeros(p.shape)
    np.put_along_axis(onehot, labels[..., None], 1.0, axis=-1)
    upstream = asked.factor()._replace(value=np.asarray(asked.upstream)[..., None])
    single = np.size(asked.upstream) == 1
    return Told(
        f"{asked.slope} {TIMES} (p - onehot)",
        [upstream, Factor(f"{TIMES} (", "softmax", "p", p), Factor("-", "label", "onehot", onehot)],
        f"the upstream gradient{'' if single else ' of each row'} times p - onehot, "
        f"where p = softmax({asked.symbols[0]}) and onehot is 1 at the label",
        lambda g, p, onehot: g * (p - onehot), closing=") ",
    )  # fmt: skip


# --- What only moves numbers ----------------------------------------------------------------------------------------


def put_back(asked: Asked) -> Told | None:
    """What an index took goes back to where it was."""
    where = index(asked.node.args[1]) if len(asked.node.args) > 1 else "..."
    symbols = f"{asked.slope} at [{where}], 0 elsewhere"
    return passed_on(asked, symbols, "the upstream gradient goes back to the entries that were taken, the others get 0")


def reshaped(asked: Asked) -> Told | None:
    """The same numbers in the shape that they had."""
    shape = np.shape(asked.node.values[0])
    return passed_on(asked, f"{asked.slope} in the shape {shape}", f"the same numbers, back in the shape {shape}")


def moved_back(asked: Asked) -> Told | None:
    """The same numbers with the axes in the order that they had."""
    return passed_on(asked, f"{asked.slope}ᵀ", "the same numbers, with the axes back in their order")


def own_part(asked: Asked) -> Told | None:
    """Of what was joined each gets its part."""
    return passed_on(asked, f"its part of {asked.slope}", "of what was joined each argument gets its own part")


def to_extremes(asked: Asked) -> Told | None:
    """What the largest or the smallest entries get."""
    which = "largest" if asked.node.fun is np.max else "smallest"
    symbols = f"{asked.slope} at the {which} entry, 0 elsewhere"
    return passed_on(asked, symbols, f"the {which} entry gets the upstream gradient, the others 0 (ties share it)")


def at_labels(asked: Asked) -> Told | None:
    """The negative log-likelihood takes one entry of each row."""
    symbols = f"-{asked.slope} at the labels, 0 elsewhere"
    return passed_on(asked, symbols, "less the upstream gradient at the labels, and 0 elsewhere")


TEXTBOOK: dict[Function, Callable[[Asked], Told | None]] = {
    np.matmul: matrix_product, affine: matrix_product, np.sum: each_gets, np.mean: each_gets,
    softmax_cross_entropy: surplus_of_classes, nll: at_labels, operator.getitem: put_back, np.reshape: reshaped,
    np.squeeze: reshaped, np.expand_dims: reshaped, np.transpose: moved_back, np.swapaxes: moved_back,
    np.moveaxis: moved_back, np.ravel: reshaped, join: own_part, stack: own_part, np.max: to_extremes,
    np.min: to_extremes,
}  # fmt: skip
