"""Transposed convolution: the transpose of the convolution, its gradients, torch as an oracle, what it refuses."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
import pytest
from arguments.modules import agree, check_float32, check_layer

import autograd
import nn
from autograd import Tensor

RNG = np.random.default_rng(3)
IMAGES, SEQUENCES = RNG.standard_normal((2, 4, 4, 3)), RNG.standard_normal((3, 4, 5))

OPTIONS: list[tuple[int, dict[str, Any]]] = [
    (1, {"kernel_size": 3}),
    (1, {"kernel_size": 1, "stride": 3, "output_padding": 2}),
    (1, {"kernel_size": 4, "stride": 2, "padding": 1, "groups": 2, "bias": False}),
    (1, {"kernel_size": 3, "dilation": 3, "output_padding": 2}),
    (1, {"kernel_size": 5, "padding": 4}),
    (2, {"kernel_size": 3}),
    (2, {"kernel_size": (2, 3), "stride": (3, 2), "padding": (0, 1), "output_padding": (2, 1)}),
    (2, {"kernel_size": 2, "stride": 2, "groups": 4}),
    (2, {"kernel_size": (3, 2), "dilation": (2, 3), "padding": 2, "output_padding": 1, "groups": 2}),
]
every_option = pytest.mark.parametrize(("axes", "options"), OPTIONS)


def kind(axes: int) -> tuple[Any, Any]:
    return (nn.ConvTranspose1d, SEQUENCES) if axes == 1 else (nn.ConvTranspose2d, IMAGES)


def test_every_number_puts_its_window() -> None:
    layer: Any = nn.ConvTranspose1d(1, 1, 3, stride=2, bias=False, dtype=np.float64)
    layer.W = np.array([[[1.0, 2.0, 3.0]]])
    np.testing.assert_array_equal(layer(np.array([[[1.0, 10.0]]])).data, [[[1, 2, 3 + 10, 20, 30]]])


@every_option
def test_gradients(axes: int, options: dict[str, Any]) -> None:
    make, x = kind(axes)
    check_layer(partial(make, 4, 8, rng=0, **options), x)


@every_option
def test_it_agrees_with_torch(axes: int, options: dict[str, Any]) -> None:
    torch = pytest.importorskip("torch", reason="torch is an optional oracle")
    make, x = kind(axes)
    ours = make(4, 8, rng=0, dtype=np.float64, **options)
    theirs = getattr(torch.nn, make.__name__)(4, 8, dtype=torch.float64, **options)
    if ours.b is not None:
        ours.b = np.arange(8.0)
    theirs.load_state_dict(
        {{"W": "weight", "b": "bias"}[name]: torch.tensor(a) for name, a in ours.state_dict().items()}
    )
    t, tt = Tensor(x, requires_grad=True), torch.tensor(x, requires_grad=True)
    y, ty = ours(t), theirs(tt)
    agree(y, ty)
    (y * y).sum().backward()
    (ty * ty).sum().backward()
    agree(t.grad, tt.grad)
    agree(ours.W.grad, theirs.weight.grad)
    if ours.b is not None:
        agree(ours.b.grad, theirs.bias.grad)


@every_option
def test_it_is_the_transpose_of_the_convolution(axes: int, options: dict[str, Any]) -> None:
    make, x = kind(axes)
    ours = make(4, 8, rng=0, dtype=np.float64, **{**options, "bias": False})
    y = ours(x).numpy()
    forth = {name: value for name, value in options.items() if name not in ("output_padding", "bias")}
    back: Any = (nn.Conv1d if axes == 1 else nn.Conv2d)(8, 4, bias=False, dtype=np.float64, **forth)
    back.W = ours.W.numpy()
    z = RNG.standard_normal(y.shape)
    seen = back(z).numpy()[(..., *(slice(m) for m in x.shape[2:]))]
    assert np.vdot(y, z) == pytest.approx(np.vdot(x, seen), rel=1e-12)


@every_option
def test_compiled_it_gives_the_same(axes: int, options: dict[str, Any]) -> None:
    make, x = kind(axes)
    layer = make(4, 8, rng=0, dtype=np.float64, **options)
    step = autograd.compile(autograd.value_and_grad(lambda x: np.sum(layer(x) ** 2)), backend="numpy")
    for _ in range(2):
        for a, b in zip(step(x), autograd.value_and_grad(lambda x: np.sum(layer(x) ** 2))(x)):
            np.testing.assert_allclose(a.data, b.data, rtol=1e-12)


def test_its_weights_begin_with_the_variance_of_a_convolution() -> None:
    layer = nn.ConvTranspose2d(64, 8, 3, groups=2, rng=0)
    assert layer.W.shape == (64, 4, 3, 3)
    assert layer.W.numpy().var() == pytest.approx(2 / (32 * 9), rel=0.1)


def test_float32_and_empty_batches() -> None:
    layer = nn.ConvTranspose2d(4, 2, 3, stride=2, rng=0)
    check_float32(layer, IMAGES)
    assert layer(IMAGES[:0]).shape == (0, 2, 9, 7)


def test_it_shows_its_sizes() -> None:
    layer = nn.ConvTranspose2d(4, 2, 3, 2, 1, 1, groups=2, bias=False)
    shown = "ConvTranspose2d(4 -> 2, 3x3, stride 2x2, padding 1x1, output padding 1x1, groups 2)"
    assert repr(layer) == f"{shown}: 36 parameters, W (4, 1, 3, 3)"


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: nn.ConvTranspose1d(1, 1, 3, output_padding=1), "output_padding 1 must be below the stride, 1, or the"),
        (lambda: nn.ConvTranspose2d(4, 6, 3, groups=4), "4 and 6 channels do not divide into 4 groups"),
        (lambda: nn.ConvTranspose2d(4, 6, 3, padding="same"), "padding is one integer or 2, not 'same'"),  # type: ignore[arg-type]
        (lambda: nn.ConvTranspose1d(0, 1, 3), "in_channels must be at least 1"),
        (lambda: nn.ConvTranspose1d(4, 1, 3)(IMAGES), r"it must be \(n, 4, length\), not empty"),
        (lambda: nn.ConvTranspose1d(3, 1, 3)(SEQUENCES), r"got input of shape \(3, 4, 5\): it must be \(n, 3, length"),
        (lambda: nn.ConvTranspose1d(4, 1, 3)(SEQUENCES[:, :, :0]), "not empty"),
        (lambda: nn.ConvTranspose1d(4, 1, 3, padding=4)(SEQUENCES), "padding 4 would cut off all of the 7 that it"),
    ],
)
def test_what_does_not_fit_is_refused(make: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        make()
