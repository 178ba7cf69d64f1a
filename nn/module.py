"""Module, Parameter, Buffer: a network is a tree of modules whose leaves are its parameters and buffers."""

from __future__ import annotations

import warnings
import weakref
from collections.abc import Iterator, Mapping
from typing import Any, ClassVar, Self

import numpy as np
import numpy.typing as npt

from autograd import Tensor, arrays, asarray, depends_on, scoped

from .drawing import seen
from .predicting import SIZE, predict
from .synonyms import MissingInModules, refuse_constructor

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


class Module(MissingInModules):
    """A function with parameters. A subclass sets its parameters and modules as attributes and defines `forward`.

    They are found in attributes, also inside lists, tuples and dicts of them, and named by the path to them,
    `encoder.0.W`. A parameter that is shared counts once, under its first name. Buffers are found like parameters.
    Numbers that are set where a parameter is, `layer.W = array`, go into it; another shape is refused.

    >>> class Scale(Module):
    ...     def __init__(self):
    ...         self.factor = Parameter(2.0)
    ...     def forward(self, x):
    ...         return x * self.factor
    >>> Scale()
    Scale(): 1 parameter, factor ()
    """

    training: bool = True  # some layers behave differently then; see train() and eval()
    drawn_as: ClassVar[str] = ""  # the kind of its cells in pictures; "" for what is drawn by what is inside of it
    _name: str = ""  # dotted, in the outermost module

    def __new__(cls, *args: Any, **kwargs: Any) -> Self:
        """Answer to those who give arguments under other libraries' names."""
        if cls.__init__ is object.__init__ and (args or kwargs):
            raise TypeError(f"{cls.__name__}() takes no arguments")
        if kwargs:
            refuse_constructor(cls, kwargs)
        return super().__new__(cls)

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
        is_new, old = attribute not in vars(self), vars(self).get(attribute)
        if isinstance(old, HOLDERS) and old is not member:
            if isinstance(old, (Parameter, Buffer)) and not (member is None or isinstance(member, PARTS)):
                assign_numbers(f"{type(self).__name__}.{attribute}", old, member)
                return
            self.refuse_loss(attribute, old, member)
        super().__setattr__(attribute, member)
        if isinstance(member, HOLDERS):
            try:
                named = list(self.tree(f"{self._name}." if self._name else ""))
            except ValueError:  # two parts of one name
                if is_new:
                    del vars(self)[attribute]
                else:
                    super().__setattr__(attribute, old)
                raise
            for name, part in named:  # pictures and errors show the dotted names
                rename(part, name)
            for name in overlooked(attribute, member):
                warnings.warn(
                    f"{type(self).__name__}.{name} is a Tensor that requires a gradient and no nn.Parameter: "
                    "parameters() does not find it, so no optimizer trains it and no file holds it. "
                    f"Write self.{attribute} = nn.Parameter(...)",
                    stacklevel=2,
                )
        if isinstance(old, HOLDERS) and old is not member:
            kept = {id(part) for _, part in unfold("", member)}
            gone = [part for _, part in unfold("", old) if id(part) not in kept]
            REPLACED.update((id(tensor), tensor) for tensor in tensors(gone))
        if REPLACED and isinstance(member, HOLDERS):
            for tensor in tensors(member):
                REPLACED.pop(id(tensor), None)

    def refuse_loss(self, attribute: str, old: Any, member: Any) -> None:
        """Raise TypeError if parts of the module would be gone for what is no part, and cannot be called like one."""
        emptied = isinstance(member, (list, tuple, dict)) and not member
        if member is None or emptied or (callable(member) and not isinstance(member, type)):
            return
        if any(unfold(attribute, old)) and not any(unfold(attribute, member)):
            what = "a module" if isinstance(old, Module) else "parameters or modules"
            raise TypeError(
                f"{type(self).__name__}.{attribute} holds {what}, and {short(member)} would remove what it holds: set "
                "it to modules or nn.Parameters again, or to None"
            )

    def members(self) -> Iterator[tuple[str, Any]]:
        """The attributes in which modules and parameters are looked for, with the name that their paths begin with."""
        yield from vars(self).items()

    def children(self) -> Iterator[tuple[str, Module | Parameter | Buffer]]:
        """The parameters, buffers and modules of this module itself, not those further down, with their names."""
        for name, member in self.members():
            yield from unfold(name, member)

    def tree(self, prefix: str = "") -> Iterator[tuple[str, Module | Parameter | Buffer]]:
        """All that is below this module, each part once with its dotted name, in the order of the attributes.

        Raises ValueError if two of them have the same name, as those of {0: p, "0": q}: a state would hold only one.
        """
        names: set[str] = set()
        depends_on(vars(self))
        for name, part in self.below(prefix, {id(self)}):
            if isinstance(part, Module):
                depends_on(vars(part))
            if name in names:
                raise ValueError(
                    f"two parts of {type(self).__name__} would have the name {name}: a name is the path to a part, "
                    "with dots, and each must have its own"
                )
            names.add(name)
            yield name, part

    def below(self, prefix: str, seen: set[int]) -> Iterator[tuple[str, Module | Parameter | Buffer]]:
        """All that is below this module and has not been seen."""
        for name, child in self.children():
            if id(child) not in seen:
                seen.add(id(child))
                yield prefix + name, child
                if isinstance(child, Module):
                    yield from child.below(f"{prefix}{name}.", seen)

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

    def predict(self, X: Any, batch_size: int | None = SIZE) -> Any:
        """The prediction for every sample of `X`, in batches, in evaluation mode, as an array: see nn.predict."""
        return predict(self, X, batch_size)

    def _cells_(self, x: Any) -> tuple[Any, Any, dict[tuple[str, str], tuple[str, str]]]:
        """What autograd.draw asks of a network: one sample, the output for it, and what the layers are drawn as."""
        return seen(self, x)

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
        given = {name: numbers(name, state[name]) for name in own if name in state}
        wrong = [
            f"{name} has shape {array.shape} instead of {own[name].shape}"
            for name, array in given.items()
            if array.shape != own[name].shape
        ]
        if wrong:
            raise ValueError(f"the state does not fit this {type(self).__name__}: {'; '.join(wrong)}")
        for name, array in given.items():
            own[name].assign(arrays.beside(own[name], array.astype(own[name].dtype)))
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


