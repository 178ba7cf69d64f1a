"""Which entry of the table a call of NumPy means, with which arguments, and what to say if it means none.

NumPy asks nodes what its functions do (`__array_ufunc__`, `__array_function__` in operators.py). It gives the call as
the user wrote it: by position or by name, with defaults written out.
"""

from __future__ import annotations

import functools
import inspect
import itertools
import math
import sys
from collections.abc import Iterable
from typing import Any, NoReturn

import numpy as np

from .arrays import PLAIN_TYPES
from .inspecting import name_of
from .rules.structure import WantsNumbers
from .synonyms import numpys_name
from .table import CHAPTERS, COMPOSITES, RULES, ZERO, Function
from .trees import leaves

# ufunc.reduce and ufunc.accumulate by the names that the table knows; others stand there under their own
REDUCE: dict[Any, Function] = {np.add: np.sum, np.multiply: np.prod, np.maximum: np.max, np.minimum: np.min}
ACCUMULATE: dict[Any, Function] = {np.add: np.cumsum, np.multiply: np.cumprod}
HIDDEN: dict[str, Function] = {"clip": np.clip}  # ufuncs without a public name: what array.clip(t) calls
UNSAID: dict[str, Any] = {  # the defaults of ufuncs and of their methods
    "where": True, "casting": "same_kind", "order": "K", "subok": True, "dtype": None, "initial": None,
}  # fmt: skip

signature = functools.cache(inspect.signature)


def meant(ufunc: np.ufunc, method: str, kwargs: dict[str, Any]) -> tuple[Function, dict[str, Any]]:
    """The function that a ufunc, or a method of one, is to the table, and the keywords that say something."""
    if "out" in kwargs:
        raise TypeError(
            f"{name_of(ufunc)}: a node cannot be written into an array (out=, or an operator such as +=): "
            "write a = a + t, or use the numbers alone, t.data"
        )
    kwargs = {key: x for key, x in kwargs.items() if key not in UNSAID or not repeats(key, x, UNSAID[key])}
    if method == "__call__":
        return HIDDEN.get(ufunc.__name__, ufunc), kwargs
    named = {"reduce": REDUCE, "accumulate": ACCUMULATE}.get(method, {})
    if named:
        kwargs = {"axis": 0} | kwargs
    return named.get(ufunc, getattr(ufunc, method)), kwargs


def resolved(
    func: Function, args: tuple[Any, ...], kwargs: dict[str, Any]
) -> tuple[Function | None, tuple[Any, ...], dict[str, Any]]:
    """What a call of `func`, which the table knows, is made of, None if it is recorded as it is; and its arguments."""
    rule, made_of = RULES.get(func), COMPOSITES.get(func)
    if rule is not None:
        args, kwargs = canonical(func, len(rule.each), args, kwargs)
        if made_of is None or rule.takes(len(args), kwargs):
            if not rule.any_keyword:
                refuse_unknown(func, kwargs.keys() - rule.keywords)
            return None, args, kwargs
    most, keywords = accepted(made_of)
    if len(args) > most or not keywords.issuperset(kwargs):
        args, kwargs = canonical(func, required(func), args, kwargs)
        refuse_unknown(func, kwargs.keys() - keywords)
    return made_of, args, kwargs


def refuse_unknown(func: Function, names: Iterable[str]) -> None:
    """Raise a TypeError if there are names of keywords that `func` does not take on nodes."""
    unknown = ", ".join(f"{name}=" for name in sorted(names))
    if unknown:
        raise TypeError(f"{asked_for(func)} does not take {unknown} on Values and Tensors")


def refuse_nodes(func: Function, kwargs: dict[str, Any]) -> None:
    """Raise a TypeError if a node that counts is among the metadata, which no rule differentiates by."""
    for name, given in kwargs.items():
        if type(given) not in PLAIN_TYPES and any(getattr(x, "_requires_grad", False) for x in leaves(given)):
            raise TypeError(f"{name_of(func)} has no derivative by {name}=: that is a plain number, .item() of a node")


@functools.cache
def required(func: Function) -> int:
    """How many arguments `func` needs."""
    try:
        parameters = signature(func).parameters.values()
    except ValueError:
        return 0
    return sum(p.default is p.empty and p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD) for p in parameters)


