"""A logistic regression on rows that lie in blocks: the same numbers for every peer, whatever holds the blocks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]

LR = 1.0  # of a step down the mean loss


@dataclass(frozen=True)
class Rows:
    """Features (rows, columns) in float64 with labels of 0 and 1, in blocks of rows.

    `newton` says what a step is: value, gradient and a step down it, or as many steps of Newton's method, from zero.
    Rows that are `fleeting` are made each time they are read, and let go: there is memory for some blocks.
    """

    key: str
    name: str  # how tables call it
    rows: int = 2_000_000
    blocks: int = 20
    columns: int = 30
    newton: int = 0
    fleeting: bool = False

    def block(self, i: int) -> tuple[Array, Array]:
        """The i-th block: X and y."""
        rng = np.random.default_rng((0, i))
        X = rng.random((self.rows // self.blocks, self.columns))
        X -= 0.5
        truth = np.linspace(-1, 1, self.columns)
        return X, (rng.random(len(X)) < 1 / (1 + np.exp(-(X @ truth)))).astype(float)


FLEETING = tuple(
    Rows(f"rows{n}", f"{10**n:,} rows, made when they are read", 10**n, 10 ** (n - 5), fleeting=True) for n in (6, 7, 8)
)
ROWS = {
    case.key: case
    for case in (
        Rows("slope", "value and gradient, 2,000,000 x 30"),
        Rows("newton", "six steps of Newton, 2,000,000 x 30", newton=6),
        *FLEETING,
    )
}
MEASURED = ("slope", "newton")
