"""Modules that hold others: ModuleList, Sequential, one after the other, and Residual, around what it adds to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from autograd import Tensor

from ..module import Module, as_tensor, misfit, short
from .activations import ACTIVATIONS, Activation
from .recurrent import Last, Outputs


class ModuleList(Module):
    """Modules in a row, with no forward of its own: ModuleList([Dense(2, 8), Dense(8, 1)]).

    It can be changed like a list: `modules[1] = module`, `del modules[1]`, append, extend, insert. The names in it are
    positions. A plain list, or a dict, of modules is found by a Module just as well; this one refuses what is no
    module, and has `parameters()`, `eval()` and all that a module has.
    """

    def __init__(self, *layers: Module | Iterable[Module]) -> None:
        if len(layers) == 1 and not isinstance(layers[0], Module) and isinstance(layers[0], Iterable):
            layers = tuple(layers[0])
        self.layers: tuple[Module, ...] = self.checked(layers)

    def checked(self, layers: Iterable[Any]) -> tuple[Module, ...]:
        """The layers, if all of them are."""
        layers = tuple(layers)
        for layer in layers:
            if not isinstance(layer, Module):
                raise TypeError(f"{type(self).__name__} takes layers, and {short(layer)} is none{hint(layer)}")
        return layers

    def members(self) -> Iterator[tuple[str, Any]]:
        """The layers by their position, and what a subclass adds."""
        yield from ((str(i), layer) for i, layer in enumerate(vars(self).get("layers", ())))
        yield from ((name, member) for name, member in vars(self).items() if name != "layers")

    def __getitem__(self, i: int | slice) -> Any:
        if not isinstance(i, slice):
            return self.layers[i]
        return (Sequential if isinstance(self, Sequential) else ModuleList)(*self.layers[i])

    def __setitem__(self, i: int | slice, layer: Module | Iterable[Module]) -> None:
        layers: Any = list(self.layers)
        layers[i] = layer
        self.layers = self.checked(layers)

    def __delitem__(self, i: int | slice) -> None:
        layers = list(self.layers)
        del layers[i]
        self.layers = tuple(layers)

    def __len__(self) -> int:
        return len(self.layers)

    def __iter__(self) -> Iterator[Any]:
        return iter(self.layers)

    def insert(self, i: int, layer: Module) -> None:
        """Put a layer before the one at position `i`."""
        self[i:i] = [layer]

    def append(self, layer: Module) -> None:
        """Put a layer at the end."""
        self.insert(len(self), layer)

    def extend(self, layers: Iterable[Module]) -> None:
        """Put layers at the end."""
        self[len(self) :] = list(layers)


class Sequential(ModuleList):
    """Layers one after the other: Sequential(Dense(2, 8), ReLU(), Dense(8, 1)), or a list of them.

    Their names are their positions, as in `model[0]`; a slice is a Sequential of the same layers. It can be changed
    like a list: `model[1] = layer`, `del model[1]`, append, extend, insert.
    """

    def forward(self, x: Any) -> Any:
        """Every layer applied to what the one before it gave."""
        for layer in self.layers:
            if x.__class__ is tuple:
                self.refuse_pair(layer, x)
            x = layer(x)
        return x

    def refuse_pair(self, layer: Module, x: tuple[Any, ...]) -> None:
        """Raise for what a recurrent layer gives, before a layer of this library that takes one array."""
        own = type(layer).forward.__module__.partition(".")[0] == "nn"
        if own and not isinstance(layer, (Sequential, Last, Outputs)) and any(isinstance(part, Tensor) for part in x):
            i = next(i for i, other in enumerate(self.layers) if other is layer)
            before = f"layer {i - 1}, {title(self.layers[i - 1])}, gives" if i else "entered"
            raise TypeError(
                f"Sequential: layer {i}, {title(layer)}, takes one array, and not the tuple that {before}. After a "
                "recurrent layer, which gives the pair (outputs, state), put nn.Last() for the output after the last "
                "step, or nn.Outputs() for those of all steps"
            )


class Residual(Sequential):
    """What enters plus what its layers, one after the other, make of it: x + layers(x).

    Where the layers change the shape, `shortcut` is a layer that x goes through on the other way.

    He, Zhang, Ren and Sun, "Deep residual learning for image recognition", 2015.
    """

    def __init__(self, *layers: Module | Iterable[Module], shortcut: Module | None = None) -> None:
        super().__init__(*layers)
        self.shortcut = None if shortcut is None else self.checked([shortcut])[0]

    def forward(self, x: Any) -> Tensor:
        """x + layers(x), or shortcut(x) + layers(x)."""
        y = super().forward(x)
        past = x if self.shortcut is None else self.shortcut(x)
        past = as_tensor(past, y.dtype)
        if past.shape != y.shape:
            raise misfit(self, x, f"its layers made {y.shape} of it, which {past.shape} cannot be added to (shortcut=)")
        return past + y  # type: ignore[no-any-return]


def title(layer: Module) -> str:
    """A layer in an error: "Dense(2 -> 8)"."""
    return f"{type(layer).__name__}({layer.describe()})"


def hint(thing: Any) -> str:
    """What to write for something that is no layer."""
    if isinstance(thing, type):
        return f" but a class: write {thing.__name__}(), with its arguments if it has any"
    function = ACTIVATIONS.get(thing) if isinstance(thing, str) else thing
    for kind in Activation.__subclasses__():
        if function is kind.function:
            return f" (the layer of nn.{getattr(function, '__name__', '')} is nn.{kind.__name__}())"
    return " (make a module of a function: a class of nn.Module whose forward calls it)" if callable(thing) else ""
