"""Samples by position: what data may be, and how samples number 3, 0 and 7 are read from each kind.

Sample i of X belongs to target i of y, whatever labels a table has. This is the one place where data are indexed:

    an array, a list, a table of pandas   in memory, so it becomes one array first; then array[positions]
    a file: memmap, h5py, zarr            data[positions], one read for a batch, from the beginning to the end
    columns: a table of Arrow             data.take(positions), the columns side by side
    a lazy array of Dask's                in blocks of rows, some at a time, each computed once in an epoch (nn/lazy.py)
    a tensor or an array elsewhere        data[positions]: PyTorch, xarray, polars
    what has __len__ and __getitem__      data[i], sample by sample, when it is asked for
    a dict, a tuple of the above          several inputs or outputs: the samples of each
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple, NoReturn

import numpy as np
import numpy.typing as npt

from autograd import Tensor, arrays

from .lazy import Blocks, Lazy, compute, known

Array = npt.NDArray[Any]

NUMBERS, TEXTS = "biuf", "US"  # the kinds of dtypes that data may have
KINDS = "arrays, tables of pandas, lists, files, or anything with __len__ and __getitem__"


# --- one or several -----------------------------------------------------------------------------------------------


def several(data: Any) -> bool:
    """Whether these are several inputs or outputs: a dict, or a tuple of arrays, tables or other sets of data.

    A list, and a tuple of numbers, texts or lists, is one set: its items are the samples.
    """
    return isinstance(data, Mapping) or (isinstance(data, tuple) and any(map(holds_samples, data)))


def holds_samples(item: Any) -> bool:
    """Whether an item of a tuple is a set of data itself."""
    if isinstance(item, (list, tuple, str, bytes)):
        return several(item)
    has_length = hasattr(item, "__len__") or getattr(item, "shape", None)  # an array of zarr has no len()
    return bool(has_length) and hasattr(item, "__getitem__") and getattr(item, "shape", None) != ()


def mapped(function: Callable[[Any], Any], data: Any) -> Any:
    """The function of each input or output, or of the only one."""
    if isinstance(data, Mapping):
        return {key: mapped(function, part) for key, part in data.items()}
    return tuple_of(data, [mapped(function, part) for part in data]) if several(data) else function(data)


def tuple_of(data: Any, parts: list[Any]) -> Any:
    """The parts as a tuple of the same kind: a named one stays it."""
    return data._make(parts) if hasattr(data, "_make") else tuple(parts)


def named(name: str, data: Any) -> Iterator[tuple[str, Any]]:
    """Each input or output with its name as one would write it: X, X['left'], X[0]."""
    if several(data):
        for key, part in data.items() if isinstance(data, Mapping) else enumerate(data):
            yield from named(f"{name}[{key!r}]", part)
    else:
        yield name, data


def applied(model: Callable[..., Any], x: Any) -> Any:
    """model(x); of several inputs a dict goes in by name, model(left=..., right=...), and a tuple by position."""
    if isinstance(x, np.ndarray) or not several(x):
        return model(x)
    try:
        return model(**x) if isinstance(x, Mapping) else model(*x)
    except TypeError as error:
        how = ", ".join(f"{key}=" for key in x) if isinstance(x, Mapping) else f"{len(x)} inputs"
        error.add_note(
            f"the inputs are a {type(x).__name__}, so the model is called with them one by one, model({how})"
        )
        raise


class Weighed(NamedTuple):
    """The targets of some samples, and how much each counts in the loss."""

    target: Any
    weight: Any


# --- reading ------------------------------------------------------------------------------------------------------


def source(name: str, data: Any) -> Any:
    """`data`, ready to be read by position: as arrays what is in memory, as it is what may be larger.

    Raises TypeError or ValueError, in which it is called `name`, for what holds no samples.
    """
    if isinstance(data, Mapping):
        return {key: source(f"{name}[{key!r}]", part) for key, part in data.items()} or refuse(name, data)
    if several(data):
        return tuple_of(data, [source(f"{name}[{i}]", part) for i, part in enumerate(data)])
    if isinstance(data, np.ndarray):
        return plain(name, data)
    if arrays.is_lazy(data):
        array = data.data if isinstance(data, Tensor) else data
        found = Lazy(name, array) if array.shape else refuse(name, array)
        plain(name, np.empty((1, *found.shape[1:]), found.dtype))  # of this kind its blocks will be
        return found
    if arrays.lives_elsewhere(data):
        way = f"{last(name)}.numpy()" if isinstance(data, Tensor) else f"autograd.arrays.in_numpy({last(name)})"
        raise TypeError(
            f"{name} lives elsewhere, and samples are read from NumPy's arrays: train with a loop, or pass {way}"
        )
    if hasattr(data, "iloc") and hasattr(data, "isna"):
        return of_table(name, data)
    if isinstance(data, (list, tuple, range)):
        if not (len(data) and holds_samples(data[0])):
            return stacked(name, data)
        if len({getattr(item, "shape", None) for item in data}) > 1:
            raise ragged(name, data)
        return Subset(data, np.arange(len(data)))  # arrays, which may hold more than should be in memory twice
    if hasattr(data, "toarray"):
        raise TypeError(f"{name} is sparse, a {type(data).__name__} of shape {data.shape}: pass {last(name)}.toarray()")
    if isinstance(data, (str, bytes)) or not holds_samples(data):
        refuse(name, data)
    if type(data).__module__.partition(".")[0] == "pyarrow":
        return Columns(name, data)
    return data if hasattr(data, "__len__") else File(data)


def samples(data: Any, which: Array) -> Any:
    """A copy of the samples at these positions, as one array for each input or output; each position occurs once."""
    if type(data) is np.ndarray:
        return data[which]
    if isinstance(data, tuple):  # of what `source` gives
        return tuple_of(data, [samples(part, which) for part in data])
    if isinstance(data, Mapping):
        return {key: samples(part, which) for key, part in data.items()}
    if isinstance(data, (Pairs, Subset)):
        return data.samples(which)
    if isinstance(data, Lazy):
        return plain("a batch", data.rows(which))
    if not hasattr(data, "shape"):
        return collated("a batch", [data[i] for i in which.tolist()])
    order = np.argsort(which)  # a file is read from its beginning to its end
    wanted: Any = which[order]
    if hasattr(data, "chunks") and len(which) and wanted[-1] - wanted[0] == len(which) - 1:  # in one piece, faster
        wanted = slice(wanted[0], wanted[-1] + 1)
    return plain("a batch", np.asarray(data[wanted]))[np.argsort(order)]


def whole(name: str, data: Any) -> Any:
    """All samples as one array for each input or output: what `data`, called `name` in errors, is in memory.

    Raises TypeError for lazy arrays, which are to be computed by who has them.
    """

    def read(part: Any) -> Any:
        part = known(name, part.array if isinstance(part, Lazy) else part)
        return part if type(part) is np.ndarray else samples(part, np.arange(len(part)))

    return mapped(read, source(name, data))


def computed(data: Any) -> Any:
    """`data`, which belong into memory, as a batch does, with its lazy arrays computed, all at once."""
    if not any(arrays.is_lazy(part) for _, part in named("", data)):
        return data
    return compute(data)[0]


def in_blocks(data: Any) -> tuple[Blocks, Array] | None:
    """The blocks of the lazy arrays in `data`, which then go together, and the position at which each ends."""
    parts = [(part.which, part.data) if isinstance(part, Subset) else (None, part) for _, part in named("", data)]
    lazy = {part: which for which, part in parts if isinstance(part, Lazy)}
    if not lazy:
        return None
    (first, which), *_ = lazy.items()
    if any(part.blocks is not first.blocks for part in lazy):
        Blocks(list(lazy))
    ends = first.blocks.ends
    return first.blocks, ends if which is None else np.searchsorted(which, ends)


def subset(data: Any, which: Array) -> Any:
    """The samples at these positions: of an array a copy, of what may be larger than the memory nothing is read yet."""
    return mapped(lambda part: part[which] if type(part) is np.ndarray else Subset(part, which), data)


class Subset:
    """Some samples of what may be larger than the memory, read when they are asked for."""

    def __init__(self, data: Any, which: Array) -> None:
        self.data, self.which = data, which

    def __len__(self) -> int:
        return len(self.which)

    def __getitem__(self, i: int) -> Any:
        return self.data[self.which[i]]

    def samples(self, which: Array) -> Any:
        """The samples at these positions among its own."""
        return samples(self.data, self.which[which])


class File:
    """An array of a file that has a shape, and no length, as zarr's are."""

    def __init__(self, data: Any) -> None:
        self.data, self.chunks = data, getattr(data, "chunks", None)
        self.shape: tuple[int, ...] = data.shape

    def __len__(self) -> int:
        return self.shape[0]

    def __getitem__(self, which: Any) -> Any:
        return self.data[which]


