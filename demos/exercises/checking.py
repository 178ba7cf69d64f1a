"""How an exercise is checked: a student's file is loaded and tried, and whatever happens becomes one helpful line."""

from __future__ import annotations

import importlib.util
import linecache
import sys
import threading
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

FOLDER = Path(__file__).parent
SECONDS = 30.0  # a check takes less than five; what takes longer has a loop that does not end


class NotYet(Exception):
    """What is not yet right, in a sentence for the student."""


@dataclass(frozen=True)
class Exercise:
    """An exercise: its number and file, what it is and trains, the program of the course to read first, its check."""

    number: int
    name: str
    title: str
    trains: str
    read: str
    check: Callable[[Work], None]

    @property
    def start(self) -> Path:
        """The starting file."""
        return FOLDER / f"{self.name}.py"


class Work:
    """A student's file: its functions and classes by name. What they give is not None."""

    def __init__(self, module: ModuleType) -> None:
        self.module = module

    def function(self, name: str) -> Any:
        """A function that may give None."""
        if not hasattr(self.module, name):
            raise NotYet(f"there is no `{name}` in the file: the check needs it, so keep its name as it was")
        found = getattr(self.module, name)
        if not callable(found):
            raise NotYet(f"`{name}` is to be a function or a class, and is {found!r}")
        return found

    def __getattr__(self, name: str) -> Any:
        found = self.function(name)
        if isinstance(found, type):
            return found

        def called(*args: Any, **kwargs: Any) -> Any:
            result = found(*args, **kwargs)
            if result is None or result is Ellipsis:
                raise NotYet(f"`{name}` gives {result}: does it end with `return`, and what it has computed?")
            return result

        return called


def verdict(exercise: Exercise, path: Path | None = None, seconds: float = SECONDS) -> str | None:
    """What is not yet right with the file, by default the starting file; None if it is done."""
    path = (path or exercise.start).resolve()
    said: list[str | None] = []
    worker = threading.Thread(target=lambda: said.append(tried(exercise, path)), daemon=True)
    worker.start()
    worker.join(seconds)
    return said[0] if said else f"it still runs after {seconds:g} seconds: is there a loop that never ends?"


def tried(exercise: Exercise, path: Path) -> str | None:
    """The verdict, without a limit of time."""
    try:
        with np.errstate(all="ignore"):
            exercise.check(Work(loaded(path)))
    except NotYet as problem:
        return str(problem)
    except NotImplementedError as problem:
        return unwritten(problem, path)
    except SyntaxError as problem:
        return f"Python cannot read line {problem.lineno} of {path.name}: {problem.msg}: {(problem.text or '').strip()}"
    except (Exception, SystemExit) as problem:
        return described(problem, path)
    return None


def loaded(path: Path) -> ModuleType:
    """The student's file, run from top to bottom."""
    if not path.is_file():
        raise NotYet(f"there is no file {path}: give the path of yours, or leave it out for the starting file")
    linecache.checkcache(str(path))
    spec = importlib.util.spec_from_file_location(f"exercise_{path.stem}", path)
    if spec is None or spec.loader is None:
        raise NotYet(f"{path} is no Python file: its name has to end with .py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def unwritten(problem: BaseException, path: Path) -> str:
    """Which function still is as it was in the starting file."""
    own = [frame for frame in traceback.extract_tb(problem.__traceback__) if Path(frame.filename) == path]
    if not own:
        return described(problem, path)
    return f"`{own[-1].name}` is not written yet: in line {own[-1].lineno} of {path.name} is where your lines go"


def described(problem: BaseException, path: Path) -> str:
    """An exception in one line: where in the student's file it came from, and what it says."""
    what = f"{type(problem).__name__}: {problem}" if str(problem) else type(problem).__name__
    own = [frame for frame in traceback.extract_tb(problem.__traceback__) if Path(frame.filename) == path]
    if not own:
        return f"what the check computes with your results fails: {what}"
    return f"line {own[-1].lineno} of {path.name}, `{own[-1].line}`, fails: {what}"


# --- What the checks have in common -------------------------------------------------------------------------------


def need(condition: Any, message: str) -> None:
    """Stop here with this message unless the condition holds."""
    if not condition:
        raise NotYet(message)


def array(what: str, got: Any, shape: tuple[int, ...]) -> Any:
    """What the student gives as an array of floats of this shape."""
    data = getattr(got, "data", got) if not isinstance(got, np.ndarray) else got
    try:
        found = np.asarray(data, dtype=float)
    except (TypeError, ValueError):
        raise NotYet(f"{what} is to be {of_shape(shape)}, and is {got!r}") from None
    need(found.shape == shape, f"{what} is to be {of_shape(shape)}, and is {of_shape(found.shape)}")
    return found


def of_shape(shape: tuple[int, ...]) -> str:
    """A shape in words."""
    return f"an array of shape {shape}" if shape else "a number"


def close(got: Any, expected: Any, rtol: float = 1e-5) -> bool:
    """Whether the numbers are the same up to rounding."""
    return bool(np.allclose(got, expected, rtol=rtol, atol=1e-8))


def pair(what: str, got: Any, names: str) -> Any:
    """What a function gives that is to give several things, as "w, b"."""
    count = len(names.split(","))
    need(isinstance(got, (tuple, list)) and len(got) == count, f"{what} is to give {names}: `return {names}`")
    return got