@functools.cache
def accepted(made_of: Function) -> tuple[float, frozenset[str]]:
    """How many arguments a function takes by position, and which by keyword."""
    parameters = signature(made_of).parameters.values()
    positional = [p for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    endless = any(p.kind is p.VAR_POSITIONAL for p in parameters)
    named = frozenset(p.name for p in parameters if p.kind in (p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY))
    return math.inf if endless else len(positional), named


def repeats(name: str, given: Any, default: Any) -> bool:
    """Whether an argument only says what would be without it."""
    if given is default or (name == "where" and given is True):
        return True
    return type(given) is type(default) and isinstance(given, (bool, int, str)) and given == default


def canonical(
    func: Function, positional: int, args: tuple[Any, ...], kwargs: dict[str, Any]
) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """The same call with the first `positional` arguments, the values, by position and the others, the metadata, by
    keyword; arguments that only repeat their default are left out.
    """
    try:
        places = placed(func, len(args), tuple(kwargs))
    except ValueError:  # older versions of NumPy tell none of what is written in C
        return args, kwargs
    values: list[Any] = []
    metadata: dict[str, Any] = {}
    for parameter, source in places:
        if parameter.kind is parameter.VAR_POSITIONAL:
            values.extend([args[i] for i in source])
            continue
        if parameter.kind is parameter.VAR_KEYWORD:
            metadata.update({name: kwargs[name] for name in source})
            continue
        given = args[source] if type(source) is int else kwargs[source]
        if len(values) < positional:
            values.append(given)
        elif not repeats(parameter.name, given, parameter.default):
            metadata[parameter.name] = given
    return tuple(values), metadata


@functools.cache
def placed(func: Function, count: int, names: tuple[str, ...]) -> list[tuple[inspect.Parameter, Any]]:
    """The parameters of a call with so many arguments by position and these by name, and where each is among them."""
    bound = signature(func).bind(*range(count), **{name: name for name in names})
    return [(signature(func).parameters[name], source) for name, source in bound.arguments.items()]


def computes_with(fun: Function, i: int) -> bool:
    """Whether the i-th argument takes part in arithmetic, and is no index, condition or label."""
    rule = RULES[fun]
    return rule.elementwise if rule.every else rule.each[i] is not None and rule.each[i] is not ZERO


# --- What to say ----------------------------------------------------------------------------------------------------

WRITING = {np.copyto, np.put, np.place, np.putmask, np.put_along_axis, np.fill_diagonal}  # they change an array
KINDS = (
    np.linalg.LinAlgError,
    np.exceptions.AxisError,
    WantsNumbers,
    IndexError,
    TypeError,
    ValueError,
)  # of complaints


def explain(error: Exception, func: Function, args: Iterable[Any]) -> NoReturn:
    """Raise a complaint of Python's or NumPy's with the operation and the shapes that it was about. One that names the
    operation, or that is of somebody's own kind, is raised as it is.
    """
    theirs = type(error) in KINDS or type(error).__module__.startswith("numpy")
    name = asked_for(func)
    if not theirs or name in str(error):
        raise error
    kind = next(kind for kind in KINDS if isinstance(error, kind))
    cause = error.__cause__  # what was explained already is explained anew, by the function that was called
    said = cause if cause is not None and str(error).endswith(f": {cause}") else error
    raise kind(f"{name} of {operands(args)}: {said}{numpys_name(str(said))}") from error


def operands(args: Iterable[Any]) -> str:
    """The shapes of arguments, also of those in a list; what has none goes by its type."""
    flat: list[Any] = []
    for arg in args:
        inside = isinstance(arg, (list, tuple)) and any(hasattr(x, "shape") for x in arg)
        flat += arg if inside else [arg]
    return " and ".join(f"shape {x.shape}" if hasattr(x, "shape") else type(x).__name__ for x in flat)


def unknown(func: Function, kind: str) -> str:
    """What to say of a function that the table does not know."""
    name = asked_for(func)
    if func in WRITING:
        return (
            f"{name} has no derivative in the table where it writes into a plain array: a node in it would lose its "
            "gradient. Use np.where, np.broadcast_to, t.at[i].set(v) or a product with np.ones, or call it on .data"
        )
    return (
        f"{name} has no derivative in the table, so it cannot be called on a {kind}: "
        "state one with autograd.primitive and autograd.partials or pullbacks, or call it on .data"
    )


def asked_for(func: Function) -> str:
    """The name of NumPy's function that the user called, which called `func`: np.full_like, not np.copyto."""
    frame: Any = sys._getframe(1)
    while frame.f_globals.get("__name__", "").startswith("autograd."):
        frame = frame.f_back
    name = called(frame)
    return f"np.{name}" if name else name_of(func)


def called(frame: Any) -> str:
    """The name of the function of NumPy that the user called, which led to this frame; "" if it is his own."""
    name = ""
    while frame is not None and frame.f_globals.get("__name__", "").startswith("numpy."):
        if getattr(np, frame.f_code.co_name, None) is not None:
            name = frame.f_code.co_name
        frame = frame.f_back
    return name


def asked_by() -> str:
    """Who is asking for the numbers of a node, for an error message: "" if it is the user's own code."""
    frame: Any = sys._getframe(3)  # the caller of float() or np.asarray()
    module = frame.f_globals.get("__name__", "")
    if module.startswith("numpy") and "numpy.ma" not in module:
        name = called(frame)
        return f" (np.{name} asked for it)" if name else ""
    if "site-packages" not in frame.f_code.co_filename:
        return ""
    public = ".".join(itertools.takewhile(lambda part: not part.startswith("_"), module.split(".")))
    instead = (
        f"; what takes nodes is in autograd.{public}"
        if any(f"{name}.".startswith(f"{public}.") for name in CHAPTERS)
        else ""
    )
    return f" ({public} asked for it{instead})"
