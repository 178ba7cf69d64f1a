"""Products of matrices as operators."""

from __future__ import annotations

import string
from typing import Any

import numpy as np

from ..rules.products import affine, contract
from .batches import Call
from .graph import Graph
from .table import converts


@converts(np.matmul)
def _matmul(g: Graph, call: Call, a: Any, b: Any) -> str:
    return g.node("MatMul", a, b, dtype=call.dtype)


@converts(affine)
def _affine(g: Graph, call: Call, x: Call, W: Any, b: Any) -> str:
    if x.ndim == 2:
        return g.node("Gemm", x, W, b, dtype=call.dtype)
    return g.node("Add", g.node("MatMul", x, W, dtype=call.dtype), b, dtype=call.dtype)


@converts(contract)
def _contract(g: Graph, call: Call, a: Any, b: Any, subscripts: str) -> str:
    return g.node("Einsum", a, b, dtype=call.dtype, equation=subscripts)


@converts(np.tensordot)
def _tensordot(g: Graph, call: Call, a: Call, b: Call, axes: Any = 2) -> str:
    if isinstance(axes, int):
        axes = [*range(a.ndim - axes, a.ndim)], [*range(axes)]
    pairs = [(int(i) % a.ndim, int(j) % b.ndim) for i, j in zip(*map(np.atleast_1d, axes))]
    in_a = list(string.ascii_lowercase[: a.ndim])
    in_b = list(string.ascii_uppercase[: b.ndim])
    for i, j in pairs:
        in_b[j] = in_a[i]
    out = [c for c in in_a if c not in in_b] + [c for c in in_b if c not in in_a]
    return g.node("Einsum", a, b, dtype=call.dtype, equation=f"{''.join(in_a)},{''.join(in_b)}->{''.join(out)}")


@converts(np.linalg.det)
def _det(g: Graph, call: Call, x: Any) -> str:
    return g.cast(g.node("Det", g.use(x, np.float32), dtype=np.float32), call.dtype)  # in onnxruntime in single alone