class Columns:
    """A table, or a column, of Arrow's: (samples, columns), which may lie in a file that is mapped to memory."""

    chunks = None  # rows that follow each other are read as a slice

    def __init__(self, name: str, table: Any) -> None:
        self.name, self.table = name, table
        columns = (table.num_columns,) if hasattr(table, "num_columns") else ()
        self.shape: tuple[int, ...] = (len(table), *columns)

    def __len__(self) -> int:
        return self.shape[0]

    def __getitem__(self, which: Any) -> Array:
        table = self.table
        rows = table.slice(which.start, which.stop - which.start) if isinstance(which, slice) else table.take(which)
        if len(self.shape) == 1:
            return self.numbers(self.name, rows)
        columns = zip(rows.column_names, rows.columns)
        return np.stack([self.numbers(f"{self.name}[{key!r}]", column) for key, column in columns], axis=1)

    def numbers(self, name: str, column: Any) -> Array:
        """A column, if nothing is missing in it."""
        if column.null_count:
            raise ValueError(f"{name}: {column.null_count} values are missing: leave these rows out of X and y")
        return plain(name, np.asarray(column))


class Pairs:
    """A data set whose item i is the pair of sample i and its target, as those of PyTorch are; or with its weight."""

    def __init__(self, data: Any) -> None:
        self.data = data

    def __len__(self) -> int:
        return len(self.data)

    def __getitem__(self, i: Any) -> Any:
        return self.data[int(i)]

    def samples(self, which: Array) -> tuple[Any, Any]:
        """The samples at these positions, and their targets."""
        items = [self[i] for i in which]
        for i, item in zip(which, items):
            if not isinstance(item, (tuple, list)) or len(item) != len(items[0]) or len(item) not in (2, 3):
                raise TypeError(f"without y, every item of X is a pair (x, y), and X[{i}] is {shown(item)}")
        columns = [collated(name, list(column)) for name, column in zip(("X", "y", "the weights"), zip(*items))]
        return columns[0], columns[1] if len(columns) == 2 else Weighed(columns[1], columns[2])


