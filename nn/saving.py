"""Models on disk, as safetensors: arrays under their dotted names. Nothing in a file is code, and none is run."""

from __future__ import annotations

import hashlib
import os
import re
import secrets
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, NamedTuple, TypeVar, overload

import numpy as np

from .exclusive import HAS_LOCKS, exclusive, remove_leftovers, temporary
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
    refuse_other_arguments("save", model, path)
    write(path, model.state_dict(), {"architecture": repr(model)})


class Loaded(NamedTuple):
    """What `load(..., strict=False)` found: the names that fitted, those missing in the file, those it has besides.

    `different` are the names of arrays of another shape or dtype: "W is F32 (2, 9) and should be F32 (2, 8)".
    """

    model: Module
    fitted: list[str]
    missing: list[str]
    unexpected: list[str]
    different: list[str]


@overload
def load(model: M, path: StrPath, strict: Literal[True] = True) -> M: ...
@overload
def load(model: Module, path: StrPath, strict: Literal[False]) -> Loaded: ...
def load(model: Any, path: Any = None, strict: bool = True) -> Any:
    """Fill `model`, which has been built as the saved one was, with the numbers of a safetensors file. Returns it.

    All or nothing, and no number is cast or broadcast: raises SavedModelError, a ValueError, if the file is damaged
    or of another format, or if any name, shape or dtype differs from the model's, before anything is read into memory.

    `strict=False` takes what fits, by name, shape and dtype, and returns a Loaded, which says what did and what did
    not; if nothing fits, it raises.
    """
    refuse_other_arguments("load", model, path)
    own = model.state_dict()
    with opened(path) as file:
        found = compared(file, {name: spec(array) for name, array in own.items()})
        if not found.fits and (strict or not found.fitted):
            raise SavedModelError(refusal(path, type(model).__name__, file, found))
        arrays = {name: file.get_tensor(name) for name in found.fitted}
    model.load_state_dict(arrays, strict=strict)
    return model if strict else Loaded(model, found.fitted, found.missing, found.unexpected, found.different)


def refuse_other_arguments(function: str, model: Any, path: Any) -> None:
    """Raise TypeError, which says what to write, unless these are a model and a path."""
    if isinstance(model, Module) and isinstance(path, (str, os.PathLike)):
        return
    call = f"nn.{function}(model, path)"
    if isinstance(path, Module):
        raise TypeError(f"{call}: the model comes first, and then the path")
    if isinstance(model, Module):
        raise TypeError(f"{call}: the path is missing, or no path: {path!r}")
    if function == "save" or not isinstance(model, (str, os.PathLike)):
        raise TypeError(f"{call} takes a model and a path, not {model!r}" + (f" and {path!r}" if path else ""))
    saved = ""
    with suppress(OSError, ValueError), opened(model) as file:
        text = (file.metadata() or {}).get("architecture")
        saved = f"\nit was saved from {text[:1000]}" if text else ""
    raise TypeError(
        f"{call}: a file holds numbers and no code, so build the model as it was and give it, too: "
        f"nn.load(nn.MLP(...), {os.fspath(model)!r}){saved}"
    )


@dataclass
class Compared:
    """The names in a file beside those of a model."""

    fitted: list[str]
    missing: list[str]
    unexpected: list[str]
    different: list[str]

    @property
    def fits(self) -> bool:
        """Whether the file is the model's."""
        return not (self.missing or self.unexpected or self.different)


def compared(file: Any, own: Mapping[str, str]) -> Compared:
    """The names, dtypes and shapes in the header of the file beside those of the model."""
    found = {}
    for name in file.keys():  # noqa: SIM118 (the file is no dict)
        entry = file.get_slice(name)
        found[name] = f"{entry.get_dtype()} {tuple(entry.get_shape())}"
    return Compared(
        [name for name in own if found.get(name) == own[name]],
        [name for name in own if name not in found],
        [name for name in found if name not in own],
        [f"{n} is {found[n]} and should be {own[n]}" for n in own if n in found and found[n] != own[n]],
    )


