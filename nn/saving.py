"""Models on disk, as safetensors: arrays under their dotted names. Nothing in a file is code, and none is run."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from .module import Array, Module

M = TypeVar("M", bound=Module)
StrPath = str | os.PathLike[str]


class SavedModelError(ValueError):
    """A file that does not hold what was asked of it: it is damaged, of another format, or of another model."""


def save(model: Module, path: StrPath) -> None:
    """Write the numbers of `model`, everything in its state_dict(), to a safetensors file.

    The file appears whole or not at all, also when the machine stops in the middle; one that was there is replaced.
    Its metadata tell the library, its version and the architecture. `safetensors.torch.load_file` reads it too.
    """
    write(path, model.state_dict(), {"architecture": repr(model)})


def load(model: M, path: StrPath) -> M:
    """Fill `model`, which has been built as the saved one was, with the numbers of a safetensors file. Returns it.

    All or nothing, and no number is cast or broadcast: raises SavedModelError, a ValueError, if the file is damaged
    or of another format, or if any name, shape or dtype differs from the model's, before anything is read into memory.
    """
    own = model.state_dict()
    with opened(path) as file:
        refuse_others(path, type(model).__name__, file, {name: spec(array) for name, array in own.items()})
        arrays = {name: file.get_tensor(name) for name in own}
    model.load_state_dict(arrays)
    return model


def refuse_others(path: StrPath, model: str, file: Any, own: Mapping[str, str]) -> None:
    """Raise SavedModelError unless the names, dtypes and shapes in the header of the file are those of the model."""
    found = {}
    for name in file.keys():  # noqa: SIM118 (the file is no dict)
        entry = file.get_slice(name)
        found[name] = f"{entry.get_dtype()} {tuple(entry.get_shape())}"
    wrong = (
        ("missing", (name for name in own if name not in found)),
        ("unexpected", (name for name in found if name not in own)),
        ("different", (f"{n} is {found[n]} and should be {own[n]}" for n in own if n in found and found[n] != own[n])),
    )
    lists = [f"{what}: {text}" for what, names in wrong if (text := listed(names))]
    if lists:
        saved = (file.metadata() or {}).get("architecture")
        origin = f"\nit was saved from {saved[:1000]}" if saved else ""
        raise SavedModelError(f"{path} does not fit this {model}, which stays as it is; {'; '.join(lists)}{origin}")


def listed(names: Iterable[str], most: int = 5) -> str:
    """The names one after the other, not too many and not too long: they may come from any file."""
    shown = [name if len(name) <= 200 else f"{name[:200]}..." for name in names]
    return ", ".join(shown[:most]) + (f" and {len(shown) - most} more" if len(shown) > most else "")


def spec(array: Array) -> str:
    """Dtype and shape as a safetensors header has them: "F32 (2, 8)"."""
    kind = "BOOL" if array.dtype.kind == "b" else f"{array.dtype.kind.upper()}{8 * array.dtype.itemsize}"
    return f"{kind} {array.shape}"


# --- files --------------------------------------------------------------------------------------------------------


@contextmanager
def opened(path: StrPath) -> Iterator[Any]:
    """A safetensors file, of which only the header has been read. Its errors become SavedModelError.

    safetensors accepts a header only if it and the arrays that it announces fill the file exactly, without gaps or
    overlaps, and every array has the size that its shape and dtype say: what is read is never larger than the file.
    """
    from safetensors import SafetensorError, safe_open

    if os.path.isdir(path):
        raise IsADirectoryError(f"{path} is a directory: the file in it is what can be loaded")
    try:
        with safe_open(path, framework="numpy") as file:
            yield file
    except SafetensorError as error:
        with open(path, "rb") as damaged:
            start, size = damaged.read(16), os.fstat(damaged.fileno()).st_size
        raise SavedModelError(
            f"{path} is no safetensors file, or a damaged one ({error}): it has {size} bytes and begins with {start!r}"
        ) from error


def write(path: StrPath, arrays: Mapping[str, Array], metadata: Mapping[str, str]) -> None:
    """Write arrays and texts to a safetensors file, whole or not at all."""
    from safetensors import SafetensorError
    from safetensors.numpy import save as serialized

    # C order, because the format has no other and safetensors 0.8.0 does not ask; the reshape keeps 0-d arrays 0-d
    plain = {name: np.ascontiguousarray(array).reshape(np.shape(array)) for name, array in arrays.items()}
    try:
        data = serialized(plain, {"library": "chainrule", "version": installed_version(), **metadata})
    except SafetensorError as error:
        raise ValueError(f"safetensors cannot hold these arrays: {error}") from error
    path = os.path.realpath(path)  # a link stays a link
    temporary = Path(path).with_name(f".{secrets.token_hex(8)}.tmp")
    try:
        with open(temporary, "xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except BaseException:  # Ctrl-C too
        temporary.unlink(missing_ok=True)
        raise


def installed_version() -> str:
    """The version of this library."""
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("chainrule")
    except PackageNotFoundError:  # run from a checkout
        return "unknown"