def common_length(what: str, **data: Any) -> int:
    """The number of samples, if there are as many of everything: the `data` by name, as `source` gives them."""
    lengths = {name: len(part) for key, parts in data.items() for name, part in named(key, parts)}
    (first, n), *others = lengths.items()
    for name, m in others:
        if m != n:
            partner = "target" if name.startswith("y") else "sample"
            hint = " (several inputs are a tuple of arrays or a dict)" if isinstance(data.get(first), Subset) else ""
            raise ValueError(
                f"{what}: {first} has {n} samples and {name} {m}: there must be one {partner} for each{hint}"
            )
    return n


# --- arrays -------------------------------------------------------------------------------------------------------


def plain(name: str, array: Array) -> Array:
    """The array, if it is one of numbers or of texts with samples along its first axis; objects become numbers."""
    if isinstance(array, np.ma.MaskedArray):
        raise TypeError(f"{name} is a masked array, whose mask a model would not see: pass {last(name)}.filled(value)")
    if not isinstance(array, np.memmap):
        array = np.asarray(array)
    if array.ndim == 0:
        refuse(name, array.item())
    if array.dtype.kind == "O":
        return stacked(name, array.tolist())
    if array.dtype.names:
        fields = ", ".join(array.dtype.names)
        raise TypeError(
            f"{name} is a structured array with the fields {fields}: pass the numbers, "
            f"numpy.lib.recfunctions.structured_to_unstructured({last(name)})"
        )
    if array.dtype.kind not in NUMBERS + TEXTS:
        raise TypeError(f"{name} holds {array.dtype}, and data are real numbers: make numbers of it first")
    return array


