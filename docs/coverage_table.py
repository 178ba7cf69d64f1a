"""Which functions have a derivative: read from the derivative table, as Markdown."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import autograd
import autograd.synonyms
import nn.synonyms
from autograd.table import COMPOSITES, PLAIN, RULES, name_of


def listed(functions: Iterable[Any]) -> str:
    """The names of functions, sorted, as code; those of Python's own operators by what one types."""
    names = {name_of(fun) for fun in functions} - {"getitem"}
    public = {name for name in names if name.startswith("np.") or hasattr(autograd, name.rpartition(".")[2])}
    return ", ".join(f"`{name}`" for name in sorted(public))


def synonyms() -> str:
    """What others call things, and what to write here, as Markdown: the tables that the errors are made of."""
    parts = []
    for title, table in (
        ("`nn.`, beside what is there", nn.synonyms.NAMES),
        ("`autograd.`", autograd.synonyms.NAMES),
        ("methods and attributes of a Tensor", autograd.synonyms.METHODS),
        ("of a Value", autograd.synonyms.VALUES),
        ("`nn.data.`", nn.synonyms.DATA),
        ("methods of a model", nn.synonyms.METHODS),
        ("keywords of `fit`", nn.synonyms.KEYWORDS),
    ):
        rows = [f"| `{name}` | `{answer}` |" for name, answer in sorted(table.items()) if answer]
        parts += [f"### {title}", "\n".join(["| who types | is told to write |", "| --- | --- |", *rows])]
    return "\n\n".join(parts)


def tables() -> str:
    """The three lists, under a heading each."""
    elementwise = [fun for fun, rule in RULES.items() if rule.elementwise]
    others = [fun for fun, rule in RULES.items() if not rule.elementwise]
    return "\n\n".join(
        [
            "## Elementwise: they state partial derivatives",
            listed(elementwise),
            "## Others: they state pullbacks",
            listed(others),
            "## Made of those",
            listed(COMPOSITES),
            "## Without a derivative: they answer with plain arrays",
            listed(PLAIN),
        ]
    )
