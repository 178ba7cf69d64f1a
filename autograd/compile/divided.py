"""A long native function as several: what a compiler does with one grows with the square of its length.

Statements that follow each other move into a function of their own, which is given the names that they read and returns
those that are read elsewhere, or there in the next turn of a loop. What returns early stays where it is. No number
changes by that.
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import count

SHORT = 60  # lines that stay together
Lines = list[str]


def divided(source: str) -> str:
    """The source of one function as that of several, each about as long as `SHORT`; the last is the one that is called.

    Each simple statement is one line.
    """
    (function,) = ast.parse(source).body
    assert isinstance(function, ast.FunctionDef)
    if source.count("\n") <= 2 * SHORT:
        return source
    parts = Parts(function, source.splitlines())
    body = parts.shortened(function.body)
    return "".join("\n".join(lines) + "\n\n\n" for lines in [*parts.made, [parts.lines[0], *body]])


def names(nodes: Iterable[ast.AST], kind: type[ast.expr_context]) -> Counter[str]:
    """How often names are loaded, or stored; `x += 1` does both."""
    found: Counter[str] = Counter()
    for x in (x for node in nodes for x in ast.walk(node)):
        if isinstance(x, ast.Name) and isinstance(x.ctx, kind):
            found[x.id] += 1
        elif isinstance(x, ast.AugAssign) and isinstance(x.target, ast.Name) and kind is ast.Load:
            found[x.target.id] += 1
    return found


class Parts:
    """The parts of a function in the making."""

    def __init__(self, function: ast.FunctionDef, lines: Lines) -> None:
        self.lines = lines
        self.given = {x.arg for x in function.args.args}
        self.loads, self.stores = names([function], ast.Load), names([function], ast.Store)
        self.used = {function.name, *self.given, *self.loads, *self.stores}
        self.name = function.name
        self.made: list[Lines] = []

    def shortened(self, body: Sequence[ast.stmt]) -> Lines:
        """The lines of statements, with calls of parts in the place of most."""
        found: Lines = []
        run: list[tuple[ast.stmt, Lines]] = []
        for statement in body:
            lines = self.lines[statement.lineno - 1 : statement.end_lineno]
            if isinstance(statement, ast.For) and len(lines) > SHORT:
                lines = [lines[0], *self.shortened(statement.body)]
            if any(isinstance(x, ast.Return) for x in ast.walk(statement)):
                found += [*self.moved(run), *lines]
                run = []
            else:
                run.append((statement, lines))
            if sum(len(lines) for _, lines in run) >= SHORT:
                found += self.moved(run)
                run = []
        return [*found, *(line for _, lines in run for line in lines)]

    def moved(self, run: Sequence[tuple[ast.stmt, Lines]]) -> Lines:
        """The call of a new part that does what these statements do; themselves if they are few."""
        statements, lines = [statement for statement, _ in run], [line for _, lines in run for line in lines]
        if len(lines) < SHORT // 2:
            return lines
        loads, stores = names(statements, ast.Load), names(statements, ast.Store)
        before = self.given | {x for x in self.stores if self.stores[x] > stores[x]}  # what may be something already
        sure: set[str] = set()  # what is stored here whatever happens
        takes: set[str] = set()
        for statement in statements:
            read = names([statement], ast.Load).keys()
            written = names([statement], ast.Store).keys() & self.loads.keys()  # and somebody reads it
            if isinstance(statement, (ast.Assign, ast.AugAssign)):
                takes |= read & before - sure
                sure |= written
            else:  # it may store a name in some turns alone, which is in others what it was
                takes |= (read | written) & before - sure
        gives = ", ".join(sorted(x for x in stores if self.loads[x] > loads[x] or x in takes))
        call = f"{self.fresh()}({', '.join(sorted(takes))})"
        margin = lines[0][: -len(lines[0].lstrip())]
        body = [f"    {line.removeprefix(margin)}" for line in lines]
        self.made.append([f"def {call}:", *body, *([f"    return {gives}"] if gives else [])])
        return [f"{margin}{f'{gives} = ' if gives else ''}{call}"]

    def fresh(self) -> str:
        """A name for a part."""
        name = next(name for i in count(len(self.made) + 1) if (name := f"{self.name}_{i}") not in self.used)
        self.used.add(name)
        return name
