"""The registry: which function has which derivative. It knows no graph. Next: `rules/elementwise.py`, what is in it.

One table, keyed by the functions themselves. Elementwise functions state partial derivatives, everything else
states pullbacks (vector-Jacobian products), one per argument:

    partials(np.tanh, lambda y, x: 1 - y * y)
    pullbacks(np.matmul, lambda g, y, a, b: g @ T(b), lambda g, y, a, b: T(a) @ g)

A rule gets the result `y` and the call's own arguments, positional and by keyword; a pullback gets the upstream
gradient `g` before them. A number is a constant partial, None an argument that has no derivative. Rules are written
in operators and NumPy calls: the same rule runs on floats, on arrays and on nodes.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Collection, Iterable
from typing import Any

from .inspecting import signature_of

Function = Callable[..., Any]


class Rule:
    """How one function is differentiated: a partial or a pullback per argument, or all of them from one call.

    `each` holds a callable, a number or None per positional argument. `every`, for functions of any number of
    arguments, is one callable that answers with all of them. `counts` says how many arguments it takes by position,
    None for any number, `keywords` which it understands by name, `site` the file and line where it is stated.
    """

    __slots__ = ("any_keyword", "counts", "each", "elementwise", "every", "into", "keywords", "singular", "site")

    def __init__(
        self, each: tuple[Any, ...], every: Function | None, elementwise: bool, singular: bool, into: Any = None
    ) -> None:
        caller = sys._getframe(2)  # of partials or pullbacks
        self.site = (caller.f_code.co_filename, caller.f_lineno)
        self.each = each
        self.every = every
        self.elementwise = elementwise
        self.singular = singular
        self.into = into
        first = next((rule for rule in (*each, every) if callable(rule)), None)
        parameters = signature_of(first) if first else ()
        values = parameters[1 if elementwise else 2 :][: len(each)]  # after y, or g and y
        needed = sum(p.default is p.empty and p.kind is p.POSITIONAL_OR_KEYWORD for p in values)
        self.counts = None if every else frozenset(range(needed, len(each) + 1))
        metadata = () if elementwise else parameters[2 + len(each) :] if each else parameters
        self.keywords = frozenset(p.name for p in metadata if p.kind in (p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY))
        self.any_keyword = any(p.kind is p.VAR_KEYWORD for p in parameters)

    def takes(self, count: int, keywords: Collection[str]) -> bool:
        """Whether it is for a call with so many arguments by position, and these by keyword."""
        fits = self.counts is None or count in self.counts
        return fits and (self.any_keyword or self.keywords.issuperset(keywords))


ONE, ZERO = 1, 0  # constant partials that the sweep knows by identity: they need no product

RULES: dict[Function, Rule] = {}
COMPOSITES: dict[Function, Function] = {}
PLAIN: set[Function] = set()
CHAPTERS: dict[str, Callable[[], None]] = {}  # what states the derivatives of a library that not everybody imports


def partials(
    fun: Function, *each: Function | float | None, every: Function | None = None, singular: bool = False
) -> None:
    """State the partial derivatives of the elementwise function `fun`, one per argument: `p(y, *args)`.

    `singular` marks partials that can be infinite: there an upstream gradient of exactly 0 wins (0 * inf = 0).
    """
    RULES[fun] = Rule(tuple(map(stated, each)), every, elementwise=True, singular=singular)


def stated(rule: Function | float | None) -> Any:
    """A rule as the sweep reads it: 1 and 0 as ONE and ZERO, another constant as a function."""
    if callable(rule) or rule is None:
        return rule
    return ONE if rule == 1 else ZERO if rule == 0 else lambda *_: rule


def pullbacks(
    fun: Function, *each: Function | int | None, every: Function | None = None, into: Function | None = None
) -> None:
    """State the pullbacks of `fun`, one per argument: `vjp(g, y, *args, **kwargs)`, of the argument's shape
    or of one that broadcasting made of it. It returns a new array, `g` itself, or a view of `g`.

    `into(total, g, *args)` adds what the first one gives to an array in place, where that costs less than a new one.
    """
    RULES[fun] = Rule(tuple(map(stated, each)), every, elementwise=False, singular=False, into=into)


def composite(fun: Function, made_of: Function) -> None:
    """State that `fun`, called on nodes, means `made_of`, a function with the same arguments written in others.

    A function may have a rule, too: that one is for calls with the arguments it knows, `made_of` for those with more.
    """
    COMPOSITES[fun] = made_of


def plain(functions: Iterable[Function]) -> None:
    """State that these functions have no derivative to speak of: on nodes they answer with plain arrays."""
    PLAIN.update(functions)


def chapter(module: str, read: Callable[[], None]) -> None:
    """State that `read()` fills the table for the functions of `module`: when one meets a node, and not before."""
    CHAPTERS[module] = read


def read_chapters() -> None:
    """Read the chapters about what the user has imported. What somebody has stated before stays."""
    own = dict(RULES)
    for module, read in CHAPTERS.items():
        if module in sys.modules:
            read()
    RULES.update(own)


def read_on(fun: Function) -> bool:
    """Whether the table has `fun` once the chapters are read."""
    read_chapters()
    return fun in RULES or fun in COMPOSITES or fun in PLAIN
