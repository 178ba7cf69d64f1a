"""Models in onnxruntime beside ours, at batches of another size than the one they were exported with."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import nn
from autograd import TraceError, anew

from .test_every_layer import FORMS, LAYERS, Make, outputs, used

onnx = pytest.importorskip("onnx")
onnxruntime = pytest.importorskip("onnxruntime")

RNG = np.random.default_rng(3)


def exported(path: Path, X: dict[str, Any]) -> dict[str, Any]:
    """What onnxruntime computes of these inputs."""
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    return dict(zip([output.name for output in session.get_outputs()], session.run(None, X), strict=True))


def check(model: nn.Module, X: Any, path: Path, rtol: float = 1e-5) -> Any:
    """Export one sample, and compare for all of them; the file, read."""
    nn.export_onnx(model, path, X[:1])
    made = onnx.load(path)
    onnx.checker.check_model(made, full_check=True)
    found = exported(path, {made.graph.input[0].name: X})
    for one, other in zip(found.values(), outputs(model, X), strict=True):
        assert (one.dtype, one.shape) == (other.dtype, other.shape)
        np.testing.assert_allclose(one, other, rtol=rtol, atol=1e-5)
    return made


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize(("make", "x"), [*LAYERS.values(), *FORMS.values()], ids=[*map(str, LAYERS), *FORMS])
def test_every_layer(make: Make, x: Any, dtype: Any, tmp_path: Path) -> None:
    layer = used(make, x) if dtype == np.float32 else make(0, dtype).eval()
    batch = (
        np.concatenate([x, x[::-1], x]) if x.dtype.kind in "iu" else RNG.normal(size=(7, *x.shape[1:])).astype(dtype)
    )
    check(layer, batch, tmp_path / "layer.onnx")


@pytest.mark.parametrize(("make", "kind"), [
    (lambda: nn.Conv2d(4, 6, (3, 2), stride=(2, 1), padding=(1, 2), dilation=(1, 2), groups=2, rng=0), "Conv"),
    (lambda: nn.Conv2d(4, 6, 3, padding="same", stride=2, bias=False, rng=0), "Conv"),
    (lambda: nn.Conv2d(4, 8, 3, groups=4, rng=0), "Conv"),
    (lambda: nn.Conv2d(4, 6, 1, rng=0), "Conv"),
    (lambda: nn.ConvTranspose2d(4, 6, (3, 2), stride=(2, 3), padding=1, output_padding=(1, 2), groups=2, dilation=2,
                                rng=0), "ConvTranspose"),
    (lambda: nn.ConvTranspose2d(4, 4, 3, stride=3, output_padding=2, bias=False, rng=0), "ConvTranspose"),
    (lambda: nn.MaxPool2d((2, 4), stride=2, padding=(1, 2)), "MaxPool"),
    (lambda: nn.AvgPool2d(3, stride=1, padding=1), "AveragePool"),
    (lambda: nn.BatchNorm2d(4, affine=False), None),
    (lambda: nn.GroupNorm(4, 4, affine=False), None),
    (lambda: nn.PReLU(4), None),
])  # fmt: skip
def test_forms_of_layers_of_images(make: Any, kind: str | None, tmp_path: Path) -> None:
    made = check(make().eval(), RNG.normal(size=(5, 4, 8, 9)).astype(np.float32), tmp_path / "layer.onnx")
    assert kind is None or [node.op_type for node in made.graph.node] == [kind]


@pytest.mark.parametrize(("make", "kind"), [
    (lambda: nn.Conv1d(4, 6, 3, padding="same", dilation=2, rng=0), "Conv"),
    (lambda: nn.ConvTranspose1d(4, 6, 3, stride=2, padding=1, output_padding=1, rng=0), "ConvTranspose"),
    (lambda: nn.MaxPool1d(2, padding=1), "MaxPool"),
    (lambda: nn.AvgPool1d(2), "AveragePool"),
])  # fmt: skip
def test_forms_of_layers_of_sequences(make: Any, kind: str, tmp_path: Path) -> None:
    made = check(make(), RNG.normal(size=(5, 4, 9)).astype(np.float32), tmp_path / "layer.onnx")
    assert [node.op_type for node in made.graph.node] == [kind]


class Block(nn.Module):
    """A block of a small language model."""

    def __init__(self) -> None:
        self.tokens, self.places = nn.Embedding(11, 8, rng=0), nn.Embedding(6, 8, rng=1)
        self.before, self.attention = nn.LayerNorm(8), nn.MultiHeadAttention(8, 2, dropout=0.1, rng=2)
        self.after = nn.Residual(nn.LayerNorm(8), nn.Dense(8, 32, "gelu", rng=3), nn.Dense(32, 8, rng=4))
        self.head = nn.Dense(8, 11, rng=5)

    def forward(self, tokens: Any) -> Any:
        x = self.tokens(tokens) + self.places(np.arange(tokens.shape[1]))
        x = x + self.attention(self.before(x), mask=(tokens != 0)[:, None, :], causal=True)
        return self.head(self.after(x))


def test_a_language_model_with_a_mask_of_its_padding(tmp_path: Path) -> None:
    tokens = RNG.integers(1, 11, (4, 6))
    tokens[0, :] = 0  # nothing to look at in the whole row
    tokens[1, 3:] = 0
    check(Block().eval(), tokens, tmp_path / "block.onnx")


def test_a_network_for_images_that_has_learned(tmp_path: Path) -> None:
    model = nn.Sequential(
        nn.Conv2d(1, 4, 3, padding=1, rng=0), nn.BatchNorm2d(4), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(),
        nn.Dropout(0.3, rng=0), nn.Dense(64, 10, rng=1), nn.Softmax(),
    )  # fmt: skip
    X, y = RNG.normal(size=(40, 1, 8, 8)).astype(np.float32), RNG.integers(0, 10, 40)
    nn.fit(model[:-1], X, y, loss="cross_entropy", epochs=2, rng=0, progress=False)
    modes = [module.training for module in model.train().modules()]
    predictions = model.predict(X)
    path = tmp_path / "digits.onnx"
    nn.export_onnx(model, path, X[:1])
    assert [module.training for module in model.modules()] == modes
    np.testing.assert_allclose(exported(path, {"x": X})["output"], predictions, rtol=1e-5, atol=1e-6)
    made = onnx.load(path)
    assert {"0.W", "0.b", "6.W", "1.running_mean"} <= {tensor.name for tensor in made.graph.initializer}
    assert [(o.domain, o.version) for o in made.opset_import] == [("", 17)]
    assert (made.ir_version, made.producer_name) == (8, "chainrule")
    sizes = made.graph.input[0].type.tensor_type.shape.dim
    assert (sizes[0].dim_param, [size.dim_value for size in sizes[1:]]) == ("batch", [1, 8, 8])


class Several(nn.Module):
    """Two inputs, and outputs by name, one of them a pair."""

    def __init__(self) -> None:
        self.layer, self.memory = nn.Dense(3, 4, rng=0), nn.LSTM(2, 3, rng=1)

    def forward(self, image: Any, series: Any) -> Any:
        outputs, state = self.memory(series)
        return {"class": nn.softmax(self.layer(image)), "state": state, "same": image, "last": outputs[:, -1]}


@pytest.mark.parametrize("kind", [tuple, dict])
def test_several_inputs_and_outputs(kind: Any, tmp_path: Path) -> None:
    given = {"image": RNG.normal(size=(5, 3)), "series": RNG.normal(size=(5, 4, 2)).astype(np.float32)}
    model, path = Several(), tmp_path / "several.onnx"
    one = {name: x[:1] for name, x in given.items()}
    nn.export_onnx(model, path, one if kind is dict else tuple(one.values()))
    found, own = exported(path, given), model.predict(given)
    assert [*found] == ["class", "state_0", "state_1", "same", "last"]
    expected = [own["class"], *own["state"], own["same"], own["last"]]
    for one_found, other in zip(found.values(), expected, strict=True):
        np.testing.assert_allclose(one_found, other, rtol=1e-5, atol=1e-6)


class Calls(nn.Module):
    """A model that calls a function of its inputs."""

    def __init__(self, function: Any) -> None:
        self.layer, self.function = nn.Dense(2, 2, rng=0), function

    def forward(self, x: Any) -> Any:
        return self.function(self.layer(x))


def by_value(x: Any) -> Any:
    return x if x.sum() > 0 else -x


def over_samples(x: Any) -> Any:
    return np.stack([row * 2 for row in x])


@pytest.mark.parametrize(
    ("function", "error", "text"),
    [
        (lambda x: np.arctan2(x, 1), NotImplementedError, r"np\.arctan2 in Calls has no operator"),
        (lambda x: np.linalg.inv(np.eye(2) + x.T @ x), NotImplementedError, r"np\.linalg\.inv"),
        (lambda x: x * anew(np.random.default_rng(0).random, x.shape), NotImplementedError, "draws at random"),
        (by_value, TraceError, "branch on the truth"),
        (over_samples, ValueError, "samples"),
        (lambda x: x * np.arange(len(x))[:, None], ValueError, "samples"),
        (lambda x: x / (len(x) + 1), ValueError, "samples"),
    ],
)
def test_what_cannot_be_exported_leaves_no_file(
    function: Any, error: type[Exception], text: str, tmp_path: Path
) -> None:
    path = tmp_path / "model.onnx"
    path.write_bytes(b"before")
    model = Calls(function)
    with pytest.raises(error, match=text):
        nn.export_onnx(model, path, RNG.normal(size=(1, 2)))
    assert os.listdir(tmp_path) == ["model.onnx"]
    assert path.read_bytes() == b"before"
    assert model.training


def test_the_layer_that_called_it_is_named(tmp_path: Path) -> None:
    model = nn.Sequential(nn.Dense(3, 2), Calls(lambda x: np.arctan2(x, 1)))
    with pytest.raises(NotImplementedError, match=r"np\.arctan2 in 1 \(Calls\)"):
        nn.export_onnx(model, tmp_path / "m", np.ones((1, 3)))


def test_wrong_arguments(tmp_path: Path) -> None:
    model = nn.Dense(3, 2)
    with pytest.raises(ValueError, match="first axis"):
        nn.export_onnx(model, tmp_path / "m", np.ones((0, 3)))
    with pytest.raises(TypeError, match="forward does not take"):
        nn.export_onnx(model, tmp_path / "m", {"no": np.ones((1, 3))})
    with pytest.raises(TypeError, match="takes a module and a path"):
        nn.export_onnx("m", model, np.ones((1, 3)))


def test_without_the_extra_its_name_is_said(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(sys.modules, "onnx", None)
    with pytest.raises(ImportError, match=r"chainrule\[onnx\]"):
        nn.export_onnx(nn.Dense(3, 2), tmp_path / "m", np.ones((1, 3)))
