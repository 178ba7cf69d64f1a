"""Every derivative in the project, by chapter. Importing the package fills the table."""

from . import (
    across,
    anywhere,
    choices,
    elementwise,
    gates,
    joining,
    linalg,
    masked,
    products,
    reductions,
    sequences,
    special,
    statistics,
    structure,
    windows,
)

__all__ = [
    "across",
    "anywhere",
    "choices",
    "elementwise",
    "gates",
    "joining",
    "linalg",
    "masked",
    "products",
    "reductions",
    "sequences",
    "special",
    "statistics",
    "structure",
    "windows",
]
