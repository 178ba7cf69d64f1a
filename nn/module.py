"""Module, Parameter, Buffer: a network is a tree of modules whose leaves are its parameters and buffers.

And the modules that hold others: Sequential, one after the other, and Residual, around what it adds to.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from autograd import Tensor, depends_on, scoped

Array = npt.NDArray[Any]


class Parameter(Tensor):
    """A tensor that training changes: it requires a gradient, and is float32 unless `dtype` says otherwise."""

    __slots__ = ()
    is_state = True

    def __init__(self, data: npt.ArrayLike, dtype: npt.DTypeLike = np.float32, name: str | None = None) -> None:
        super().__init__(data, requires_grad=True, dtype=dtype, name=name)


class Buffer(Tensor):
    """A tensor that is part of a module's state and that training does not change, as a running mean.

    It is saved and loaded with the parameters, and is float32 unless `dtype` says otherwise. `assign` updates it.
    """

    __slots__ = ()
    is_state = True

    def __init__(self, data: npt.ArrayLike, dtype: npt.DTypeLike = np.float32, name: str | None = None) -> None:
        super().__init__(data, dtype=dtype, name=name)


class Module:
    """A function with parameters. A subclass sets its parameters and modules as attributes and defines `forward`.

    They are found in attributes, also inside lists, tuples and dicts of them, and named by the path to them,
    `encoder.0.W`. A parameter that is shared counts once, under its first name. Buffers are found like parameters.

    >>> class Scale(Module):
    ...     def __init__(self):
    ...         self.factor = Parameter(2.0)
    ...     def forward(self, x):
    ...         return x * self.factor
    >>> Scale()
    Scale(): 1 parameter, factor ()
    """

    training: bool = True  # some layers behave differently then; see train() and eval()
    _name: str = ""  # dotted, in the outermost module

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """What `forward` computes."""
        depends_on(vars(self))
        return scoped(self._name, type(self).__name__, self.forward, *args, **kwargs)

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        """What the module computes."""
        raise NotImplementedError(f"{type(self).__name__} does not say what it computes: define forward(self, x)")

    def describe(self) -> str:
        """What `repr` shows between the parentheses."""
        return ""

    # --- the tree -----------------------------------------------------------------------------------------------

    def __setattr__(self, attribute: str, member: Any) -> None:
        super().__setattr__(attribute, member)
        if isinstance(member, (Tensor, Module, list, tuple, dict)):  # pictures and errors show the dotted names
            for name, part in self.tree(f"{self._name}." if self._name else ""):
                rename(part, name)

    def members(self) -> Mapping[str, Any]:
        """The attributes in which modules and parameters are looked for, by the name that their paths begin with."""
        return vars(self)

    def children(self) -> Iterator[tuple[str, Module | Parameter | Buffer]]:
        """The parameters, buffers and modules of this module itself, not those further down, with their names."""
        for name, member in self.members().items():
            yield from unfold(name, member)

    def tree(self, prefix: str = "", seen: set[int] | None = None) -> Iterator[tuple[str, Module | Parameter | Buffer]]:
        """All that is below this module, each part once with its dotted name, in the order of the attributes."""
        seen = {id(self)} if seen is None else seen
        for name, child in self.children():
            if id(child) not in seen:
                seen.add(id(child))
                yield prefix + name, child
                if isinstance(child, Module):
                    yield from child.tree(f"{prefix}{name}.", seen)

    def named_tensors(self) -> Iterator[tuple[str, Parameter | Buffer]]:
        """Every parameter and buffer with its dotted name, each once: the state of the module."""
        for name, part in self.tree():
            if isinstance(part, Tensor):
                part.name = part.name or name  # one that came by a list's append is still without
                yield name, part

    def named_parameters(self) -> Iterator[tuple[str, Parameter]]:
        """Every parameter with its dotted name, each once."""
        return ((name, tensor) for name, tensor in self.named_tensors() if isinstance(tensor, Parameter))

    def named_modules(self) -> Iterator[tuple[str, Module]]:
        """The module itself under the name "", and every module below it with its dotted name, each once."""
        yield "", self
        yield from ((name, part) for name, part in self.tree() if isinstance(part, Module))

    def parameters(self) -> list[Parameter]:
        """Every parameter, each once."""
        return [parameter for _, parameter in self.named_parameters()]

    def modules(self) -> list[Module]:
        """The module itself and every module below it, each once."""
        return [module for _, module in self.named_modules()]

    # --- training -----------------------------------------------------------------------------------------------

    def zero_grad(self) -> None:
        """Forget the gradient of every parameter: `.grad` is None again."""
        for parameter in self.parameters():
            parameter.grad = None

    def train(self, mode: bool = True) -> Self:
        """Switch this module, and every module below it, to training (or, with False, to evaluation)."""
        for module in self.modules():
            module.training = mode
        return self

    def eval(self) -> Self:
        """Switch this module, and every module below it, to evaluation."""
        return self.train(False)

    # --- the numbers --------------------------------------------------------------------------------------------

    def state_dict(self) -> dict[str, Array]:
        """A copy of the numbers of every parameter and buffer by its dotted name."""
        return {name: np.array(tensor.numpy()) for name, tensor in self.named_tensors()}

    def load_state_dict(self, state: Mapping[str, Any], strict: bool = True) -> tuple[list[str], list[str]]:
        """Take the numbers of every parameter and buffer from `state`, by dotted name, in its own dtype.

        All or nothing: if anything does not fit, an error lists it and nothing changes. KeyError for names that
        are missing or unexpected, unless `strict` is False; ValueError for other shapes, nothing is broadcast.
        Returns the names that are missing and those that are unexpected.
        """
        own = dict(self.named_tensors())
        missing = [name for name in own if name not in state]
        unexpected = [name for name in state if name not in own]
        if strict and (missing or unexpected):
            lists = (("missing", missing), ("unexpected", unexpected))
            found = "; ".join(f"{what}: {', '.join(names)}" for what, names in lists if names)
            raise KeyError(f"the state is not of this {type(self).__name__}: {found} (strict=False ignores it)")
        arrays = {name: numbers(name, state[name]) for name in own if name in state}
        wrong = [
            f"{name} has shape {array.shape} instead of {own[name].shape}"
            for name, array in arrays.items()
            if array.shape != own[name].shape
        ]
        if wrong:
            raise ValueError(f"the state does not fit this {type(self).__name__}: {'; '.join(wrong)}")
        for name, array in arrays.items():
            own[name].assign(array.astype(own[name].dtype))
        return missing, unexpected

    # --- to look at ---------------------------------------------------------------------------------------------

    def __repr__(self) -> str:
        parts = list(self.children())
        lines = [f"{type(self).__name__}({self.describe()})"]
        parameters = self.parameters()
        if parameters:
            own = [f"{name} {part.shape}" for name, part in parts if isinstance(part, Parameter)]
            lines[0] += ": " + ", ".join([counted(parameters), *own])
        for name, part in parts:
            if isinstance(part, Module):
                lines.extend(f"  {line}" for line in f"{name}: {part!r}".split("\n"))
        return "\n".join(lines)

    def summary(self) -> str:
        """A table of the modules that hold parameters: name, layer, shapes, number of parameters, and the total."""
        rows = [("name", "layer", "shapes", "parameters")]
        for path, module in self.named_modules():
            own = [(name, part) for name, part in module.children() if isinstance(part, Parameter)]
            if own:
                layer = f"{type(module).__name__}({module.describe()})"
                shapes = ", ".join(f"{name} {part.shape}" for name, part in own)
                rows.append((path or "(itself)", layer, shapes, f"{sum(part.size for _, part in own):,}"))
        parameters = self.parameters()
        size = sum(parameter.size * parameter.dtype.itemsize for parameter in parameters)
        frozen = sum(parameter.size for parameter in parameters if not parameter.requires_grad)
        rows.append(
            ("total", "", f"{size:,} bytes" + (f", {frozen:,} frozen" if frozen else ""), counted(parameters, ""))
        )
        widths = [max(map(len, column)) for column in zip(*rows)]
        return "\n".join(
            "  ".join([*(cell.ljust(width) for cell, width in zip(row[:-1], widths)), row[-1].rjust(widths[-1])])
            for row in rows
        )


# --- modules around others ----------------------------------------------------------------------------------------


class Sequential(Module):
    """Layers one after the other: Sequential(Dense(2, 8), ReLU(), Dense(8, 1)), or a list of them.

    Their names are their positions, as in `model[0]`; a slice is a Sequential of the same layers.
    """

    def __init__(self, *layers: Module | Iterable[Module]) -> None:
        if len(layers) == 1 and not isinstance(layers[0], Module) and isinstance(layers[0], Iterable):
            layers = tuple(layers[0])
        for layer in layers:
            if not isinstance(layer, Module):
                raise TypeError(f"Sequential takes layers, and {layer!r} is none (the layer of nn.relu is nn.ReLU())")
        self.layers: tuple[Module, ...] = tuple(layers)  # type: ignore[arg-type]

    def forward(self, x: Any) -> Any:
        """Every layer applied to what the one before it gave."""
        for layer in self.layers:
            x = layer(x)
        return x

    def members(self) -> Mapping[str, Any]:
        """The layers by their position, and what a subclass adds."""
        own = dict(vars(self))
        return {str(i): layer for i, layer in enumerate(own.pop("layers", ()))} | own

    def __getitem__(self, i: int | slice) -> Any:
        return Sequential(*self.layers[i]) if isinstance(i, slice) else self.layers[i]

    def __len__(self) -> int:
        return len(self.layers)

    def __iter__(self) -> Iterator[Any]:
        return iter(self.layers)


class Residual(Sequential):
    """What enters plus what its layers, one after the other, make of it: x + layers(x).

    Where the layers change the shape, `shortcut` is a layer that x goes through on the other way.

    He, Zhang, Ren and Sun, "Deep residual learning for image recognition", 2015.
    """

    def __init__(self, *layers: Module | Iterable[Module], shortcut: Module | None = None) -> None:
        super().__init__(*layers)
        self.shortcut = shortcut

    def forward(self, x: Any) -> Tensor:
        """x + layers(x), or shortcut(x) + layers(x)."""
        y = super().forward(x)
        past = x if self.shortcut is None else self.shortcut(x)
        past = as_tensor(past, y.dtype)
        if past.shape != y.shape:
            raise misfit(self, x, f"its layers made {y.shape} of it, which {past.shape} cannot be added to (shortcut=)")
        return past + y  # type: ignore[no-any-return]


# --- how it is done -----------------------------------------------------------------------------------------------


def rename(part: Module | Tensor, name: str) -> None:
    """Give a part of a module its dotted name."""
    if isinstance(part, Module):
        part._name = name
    else:
        part.name = name


def unfold(name: str, member: Any) -> Iterator[tuple[str, Module | Parameter | Buffer]]:
    """The parameters, buffers and modules in an attribute with their paths, also inside lists, tuples and dicts."""
    if isinstance(member, (Parameter, Buffer, Module)):
        yield name, member
    elif isinstance(member, (list, tuple)):
        for i, item in enumerate(member):
            yield from unfold(f"{name}.{i}", item)
    elif isinstance(member, dict):
        for key, item in member.items():
            yield from unfold(f"{name}.{key}", item)


def counted(parameters: list[Parameter], unit: str = " parameter") -> str:
    """How many numbers these parameters are, for people."""
    total = sum(parameter.size for parameter in parameters)
    return f"{total:,}{unit}{'s' if unit and total != 1 else ''}"


def numbers(name: str, data: Any) -> Array:
    """A new array of the real numbers in `data`, which a state gives for `name`."""
    array = np.array(data.numpy() if isinstance(data, Tensor) else data)
    if array.dtype.kind not in "fiub":
        raise ValueError(f"the state holds no real numbers for {name}, but {array.dtype}")
    return array


def as_tensor(x: Any, dtype: npt.DTypeLike | None = None) -> Tensor:
    """A tensor as it is, anything else as a tensor of `dtype`: what a layer does with what enters it."""
    return x if isinstance(x, Tensor) else Tensor(x, dtype=dtype)


def misfit(layer: Module, x: Any, wanted: str) -> ValueError:
    """The error for an input of the wrong shape, which says what shape is wanted."""
    return ValueError(f"{type(layer).__name__}({layer.describe()}) got input of shape {np.shape(x)}: {wanted}")
