"""The graph in ONNX's own classes, checked by its own checker."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from .batches import Call, Sizes
from .graph import Graph, Node, Step

OPSET = 17  # of 2022: onnxruntime from 1.12 on
IR_VERSION = 8  # the format of that version


def library() -> Any:
    """The package onnx, which is an extra."""
    try:
        import onnx
    except ImportError as error:
        raise ImportError('a model is written to ONNX by its package: pip install "chainrule[onnx]"') from error
    return onnx


def as_model(graph: Graph, outputs: Mapping[str, Call], name: str) -> Any:
    """An onnx.ModelProto with these outputs."""
    onnx = library()
    helper = onnx.helper

    def kind(dtype: np.dtype[Any]) -> Any:
        return helper.np_dtype_to_tensor_dtype(dtype)

    def info(name: str, dtype: np.dtype[Any], shape: Sizes | None) -> Any:
        sizes = None if shape is None else [size if isinstance(size, int) else str(size) for size in shape]
        return helper.make_tensor_value_info(name, kind(dtype), sizes)

    def step(x: Step) -> Any:
        before, element, after, each = (info(name, x.dtype, None) for name in ("before", "element", "after", "each"))
        nodes = [helper.make_node(x.kind, ["before", "element"], ["after"]),
                 helper.make_node("Identity", ["after"], ["each"])]  # fmt: skip
        return helper.make_graph(nodes, "step", [before, element], [after, each])

    def attribute(x: Any) -> Any:
        return kind(x) if isinstance(x, np.dtype) else step(x) if isinstance(x, Step) else x

    graph.keep([graph.name(call) for call in outputs.values()])
    made, renamed = [], dict[str, str]()
    own = {output for node in graph.nodes for output in node.outputs}
    graph.scope = ()
    for wish, call in outputs.items():
        source, output = graph.name(call), graph.named(wish, call.dtype)
        if source in own and source not in renamed:
            renamed[source] = output
        else:  # an input, a constant, or one that is an output already
            graph.nodes.append(Node("Identity", (source,), (output,), {}, output))
        made.append(info(output, call.dtype, call.shape))
    nodes = []
    for node in graph.nodes:
        reads, gives = ([renamed.get(x, x) for x in names] for names in (node.inputs, node.outputs))
        attributes = {key: attribute(x) for key, x in node.attributes.items()}
        nodes.append(helper.make_node(node.kind, reads, gives, name=node.name, **attributes))
    constants = [onnx.numpy_helper.from_array(array, name) for name, array in graph.initializers.items()]
    inputs = [info(graph.names[call], call.dtype, call.shape) for call in graph.inputs]
    model = helper.make_model(
        helper.make_graph(nodes, name, inputs, made, constants),
        opset_imports=[helper.make_opsetid("", OPSET)],
        ir_version=IR_VERSION,
        producer_name="chainrule",
    )
    onnx.checker.check_model(model, full_check=True)
    return model
