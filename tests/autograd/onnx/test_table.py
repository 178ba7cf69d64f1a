"""Every function of the derivative table in onnxruntime beside NumPy, or refused by its name."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from arguments import INSTEAD, TABLE, Function, some_calls

from autograd import TraceError, to_onnx
from autograd.inspecting import name_of
from autograd.trees import leaves

onnxruntime = pytest.importorskip("onnxruntime")


def outputs(model: Any, *inputs: Any) -> list[Any]:
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    named = {given.name: x for given, x in zip(session.get_inputs(), inputs, strict=True)}
    return list(session.run(None, named))


def is_array(x: Any) -> bool:
    return isinstance(x, np.ndarray) and x.dtype.kind == "f"


def attempt(fun: Function, call: Any, dtype: Any) -> str:
    """Whether a call, of the first sample of a batch, can be exported and gives what it is to give."""
    if call.kwargs.get("ord") in (np.inf, -np.inf):
        return "no array"  # a float around the function is read anew, and so no order of a norm
    arrays = [x.astype(dtype) for x in call.args if is_array(x)]

    def f(*batches: Any) -> Any:
        samples = iter(batches)
        return INSTEAD.get(fun, fun)(*(next(samples)[0] if is_array(x) else x for x in call.args), **call.kwargs)

    if not arrays or any(not x.size for x in arrays):  # onnxruntime divides by the size of an empty operand
        return "no array"
    batches = [np.stack([x, x + 1]) for x in arrays]
    try:
        model = to_onnx(f, batches)
    except (NotImplementedError, TraceError) as error:
        return str(error)
    with np.errstate(all="ignore"):
        expected = [np.asarray(x) for x in leaves(f(*batches))]
    for one, other in zip(outputs(model, *batches), expected, strict=True):
        assert (one.dtype, one.shape) == (other.dtype, other.shape)
        np.testing.assert_allclose(one, other, rtol=1e-5, atol=1e-5)
    return ""


# what no operator computes; a function that is new in the table is exported, or stands here
# fmt: off
REFUSED = {
    "autograd.all_sum", "autograd.cofactor", "autograd.divisor", "autograd.fraction", "autograd.full_rank",
    "autograd.geometric", "autograd.nll", "autograd.nonnegative", "autograd.on_diagonal", "autograd.overlap_add",
    "autograd.p_norm", "autograd.packed_eigh", "autograd.packed_qr", "autograd.packed_slogdet", "autograd.packed_svd",
    "autograd.recurrence", "autograd.softmax_cross_entropy", "autograd.surplus", "np.add.reduceat", "np.arctan2",
    "np.bincount", "np.convolve", "np.correlate", "np.diagflat", "np.geomspace", "np.interp", "np.linalg.cholesky",
    "np.linalg.eigh", "np.linalg.eigvalsh", "np.linalg.inv", "np.linalg.lstsq", "np.linalg.pinv", "np.linalg.qr",
    "np.linalg.slogdet", "np.linalg.solve", "np.linalg.svd", "np.linalg.svdvals", "np.partition", "np.piecewise",
    "np.rot90", "np.unique", "np.unwrap",
}
# some of their forms have one, and few calls may meet the others alone
PARTLY = {"np.diag", "np.linalg.cond", "np.linalg.matrix_norm", "np.linalg.norm", "autograd.scatter",
          "np.apply_along_axis"}
# fmt: on


@pytest.mark.slow
@pytest.mark.parametrize("fun", TABLE, ids=name_of)
def test_onnxruntime_computes_it_or_it_is_refused_by_name(fun: Function) -> None:
    """Some arguments may be refused where others are not."""
    found = [attempt(fun, call, dtype) for dtype in (np.float32, np.float64) for call in some_calls(fun, 3, 1)]
    said = {*found} - {"no array"}
    assert name_of(fun) not in REFUSED or "" not in said
    assert name_of(fun) in REFUSED or not said or "" in said or name_of(fun) in PARTLY, said
    assert all("has no operator in ONNX" in text or "inside a function" in text for text in said - {""})
