"""The numbers of an equation, as the texts that stand side by side in a step."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from .text import APPROXIMATELY, TIMES, in_full, rows, to_compute_with
from .textbook import Told

Rows = list[list[str]]
PLACE = "\N{MATHEMATICAL LEFT WHITE SQUARE BRACKET}"  # begins a place for a number: no name of a program has it


@dataclass(frozen=True)
class Term:
    """A number or an array in an equation, with the sign before it and what it is called."""

    sign: str
    label: str
    symbol: str
    rows: Rows
    summary: bool = False  # whether the rows are a minimum, a mean and a maximum
    shape: str = ""  # of a matrix in a product


def in_brackets(text: str) -> str:
    """A negative number as it stands in a formula."""
    return f"({text})" if text.startswith("-") else text


def term(sign: str, label: str, symbol: str, value: Any) -> Term:
    """A term with the numbers of `value`."""
    return Term(sign, label, symbol, rows(value), not in_full(value))


def product_terms(found: Told, given: Any, via: str) -> list[Term]:
    """The factors and the contribution that they make, with as many digits as a reader needs to compute it."""
    values = [factor.value for factor in found.factors]
    given = given if found.shape is None else np.reshape(given, found.shape)
    texts, sign = [rows(value) for value in values], found.sign
    if not sign:
        texts, sign = to_compute_with(found.compute, values, given)
    shaped = found.matrices and sign != "→"
    terms = [
        Term(f.sign, f.label, f.symbol, text, not in_full(f.value), f"{np.shape(f.value)}" if shaped else "")
        for f, text in zip(found.factors, texts)
    ]
    last = term(f"{found.closing}{sign}", found.label, via, given)
    return [*terms, replace(last, shape=f"{np.shape(given)}" if shaped else "")]


def carried(found: Told, terms: Sequence[Term]) -> str:
    """What stands on the arrow back: the factors, if they are single numbers, else what the symbols say."""
    *factors, _ = terms
    if factors and all(len(factor.rows) == len(factor.rows[0]) == 1 for factor in factors):
        texts = [in_brackets(factor.rows[0][0]) if factor.sign else factor.rows[0][0] for factor in factors]
        return " ".join(f"{factor.sign} {text}".strip() for factor, text in zip(factors, texts)) + found.closing
    elementwise = found.factors and found.factors[-1].label == "local derivative"
    return f"upstream {TIMES} local" if elementwise else found.symbols


def read_out(found: Told, terms: Sequence[Term]) -> str:
    """An equation of single numbers within a sentence: "upstream 2 times local derivative 3 is 6"."""
    *factors, last = terms
    result = "about " * (APPROXIMATELY in last.sign) + last.rows[0][0]
    single = all(len(factor.rows) == len(factor.rows[0]) == 1 for factor in factors)
    if not single or factors[-1].label != "local derivative":
        return f"{found.words}: {result}"
    return f"{' times '.join(f'{factor.label} {factor.rows[0][0]}' for factor in factors)} is {result}"


def with_places(terms: Sequence[Term]) -> list[Term]:
    """The same terms with places for numbers: "upstream ⟦upstream] times ..."."""
    *factors, last = [replace(term, rows=[[f"{PLACE}{term.label}]"]]) for term in terms]
    return [*factors, replace(last, sign="=", rows=[[f"{PLACE}contribution]"]])]