def refusal(path: StrPath, model: str, file: Any, found: Compared) -> str:
    """What is said of a file that is not the model's."""
    metadata = file.metadata() or {}
    if "checkpoint" in metadata:
        return (
            f"{path} is a checkpoint of fit, a whole run, and no model: fit(..., checkpoint=path, resume=True) goes on "
            'from it, and its weights are nn.Checkpoint(path).load()["model"], for model.load_state_dict(...)'
        )
    wrong = {name: listed(getattr(found, name)) for name in ("missing", "unexpected", "different")}
    lists = [f"{what}: {text}" for what, text in wrong.items() if text]
    saved = metadata.get("architecture")
    origin = f"\nit was saved from {saved[:1000]}" if saved else ""
    return f"{path} does not fit this {model}, which stays as it is; {'; '.join(lists)}{origin}"


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
            verify(path, file.metadata() or {})
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
        data = serialized(plain, {"library": "chainrule", "version": installed_version(), "sha256": ZEROS, **metadata})
    except SafetensorError as error:
        raise ValueError(f"safetensors cannot hold these arrays: {error}") from error
    replace_file(path, with_digest(data))


def replace_file(path: StrPath, parts: Iterable[bytes]) -> None:
    """Write a file, whole or not at all: one that was there is replaced, also if the machine stops in the middle.

    A device or a pipe, as /dev/null or /dev/stdout, is written to and stays what it is.
    """
    path = Path(path)
    if path.exists() and not (path.is_file() or path.is_dir()):
        path.write_bytes(b"".join(parts))
        return
    path = Path(os.path.realpath(path))  # a link stays a link
    if not path.parent.is_dir():
        raise FileNotFoundError(f"there is no directory {path.parent} to write {path.name} to: make it first")
    remove_leftovers(path)
    with exclusive(temporary(path, secrets.token_hex(8))) as file:  # removed on Ctrl-C, too
        file.writelines(parts)
        file.flush()
        os.fsync(file.fileno())
        if not HAS_LOCKS:  # Windows renames no file that is open
            file.close()
        os.replace(file.name, path)


# --- the checksum -------------------------------------------------------------------------------------------------

# The digest is of the whole file, with zeros in its own place, so that no bit of it can change unnoticed. JSON has
# these characters nowhere else: inside of a text quotes are escaped.
PLACE = re.compile(rb'"sha256":"([0-9a-f]{64})"')
KNOWN = frozenset({"library", "version", "sha256", "architecture", "checkpoint"})  # what metadata `write` writes
ZEROS = "0" * 64


def with_digest(data: bytes) -> list[bytes]:
    """The parts of a serialized file with its digest in it."""
    start = data.index(b'"sha256":"') + len(b'"sha256":"')
    return [data[:start], hashlib.sha256(data).hexdigest().encode(), data[start + len(ZEROS) :]]


def verify(path: StrPath, metadata: Mapping[str, str]) -> None:
    """Raise SavedModelError if the file is not as it was written. One without a digest, an older one, passes."""
    if "sha256" not in metadata and (metadata.get("library") != "chainrule" or metadata.keys() <= KNOWN):
        return
    with open(path, "rb") as file:
        start = file.read(8)
        header = start + file.read(int.from_bytes(start, "little"))
        place = PLACE.search(header)
        if place:
            digest = hashlib.sha256(header[: place.start(1)] + ZEROS.encode() + header[place.end(1) :])
            while chunk := file.read(2**20):
                digest.update(chunk)
            if digest.hexdigest().encode() == place[1]:
                return
    raise SavedModelError(f"{path} is damaged: its numbers are not those that were written, by its checksum")


def installed_version() -> str:
    """The version of this library."""
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("chainrule")
    except PackageNotFoundError:  # run from a checkout
        return "unknown"
