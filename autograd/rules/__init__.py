"""Every derivative in the project, by chapter. Importing the package fills the table."""

from . import elementwise, linalg, products, reductions, special, structure, windows

__all__ = ["elementwise", "linalg", "products", "reductions", "special", "structure", "windows"]
