"""What the tests of layers share: a module as a function of its parameters, and the promises that every layer keeps."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

import nn
from autograd import Tensor, check_grads


def as_function(model: nn.Module) -> tuple[Callable[..., Any], list[Any]]:
    """`model` as a function of its parameters' numbers and its inputs, and those numbers."""
    places = [(m, name) for m in model.modules() for name, part in m.children() if isinstance(part, nn.Parameter)]

    def f(parameters: Iterable[Any], *inputs: Any) -> Any:
        for (module, name), parameter in zip(places, parameters, strict=True):
            vars(module)[name] = parameter
        return model(*inputs)

    return f, [np.array(vars(module)[name].numpy()) for module, name in places]


def check_layer(make: Callable[..., nn.Module], *inputs: Any, order: int = 2) -> None:
    """Check the gradients of `make(dtype=np.float64)` by its parameters and by the inputs."""
    f, parameters = as_function(make(dtype=np.float64))
    check_grads(f, parameters, *inputs, order=order)


def check_float32(model: nn.Module, *inputs: Any) -> None:
    """Outputs and every gradient are float32, also where arrays of float64 enter."""
    tensors = [Tensor(x, requires_grad=True, dtype=np.float32) for x in inputs]
    for output in parts(model(*inputs)):
        assert output.dtype == np.float32
    total: Any = sum(part.sum() for part in parts(model(*tensors)))
    assert total.dtype == np.float32
    total.backward()
    assert {t.grad.dtype for t in [*tensors, *model.parameters()]} <= {np.dtype(np.float32)}


def parts(output: Any) -> list[Any]:
    """The tensors in what a layer returned."""
    return [part for item in output for part in parts(item)] if isinstance(output, tuple) else [output]


def agree(ours: Any, theirs: Any, rtol: float = 1e-11, atol: float = 1e-13) -> None:
    """One of our tensors or arrays holds the numbers of one of torch's."""
    np.testing.assert_allclose(
        ours.numpy() if isinstance(ours, Tensor) else ours, theirs.detach().numpy(), rtol=rtol, atol=atol
    )
