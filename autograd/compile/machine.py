"""Machine code from loops: compiled by numba, kept on disk between processes, and made in the background.

The source of loops says all about them: whatever they read is an argument. So machine code that was made of the same
source for the same types of arguments can be used again.
"""

from __future__ import annotations

import atexit
import builtins
import ctypes
import hashlib
import math
import os
import sys
import tempfile
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np

from .divided import divided

MOST_FILES = 300  # sources whose machine code is kept
PATIENCE = 5.0  # seconds that the end of Python waits for a compilation to stop; it takes milliseconds


class NotNative(Exception):
    """Why a program stays with NumPy."""


class Unusual(Exception):
    """These numbers are for NumPy: Python's floats would raise an exception for them, which loops do not."""


def directory() -> Path | None:
    """Where machine code is kept: CHAINRULE_CACHE, or a place in the user's cache; None if that variable is empty."""
    given = os.environ.get("CHAINRULE_CACHE")
    if given is not None:
        return Path(given) if given else None
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "chainrule"


def kept(source: str) -> Path | None:
    """The file of a source, next to which numba keeps the machine code; None where nothing can be written."""
    try:
        place = directory()
        if place is None:
            return None
        path = place / f"loops_{hashlib.sha256(source.encode()).hexdigest()[:24]}.py"
        if not path.exists():  # to write it again would make the machine code stale
            place.mkdir(mode=0o700, parents=True, exist_ok=True)
            descriptor, name = tempfile.mkstemp(dir=place)
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                file.write(source)
            Path(name).replace(path)
            forget_oldest(place)
        return path
    except (OSError, RuntimeError):  # RuntimeError: there is no home
        return None


def forget_oldest(place: Path) -> None:
    """Keep the files of the newest sources alone."""
    sources = sorted(place.glob("loops_*.py"), key=lambda path: path.stat().st_mtime, reverse=True)
    for path in sources[MOST_FILES:]:
        for old in (path, *place.glob(f"__pycache__/{path.stem}*")):
            with suppress(OSError):
                old.unlink()


def machine_code(source: str, name: str, types: Sequence[Any]) -> Callable[..., Any]:
    """The function `name` of a source that names np and math alone, for arguments of these types of numba's."""
    import numba

    source = divided(source)
    path = kept(source)
    # By its name numba looks for np and math again.
    namespace: dict[str, Any] = {"np": np, "math": math, "__name__": __name__, "__builtins__": builtins}
    before = {*namespace, name}
    exec(compile(source, str(path) if path else "<loops>", "exec"), namespace)
    for part in namespace.keys() - before:
        namespace[part] = numba.njit(error_model="numpy")(namespace[part])

    def made(cache: bool) -> Any:
        return numba.njit([tuple(types)], error_model="numpy", cache=cache)(namespace[name])

    try:
        dispatcher = made(cache=path is not None)
    except Exception:  # what is on the disk may be damaged
        dispatcher = made(cache=False)
    compiled = dispatcher.overloads[tuple(types)]
    found: Callable[..., Any] = compiled.entry_point  # the types are looked at before
    return found


class Background:
    """One thread that does one job after the other, and that ends with Python, in the middle of a job if need be."""

    def __init__(self) -> None:
        self.jobs: deque[Callable[[], None]] = deque()
        self.lock = threading.Lock()
        self.thread: threading.Thread | None = None

    def add(self, job: Callable[[], None]) -> None:
        """Do a job later."""
        with self.lock:
            self.jobs.append(job)
            if self.thread is None:
                self.thread = threading.Thread(target=self.run, name="autograd.compile", daemon=True)
                self.thread.start()

    def run(self) -> None:
        """All jobs that there are."""
        while True:
            with self.lock:
                if not self.jobs:
                    self.thread = None
                    return
                job = self.jobs.popleft()
            atexit.unregister(self.stop)
            atexit.register(self.stop)  # what is registered last runs first: before what a library of ours has closed
            with suppress(Exception):
                job()

    def wait(self) -> None:
        """Until all jobs are done."""
        while (thread := self.thread) is not None:
            thread.join()

    def stop(self) -> None:
        """Let no job go on: Python ends, and compilers do not run while it is taken apart."""
        with self.lock:
            self.jobs.clear()
        thread, end = self.thread, time.monotonic() + PATIENCE
        report = sys.unraisablehook  # in a callback of the compiler's SystemExit is reported, and goes no further
        sys.unraisablehook = lambda found: None if found.exc_type is SystemExit else report(found)
        while thread is not None and thread.is_alive() and time.monotonic() < end:
            with suppress(SystemExit):  # whichever thread it reaches, Python is ending anyway
                ask = ctypes.pythonapi.PyThreadState_SetAsyncExc
                ask(ctypes.c_ulong(thread.ident or 0), ctypes.py_object(SystemExit))
                thread.join(0.02)

    def forget(self) -> None:
        """Begin anew, in a process that was forked: its threads are gone."""
        self.__init__()  # type: ignore[misc]


background = Background()
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=background.forget)
