"""A model for other programs: an ONNX file, which onnxruntime and many others run."""

from __future__ import annotations

import inspect
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from autograd import Tensor, to_onnx

from .module import Module
from .predicting import evaluating
from .saving import installed_version, replace_file


def export_onnx(model: Any, path: Any, X: Any) -> None:
    """Write `model`, as it predicts, to an ONNX file, for any number of samples.

    `X` is one sample or more, `X[:1]`, of which shapes and dtypes count: the file takes these dtypes, and has these
    sizes, but along the first axis, which is called `batch`. A dict goes in as model(**x), a tuple of arrays as
    model(*x); each array is an input by the name that `forward` gives it. Outputs are `output`, of several `output_0`,
    `output_1`, or the keys of a dict. Parameters keep their dotted names. The model is in evaluation mode meanwhile.

    The file appears whole or not at all. It is of ONNX's opset 17, which onnxruntime runs from version 1.12 on.

    Raises NotImplementedError, which names the function and the layer, for what has no operator in ONNX or draws at
    random; ValueError for numbers that depend on how many samples there are; autograd.TraceError for Python's branches
    on numbers that are computed. Then no file is written. It needs the extra `onnx`: pip install "chainrule[onnx]".
    """
    if not isinstance(model, Module) or not isinstance(path, (str, os.PathLike)):
        raise TypeError(
            f"nn.export_onnx(model, path, X[:1]) takes a module and a path, not {model!r:.80}, {path!r:.80}"
        )
    args, kwargs = ((), dict(X)) if isinstance(X, Mapping) else (X if isinstance(X, tuple) else (X,), {})
    args = tuple(map(as_array, args))
    kwargs = {name: as_array(x) for name, x in kwargs.items()}
    with evaluating(model):
        made = to_onnx(model, args, kwargs, inputs=input_names(model, args, kwargs), name=type(model).__name__)
    made.producer_version = installed_version()
    made.doc_string = repr(model)
    replace_file(Path(path), [made.SerializeToString()])


def as_array(x: Any) -> Any:
    """The numbers of a sample."""
    return x.numpy() if isinstance(x, Tensor) else np.asarray(x)


def input_names(model: Module, args: Any, kwargs: Any) -> list[str]:
    """What `forward` calls its arguments."""
    try:
        bound = inspect.signature(model.forward).bind(*args, **kwargs)
    except TypeError as error:
        raise TypeError(f"{type(model).__name__}.forward does not take this X: {error}") from error
    names: list[str] = []
    for name, given in bound.arguments.items():
        kind = bound.signature.parameters[name].kind
        if kind is inspect.Parameter.VAR_POSITIONAL:
            names += [f"{name}_{i}" for i in range(len(given))]
        elif kind is inspect.Parameter.VAR_KEYWORD:
            names += given
        else:
            names.append(name)
    return names
