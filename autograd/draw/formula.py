"""The formula of a derivative as it is written in the table: the text of exactly that rule, from its source file.

The text is found by the positions that Python keeps in a function's code, and read with `ast`: it cannot drift from
what the engine computes with.
"""

from __future__ import annotations

import ast
import functools
import inspect
import linecache
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import CodeType, FunctionType
from typing import Any

from ..table import ONE, ZERO, Rule, stated

PACKAGE = Path(__file__).parent.parent
SHORT = 60  # a function of fewer lines is shown as a whole
CONSTANT = stated(2).__code__  # the code of each rule that the table made of a number
NO_SOURCE = "its source is not at hand: it was stated in an interactive session, or is compiled"


@dataclass(frozen=True)
class Formula:
    """A rule of the table. `text` is what it computes, `where` its file and line, `notes` what helpers in it mean."""

    text: str
    where: str = ""
    notes: tuple[str, ...] = ()
    names: tuple[tuple[str, int, int], ...] = ()  # each use of a parameter in the text: its name, its start, its end
    parameters: tuple[str, ...] = ()

    def with_names(self, meaning: Mapping[str, str]) -> str:
        """The text with other names, or numbers, for its parameters."""
        text = self.text
        for name, start, end in reversed(self.names):
            text = text[:start] + meaning.get(name, name) + text[end:]
        return text


def formula_of(rule: Rule, place: int) -> Formula:
    """The formula of a rule of the table, for the argument at `place` of the call."""
    stated_rule = rule.each[place] if rule.every is None else rule.every
    if stated_rule is ONE or stated_rule is ZERO or getattr(stated_rule, "__code__", None) is CONSTANT:
        number = stated_rule if isinstance(stated_rule, int) else stated_rule()
        return Formula(statement_argument(rule.site, 1 + place) or f"{number:.6g}", location(*rule.site))
    function = as_stated(stated_rule)
    if not isinstance(function, FunctionType):  # a ufunc, a partial, an object with __call__
        return Formula(getattr(function, "__name__", repr(function)), location(*rule.site))
    code = function.__code__
    where, found = location(code.co_filename, code.co_firstlineno), definition(code)
    if found is None:
        return Formula(f"{function.__name__}(...)", where, notes=(NO_SOURCE,))
    lines = linecache.getlines(code.co_filename)
    if isinstance(found, ast.FunctionDef):
        return Formula(inspect.cleandoc("".join(lines[found.lineno - 1 : found.end_lineno])), where)
    return of_lambda(found, lines, where, function)


def as_stated(rule: Any) -> Any:
    """The function that somebody wrote: `defvjp` of HIPS autograd's users wraps theirs."""
    for cell in getattr(rule, "__closure__", None) or ():
        inner = cell.cell_contents
        if isinstance(inner, FunctionType) and inner.__code__.co_filename != rule.__code__.co_filename:
            return inner
    return rule


@functools.cache
def parsed(filename: str, text: str) -> list[ast.AST]:
    """Everything in a file; nothing of one that is none of Python's."""
    try:
        return list(ast.walk(ast.parse(text, filename)))
    except SyntaxError:
        return []


def syntax(filename: str) -> list[ast.AST]:
    """Everything in a file, as it is on disk."""
    return parsed(filename, "".join(linecache.getlines(filename)))


def statement_argument(site: tuple[str, int], place: int) -> str | None:
    """The text of an argument of the call of `partials` or `pullbacks` on this line."""
    for node in syntax(site[0]):
        if isinstance(node, ast.Call) and node.lineno == site[1] and place < len(node.args):
            return ast.get_source_segment("".join(linecache.getlines(site[0])), node.args[place])
    return None


@functools.lru_cache(512)
def definition(code: CodeType) -> ast.Lambda | ast.FunctionDef | None:
    """Where a function is written, or None where its source is not at hand or not what was compiled."""
    found = None
    for node in syntax(code.co_filename):
        if isinstance(node, ast.FunctionDef):
            first = node.decorator_list[0] if node.decorator_list else node
            if (node.name, first.lineno) == (code.co_name, code.co_firstlineno):
                return node
        elif isinstance(node, ast.Lambda) and code.co_name == "<lambda>" and holds(node.body, code):
            found = node  # the last is the innermost
    return found


def holds(body: ast.expr, code: CodeType) -> bool:
    """Whether all that `code` does is written in `body`."""
    start, end = (body.lineno, body.col_offset), (body.end_lineno or 0, body.end_col_offset or 0)
    places = [p for p in code.co_positions() if None not in p and p[2:] != (0, 0)]  # without the one of its entry
    return bool(places) and all(start <= (p[0], p[2]) and (p[1], p[3]) <= end for p in places)


def of_lambda(node: ast.Lambda, lines: list[str], where: str, rule: FunctionType) -> Formula:
    """What is after the colon, on one line."""
    body = node.body
    raw = [line.encode() for line in lines[body.lineno - 1 : body.end_lineno]]  # ast counts bytes
    raw[-1] = raw[-1][: body.end_col_offset]
    raw[0] = raw[0][body.col_offset :]
    own = {name.arg for name in ast.walk(node.args) if isinstance(name, ast.arg)}
    inner = [n for n in ast.walk(body) if isinstance(n, (ast.Lambda, ast.comprehension))]  # may give names anew
    starred = {arg.arg for arg in (node.args.vararg, node.args.kwarg) if arg}
    uses = [n for n in ast.walk(body) if isinstance(n, ast.Name) and n.id in own - starred and not inner]
    if len(raw) > 1:
        text, uses = " ".join(line.decode().strip() for line in raw), []
    else:
        text = raw[0].decode()
    names = []
    for use in sorted(uses, key=lambda use: use.col_offset):
        first, last = (
            len(raw[0][: col - body.col_offset].decode()) for col in (use.col_offset, use.end_col_offset or 0)
        )
        names.append((use.id, first, last))
    helpers = dict.fromkeys(n.id for n in ast.walk(body) if isinstance(n, ast.Name) and n.id not in own)
    notes = tuple(filter(None, (helper_note(name, rule.__globals__.get(name)) for name in helpers)))
    return Formula(text, where, notes, tuple(names), tuple(rule.__code__.co_varnames[: rule.__code__.co_argcount]))


def helper_note(name: str, helper: Any) -> str:
    """What a helper in a formula means: the first line of its docstring."""
    doc = inspect.getdoc(helper) if isinstance(helper, FunctionType) else None
    return f"{name}: {doc.splitlines()[0]}" if doc else ""


def location(filename: str, line: int) -> str:
    """A file and a line, as one would say it."""
    return f"{short_path(filename)}:{line}"


def short_path(filename: str) -> str:
    """A file's name as one would say it: from the package, from the present folder, or its last part."""
    path = Path(filename)
    for folder in (PACKAGE.parent, Path.cwd()):
        if path.is_relative_to(folder):
            return path.relative_to(folder).as_posix()
    return path.name


def source_lines(filename: str, first: int, last: int) -> list[str]:
    """These lines of a file, counted from 1; none where the source is not at hand."""
    return [line.rstrip("\n") for line in linecache.getlines(filename)[first - 1 : last]]


def lines_around(filename: str, line: int) -> tuple[int, int]:
    """The first and the last line of the function around a line, if it is short; else a few lines around it."""
    functions = [
        node for node in syntax(filename)
        if isinstance(node, ast.FunctionDef) and node.lineno <= line <= (node.end_lineno or 0) < node.lineno + SHORT
    ]  # fmt: skip
    if functions:
        outermost = functions[0]
        return outermost.lineno, outermost.end_lineno or line
    return max(1, line - 2), line + 1
