"""Files that one process has to itself: the lock dies with the process, and what a killed one left can be told.

The locks are `flock`'s. Where there are none (Windows, some network file systems) nothing is locked, and what looks
left over stays, unless the system itself refuses to remove what is open, as Windows does.
"""

from __future__ import annotations

import errno
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

try:
    import fcntl
except ImportError:  # Windows
    HAS_LOCKS = False
else:
    HAS_LOCKS = True


class Held(Exception):
    """Another process, or another part of this one, has the file."""


@contextmanager
def exclusive(path: Path) -> Iterator[IO[bytes]]:
    """A file that is made, that nobody else has meanwhile, and that is removed at the end, if it still has its name.

    Raises Held if somebody has it.
    """
    while True:
        file = open(path, "ab")  # noqa: SIM115
        try:
            locked(file)
            if same(file, path):
                break
        except BaseException:
            file.close()
            raise
        file.close()  # between the two its last holder removed it
    try:
        yield file
    finally:
        if HAS_LOCKS and same(file, path):  # while it is still held: nobody can get hold of it and then lose its name
            path.unlink(missing_ok=True)
        file.close()
        if not HAS_LOCKS:  # Windows removes no file that is open
            with suppress(OSError):
                path.unlink(missing_ok=True)


def locked(file: IO[bytes]) -> bool:
    """Lock a file, where the system can: whether it could. Raises Held."""
    if not HAS_LOCKS:
        return False
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno in (errno.EWOULDBLOCK, errno.EACCES):
            raise Held from error
        return False
    return True


def same(file: IO[bytes], path: Path) -> bool:
    """Whether the file still has this name."""
    try:
        return os.path.samestat(os.fstat(file.fileno()), os.stat(path))
    except OSError:
        return False


def temporary(path: Path, key: str) -> Path:
    """What a file is called until it is complete."""
    return path.with_name(f".{path.name}.{key}.tmp")


def remove_leftovers(path: Path) -> None:
    """Remove the temporary files that processes left that were killed while they wrote to `path`."""
    pattern = re.compile(re.escape(f".{path.name}.") + r"[0-9a-f]{16}\.tmp")
    with suppress(OSError):
        for name in filter(pattern.fullmatch, os.listdir(path.parent)):
            with suppress(OSError, Held), open(path.with_name(name), "rb") as file:
                if not HAS_LOCKS:
                    file.close()
                if not HAS_LOCKS or locked(file):
                    path.with_name(name).unlink()