# --- how it is done -----------------------------------------------------------------------------------------------

PARTS = (Parameter, Buffer, Module)
HOLDERS = (Tensor, Module, list, tuple, dict)  # what may be or hold a part
# the tensors, by id, that had a place in a module until another took it
REPLACED: weakref.WeakValueDictionary[int, Tensor] = weakref.WeakValueDictionary()


def assign_numbers(name: str, own: Parameter | Buffer, given: Any) -> None:
    """Put the numbers that are set as an attribute into the parameter or buffer that is there."""
    kind = type(own).__name__.lower()
    cure = f"numbers of shape {own.shape}, an nn.{type(own).__name__} or None can be set there"
    if isinstance(given, Tensor) and given.requires_grad:
        raise TypeError(
            f"{name} is a {kind}, and what a Tensor with a gradient was computed from would be lost in it: {cure}. Of "
            "a Tensor take .detach(), or compute it under autograd.no_grad()"
        )
    array = numbers_of(given) if isinstance(given, Tensor) else asarray(given)
    if array.dtype.kind not in "fiub":
        raise TypeError(f"{name} is a {kind}, and {short(given)} is none: {cure}")
    if array.shape != own.shape:
        raise ValueError(f"{name} is a {kind}, and numbers of shape {array.shape} do not fit: {cure}")
    own.assign(array.astype(own.dtype))


def overlooked(name: str, member: Any) -> Iterator[str]:
    """The paths of leaves in an attribute that require a gradient, and are no parameters."""
    if isinstance(member, Tensor):
        if member.requires_grad and member.is_leaf and not isinstance(member, PARTS):
            yield name
    elif isinstance(member, (list, tuple, dict)):
        for key, item in member.items() if isinstance(member, dict) else enumerate(member):
            yield from overlooked(f"{name}.{key}", item)


def tensors(member: Any) -> Iterator[Tensor]:
    """All parameters and buffers in an attribute, and in the modules in it."""
    for _, part in unfold("", member):
        if isinstance(part, Module):
            yield from (tensor for _, tensor in part.named_tensors())
        else:
            yield part


def short(thing: Any) -> str:
    """An object in an error, not too long."""
    text = repr(thing)
    return text if len(text) <= 80 else f"a {type(thing).__name__}"


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
    elif isinstance(member, (list, tuple, dict)):
        for key, item in member.items() if isinstance(member, dict) else enumerate(member):
            yield from unfold(f"{name}.{key}", item)


def counted(parameters: list[Parameter], unit: str = " parameter") -> str:
    """How many numbers these parameters are, for people."""
    total = sum(parameter.size for parameter in parameters)
    return f"{total:,}{unit}{'s' if unit and total != 1 else ''}"


def numbers_of(tensor: Tensor) -> Any:
    """The numbers of a tensor: on a device where they live there, else in NumPy, not copied."""
    on_a_device = arrays.lives_elsewhere(tensor) and not arrays.is_lazy(tensor)
    return tensor.data if on_a_device else tensor.numpy()


def numbers(name: str, data: Any) -> Array:
    """A new array of the real numbers in `data`, which a state gives for `name`."""
    array = np.array(data.numpy() if isinstance(data, Tensor) else arrays.in_numpy(data))
    if array.dtype.kind not in "fiub":
        raise ValueError(f"the state holds no real numbers for {name}, but {array.dtype}")
    return array


def as_tensor(x: Any, dtype: npt.DTypeLike | None = None) -> Tensor:
    """A tensor as it is, anything else as a tensor of `dtype`, which pictures call X: how data enter a layer."""
    if isinstance(x, Tensor):
        return x
    array = x if type(x) is np.ndarray else asarray(one_array(x))
    if isinstance(array, np.ndarray) or arrays.kind_of(array):
        return Tensor(array, dtype=dtype, name="X")
    return asarray(array, dtype)  # type: ignore[no-any-return]  # an example in vmap


def one_array(x: Any) -> Any:
    """What enters a layer, if it is not what a recurrent layer gives."""
    if isinstance(x, tuple) and any(isinstance(part, Tensor) for part in x):
        raise TypeError(
            f"this layer takes one array, and got a tuple of {len(x)}, as the pair (outputs, state) that nn.RNN, "
            "nn.LSTM and nn.GRU give: take one, outputs, state = lstm(x); in a Sequential put nn.Last() between them "
            "for the output after the last step, or nn.Outputs() for those of all steps"
        )
    return x


def misfit(layer: Module, x: Any, wanted: str) -> ValueError:
    """The error for an input of the wrong shape, which says what shape is wanted."""
    return ValueError(f"{type(layer).__name__}({layer.describe()}) got input of shape {np.shape(x)}: {wanted}")
