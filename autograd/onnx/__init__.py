"""ONNX: the calls of a function as a graph of ONNX operators, which other programs run.

expanding    functions that are made of others become those
batches      the function is traced with two and with three samples: what differs is the size of the batch
graph        nodes, constants, shapes and dtypes of the graph that is made
table        which converter writes which function, and which calls are one operator together; filled by elementwise,
             structure, indexing, reductions, products, windows, and patterns, where convolutions and pooling are found
proto        the graph in ONNX's own classes, checked

The trace is that of `compile`: it refuses branches on numbers, and whatever else is known only when a program runs.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from . import elementwise, indexing, patterns, products, reductions, structure, windows
from .batches import traced
from .graph import Graph
from .proto import IR_VERSION, OPSET, as_model
from .table import convert

__all__ = ["IR_VERSION", "OPSET", "to_onnx"]

CHAPTERS = (elementwise, structure, indexing, reductions, products, windows, patterns)  # importing them fills the table


def to_onnx(
    f: Callable[..., Any],
    args: Sequence[Any],
    kwargs: Mapping[str, Any] = MappingProxyType({}),
    *,
    inputs: Sequence[str] | None = None,
    name: str = "function",
) -> Any:
    """The function `f`, called with arrays, as an ONNX model (onnx.ModelProto) for any number of samples.

    The first axis of every array among `args` and `kwargs` counts samples, one or more, the same number in each; their
    other axes and their dtypes are those of the model's inputs. Parameters and other tensors that `f` uses are
    constants of the model, under their names. `inputs` names the inputs, which are `input`, `input_0`, `input_1`, or
    the keywords, otherwise; outputs are called `output`, `output_0`, `output_1`, or by the key in a dict.

    Raises NotImplementedError for a function that no operator of ONNX computes, or that draws at random, ValueError for
    numbers that depend on how many samples there are, and autograd.TraceError for what depends on their values.

    It needs the extra `onnx`: pip install "chainrule[onnx]".

    >>> import numpy as np
    >>> model = to_onnx(lambda x: np.tanh(x).sum(axis=1), [np.ones((1, 3))])
    >>> [node.op_type for node in model.graph.node]
    ['Tanh', 'ReduceSum']
    """
    calls = traced(f, args, kwargs, inputs)
    graph = Graph(calls.inputs)
    for call in calls.calls:
        graph.scope = call.scope
        graph.names[call] = convert(graph, call)
    return as_model(graph, calls.outputs, name)