def of_table(name: str, table: Any) -> Array:
    """The numbers of a table of pandas, in its order; what is missing or no number is refused by column."""
    columns = [(name, table)] if table.ndim == 1 else [(f"{name}[{key!r}]", column) for key, column in table.items()]
    if not columns:
        raise ValueError(f"{name} is a table of shape {table.shape}, without columns")
    for key, column in columns:
        missing = int(column.isna().sum())
        if missing:
            raise ValueError(
                f"{key}: {missing} of {len(column)} values are missing: fill them in "
                f"({last(name)}.fillna(value)), or leave these rows out of X and y"
            )
    whole = table.to_numpy()
    if table.ndim == 1 or whole.dtype.kind in NUMBERS:
        return plain(name, whole)
    found = [plain(key, column.to_numpy()) for key, column in columns]
    for (key, _), array in zip(columns, found):
        if array.dtype.kind in TEXTS:
            raise TypeError(
                f"{key} holds texts, such as {str(array[0])!r}, in a table of numbers: make numbers of them "
                f"(pandas.get_dummies({last(name)})), or leave the column out"
            )
    return np.stack(found, axis=1)


def collated(name: str, items: list[Any]) -> Any:
    """Samples that were read one by one as one array, or if each has several parts one for each part."""
    first = items[0]
    if isinstance(first, Mapping):
        return {key: collated(f"{name}[{key!r}]", [item[key] for item in items]) for key in first}
    if several(first):
        return tuple(collated(f"{name}[{i}]", list(column)) for i, column in enumerate(zip(*items, strict=True)))
    return stacked(name, items)


def stacked(name: str, items: Sequence[Any]) -> Array:
    """One array of samples, if all have one shape, and hold all numbers or all texts."""
    try:
        array = np.asarray(items)
    except ValueError as error:
        raise ragged(name, items) from error
    if array.dtype.kind in TEXTS:
        for item in np.asarray(items, dtype=object).ravel():
            if not isinstance(item, (str, bytes)):
                raise TypeError(f"{name} holds both texts and numbers, such as {item!r}: make numbers of the texts")
    if array.dtype.kind != "O":
        return plain(name, array)
    odd = next((item for item in array.ravel() if not isinstance(item, (int, float, np.number))), array.flat[0])
    raise TypeError(f"{name} holds {shown(odd)}, which is no number: data are numbers, and none may be missing")


def ragged(name: str, items: Sequence[Any]) -> ValueError:
    """The error for samples of different shapes."""
    sizes = [len(item) if hasattr(item, "__len__") else 1 for item in items]
    i = next((i for i, size in enumerate(sizes) if size != sizes[0]), 0)
    differ = f"number 0 has {sizes[0]} entries and number {i} has {sizes[i]}" if i else "their entries differ in length"
    return ValueError(
        f"{name} is ragged: all samples must have the same shape, and {differ}: fill the shorter ones up to one "
        f"length, with numpy.pad for example"
    )


def refuse(name: str, data: Any) -> NoReturn:
    """Raise the error for what holds no samples that have positions."""
    way = KINDS
    if hasattr(data, "iter_batches") or hasattr(data, "to_batches"):  # a file of Parquet, a set of them
        read = "iter_batches" if hasattr(data, "iter_batches") else "to_batches"
        way = f"batches as they are read, and no y: lambda: ((b.select([...]), b['label']) for b in file.{read}())"
    raise TypeError(f"{name} is {shown(data)}, which holds no samples by position: pass {way}")


def shown(x: Any) -> str:
    """What something is, for a message: its type, and if it is short itself."""
    if isinstance(x, type):
        return f"the class {x.__name__}"
    text = repr(x)
    return f"a {type(x).__name__}" + (f" ({text})" if len(text) < 40 else "")


def last(name: str) -> str:
    """The name of data without that of the function that they were given to: "X" of "fit: X"."""
    return name.rpartition(": ")[2]
