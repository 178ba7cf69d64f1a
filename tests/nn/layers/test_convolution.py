"""Convolution and pooling: what they compute, their gradients, torch as an oracle, and what they refuse."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
import pytest
from arguments.modules import agree, check_float32, check_layer

import nn
from autograd import Tensor, check_grads

RNG = np.random.default_rng(3)


def spaced(*shape: int) -> Any:
    """Numbers well apart, in any order: no small step changes which one is larger."""
    return RNG.permutation(np.linspace(-3, 3, int(np.prod(shape)))).reshape(shape)


IMAGES, SEQUENCES = spaced(2, 4, 7, 6), spaced(3, 4, 9)

CONV2D = [
    {"kernel_size": 3},
    {"kernel_size": (2, 3), "stride": 2, "padding": (1, 0)},
    {"kernel_size": 1, "bias": False},
    {"kernel_size": 3, "groups": 2, "padding": 1},
    {"kernel_size": (3, 2), "groups": 4, "stride": (1, 2)},
    {"kernel_size": (2, 3), "dilation": (3, 2), "stride": 2, "padding": 1},
    {"kernel_size": (2, 3), "padding": "same", "dilation": (1, 2)},
    {"kernel_size": 2, "padding": "valid"},
]
CONV1D: list[dict[str, Any]] = [
    {"kernel_size": 3},
    {"kernel_size": 2, "stride": 3, "padding": 1},
    {"kernel_size": (4,), "groups": 2, "bias": False},
    {"kernel_size": 3, "dilation": 4},
    {"kernel_size": 4, "padding": "same", "groups": 2},
]
POOL: list[dict[str, Any]] = [
    {"kernel_size": 2},
    {"kernel_size": 3, "stride": 2, "padding": 1},
    {"kernel_size": 2, "stride": 1},
]


# --- Convolution --------------------------------------------------------------------------------------------------


def test_a_convolution_is_a_sum_of_products_at_every_position() -> None:
    layer: Any = nn.Conv2d(1, 1, 2, bias=False, dtype=np.float64)
    layer.W.assign(np.array([[[[1.0, 2.0], [3.0, 4.0]]]]))
    image = np.arange(9.0).reshape(1, 1, 3, 3)
    # at the first position: 0 * 1 + 1 * 2 + 3 * 3 + 4 * 4
    np.testing.assert_array_equal(layer(image).numpy(), [[[[27, 37], [57, 67]]]])


def test_a_convolution_by_the_definition() -> None:
    layer: Any = nn.Conv2d(4, 6, (3, 2), stride=(2, 1), padding=(1, 2), groups=2, rng=0, dtype=np.float64)
    layer.b.assign(np.arange(6.0))
    padded = np.pad(IMAGES, [(0, 0), (0, 0), (1, 1), (2, 2)])
    y = layer(IMAGES).numpy()
    assert y.shape == (2, 6, 4, 9)
    for place in np.ndindex(y.shape):
        n, out, i, j = place
        group = slice(2 * (out // 3), 2 * (out // 3) + 2)
        seen = padded[n, group, 2 * i : 2 * i + 3, j : j + 2]
        assert y[place] == pytest.approx(np.vdot(seen, layer.W.numpy()[out]) + out, rel=1e-12)


def test_the_parameters_have_pytorchs_shapes() -> None:
    assert {name: p.shape for name, p in nn.Conv2d(4, 6, (3, 2), groups=2).named_parameters()} == {
        "W": (6, 2, 3, 2),
        "b": (6,),
    }
    assert {name: p.shape for name, p in nn.Conv1d(4, 6, 5, bias=False).named_parameters()} == {"W": (6, 4, 5)}


@pytest.mark.parametrize("options", CONV2D)
def test_gradients_of_conv2d(options: dict[str, Any]) -> None:
    check_layer(partial(nn.Conv2d, 4, 8, rng=0, **options), IMAGES)


@pytest.mark.parametrize("options", CONV1D)
def test_gradients_of_conv1d(options: dict[str, Any]) -> None:
    check_layer(partial(nn.Conv1d, 4, 6, rng=0, **options), SEQUENCES)


@pytest.mark.filterwarnings("ignore:Using padding='same' with even kernel lengths:UserWarning")  # torch copies then
@pytest.mark.parametrize(("axes", "options"), [*((2, o) for o in CONV2D), *((1, o) for o in CONV1D)])
def test_convolutions_agree_with_torch(axes: int, options: dict[str, Any]) -> None:
    torch = pytest.importorskip("torch", reason="torch is an optional oracle")
    ours_kind, theirs_kind, x = (
        (nn.Conv2d, torch.nn.Conv2d, IMAGES) if axes == 2 else (nn.Conv1d, torch.nn.Conv1d, SEQUENCES)
    )
    ours: Any = ours_kind(4, 8, rng=0, dtype=np.float64, **options)
    theirs = theirs_kind(4, 8, dtype=torch.float64, **options)
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


@pytest.mark.parametrize("stride", [1, 2, 3, 5])
@pytest.mark.parametrize("kernel_size", [1, 2, 3, 4])
@pytest.mark.parametrize("length", range(1, 8))
def test_same_padding_keeps_the_length_or_divides_it_by_the_stride(stride: int, kernel_size: int, length: int) -> None:
    layer: Any = nn.Conv1d(1, 1, kernel_size, stride, "same", bias=False, dtype=np.float64)
    layer.W = np.arange(1.0, kernel_size + 1).reshape(1, 1, -1)
    x = RNG.standard_normal(length)
    positions = -(-length // stride)  # as TensorFlow defines it
    total = max((positions - 1) * stride + kernel_size - length, 0)
    padded = np.pad(x, (total // 2, total - total // 2))
    expected = [np.dot(padded[i * stride :][:kernel_size], layer.W.data[0, 0]) for i in range(positions)]
    np.testing.assert_allclose(layer(x[None, None]).data[0, 0], expected, rtol=1e-12)


def test_a_batch_can_be_empty() -> None:
    assert nn.Conv2d(4, 3, 2, rng=0)(IMAGES[:0]).shape == (0, 3, 6, 5)
    assert nn.MaxPool2d(2)(IMAGES[:0]).shape == (0, 4, 3, 3)


@pytest.mark.parametrize(
    ("layer", "x"),
    [
        (nn.Conv2d(4, 2, 3, padding=1, rng=0), IMAGES),
        (nn.Conv1d(4, 2, 3, stride=2, rng=0), SEQUENCES),
        (nn.Sequential(nn.MaxPool2d(2, padding=1), nn.AvgPool2d(2), nn.Flatten(), nn.Dense(16, 2, rng=0)), IMAGES),
        (nn.Sequential(nn.GlobalAvgPool(), nn.Dense(4, 1, rng=0)), SEQUENCES),
    ],
)
def test_float32_survives(layer: nn.Module, x: Any) -> None:
    check_float32(layer, x)


def test_the_same_seed_gives_the_same_filters() -> None:
    a, b, c = (nn.Conv2d(1, 2, 3, rng=seed).W.numpy() for seed in (0, 0, 1))
    np.testing.assert_array_equal(a, b)
    assert not np.array_equal(a, c)
    np.testing.assert_array_equal(a, nn.init.he_normal((2, 1, 3, 3), rng=0))


def test_they_show_their_sizes() -> None:
    assert repr(nn.Conv2d(1, 16, 3)) == "Conv2d(1 -> 16, 3x3): 160 parameters, W (16, 1, 3, 3), b (16,)"
    layer = nn.Conv1d(4, 2, 5, stride=2, padding=1, groups=2, bias=False)
    assert repr(layer) == "Conv1d(4 -> 2, 5, stride 2, padding 1, groups 2): 20 parameters, W (2, 2, 5)"
    assert "3, padding same, dilation 2)" in repr(nn.Conv1d(1, 1, 3, padding="same", dilation=2))
    assert repr(nn.MaxPool2d(2)) == "MaxPool2d(2x2)"
    assert repr(nn.AvgPool2d((2, 3), stride=1, padding=1)) == "AvgPool2d(2x3, stride 1x1, padding 1x1)"


# --- Pooling ------------------------------------------------------------------------------------------------------


def test_pooling_by_hand() -> None:
    image = np.arange(16.0).reshape(1, 1, 4, 4)
    np.testing.assert_array_equal(nn.MaxPool2d(2)(image), [[[[5, 7], [13, 15]]]])
    np.testing.assert_array_equal(nn.AvgPool2d(2)(image), [[[[2.5, 4.5], [10.5, 12.5]]]])
    np.testing.assert_array_equal(nn.MaxPool1d(2, stride=1)(image[0]), [[[*row[1:]] for row in image[0, 0]]])
    np.testing.assert_array_equal(nn.GlobalMaxPool()(image), [[15]])
    np.testing.assert_array_equal(nn.GlobalAvgPool()(image), [[7.5]])


def test_padding_is_never_the_maximum() -> None:
    np.testing.assert_array_equal(nn.MaxPool1d(3, padding=1)(-np.ones((1, 1, 6))), [[[-1, -1]]])
    np.testing.assert_array_equal(nn.MaxPool1d(3, padding=1)(-np.ones((1, 1, 6), dtype=int)), [[[-1, -1]]])


def test_padding_counts_as_zeros_in_the_mean() -> None:
    np.testing.assert_array_equal(nn.AvgPool1d(2, padding=1)(np.full((1, 1, 2), 4.0)), [[[2, 2]]])


def test_equal_maxima_share_the_gradient() -> None:
    x = Tensor(np.zeros((1, 1, 2, 2)), requires_grad=True)
    nn.MaxPool2d(2)(x).sum().backward()
    np.testing.assert_array_equal(x.grad, np.full((1, 1, 2, 2), 0.25))


@pytest.mark.parametrize("options", POOL)
@pytest.mark.parametrize("kind", ["MaxPool1d", "MaxPool2d", "AvgPool1d", "AvgPool2d"])
def test_pooling_agrees_with_torch_and_has_its_gradient(kind: str, options: dict[str, Any]) -> None:
    x = IMAGES if kind.endswith("2d") else SEQUENCES
    layer = getattr(nn, kind)(**options)
    check_grads(layer, x)
    torch = pytest.importorskip("torch", reason="torch is an optional oracle")
    t, tt = Tensor(x, requires_grad=True), torch.tensor(x, requires_grad=True)
    y, ty = layer(t), getattr(torch.nn, kind)(**options)(tt)
    agree(y, ty)
    (y * y).sum().backward()
    (ty * ty).sum().backward()
    agree(t.grad, tt.grad)


@pytest.mark.parametrize("layer", [nn.GlobalMaxPool(), nn.GlobalAvgPool(), nn.Flatten()])
@pytest.mark.parametrize("x", [IMAGES, SEQUENCES])
def test_gradients_of_global_pooling_and_flatten(layer: nn.Module, x: Any) -> None:
    check_grads(layer, x)


def test_flatten_keeps_the_samples() -> None:
    np.testing.assert_array_equal(nn.Flatten()(IMAGES), IMAGES.reshape(2, -1))
    assert nn.Flatten()(np.ones(3)).shape == (3, 1)
    assert nn.Flatten()(np.ones((0, 2, 3))).shape == (0, 6)
    assert nn.Flatten()(np.ones((2, 2, 2), dtype=int)).dtype.kind == "i"


def test_layers_without_parameters_leave_arrays_to_the_next_one() -> None:
    model = nn.Sequential(nn.AvgPool2d(2), nn.Flatten(), nn.Dense(36, 2, rng=0))
    assert model(IMAGES).dtype == np.float32


# --- What they refuse ---------------------------------------------------------------------------------------------


def test_inputs_that_do_not_fit_are_refused() -> None:
    layer = nn.Conv2d(3, 8, 5)
    wanted = r"it must be \(n, 3, height, width\), at least 5x5 of each channel"
    with pytest.raises(ValueError, match=rf"Conv2d\(3 -> 8, 5x5\) got input of shape \(2, 4, 7, 6\): {wanted}"):
        layer(IMAGES)
    for shape in [(3, 8, 8), (1, 3, 4, 8), (1, 8, 8, 3)]:
        with pytest.raises(ValueError, match=wanted):
            layer(np.zeros(shape))
    with pytest.raises(
        ValueError, match=r"MaxPool1d\(3\) got input of shape \(4, 2\): it must be \(n, channels, length"
    ):
        nn.MaxPool1d(3)(np.zeros((4, 2)))
    with pytest.raises(ValueError, match=r"GlobalAvgPool\(\) got input of shape \(4, 2, 0\)"):
        nn.GlobalAvgPool()(np.zeros((4, 2, 0)))
    with pytest.raises(ValueError, match=r"Flatten\(\) got input of shape \(\): the first axis counts the samples"):
        nn.Flatten()(1.0)


def test_padding_counts_for_the_least_size() -> None:
    assert nn.Conv1d(1, 1, 5, padding=2, rng=0)(np.ones((1, 1, 1))).shape == (1, 1, 1)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: nn.Conv2d(0, 1, 3), "Conv2d: in_channels must be at least 1, got 0"),
        (lambda: nn.Conv2d(1, -1, 3), "Conv2d: out_channels must be at least 1, got -1"),
        (lambda: nn.Conv1d(1, 1, 0), "Conv1d: kernel_size is one integer or 1, none below 1, not 0"),
        (lambda: nn.Conv2d(1, 1, (3, 3, 3)), r"kernel_size is one integer or 2, none below 1, not \(3, 3, 3\)"),
        (lambda: nn.Conv2d(1, 1, 3, stride=(1, 0)), r"stride is one integer or 2, none below 1, not \(1, 0\)"),
        (lambda: nn.Conv2d(1, 1, 3, padding=-1), "padding is one integer or 2, none below 0, not -1"),
        (lambda: nn.Conv2d(1, 1, 3, padding="full"), '"same" or "valid", not \'full\''),
        (lambda: nn.MaxPool2d(3, padding="same"), "MaxPool2d: padding is one integer or 2, not 'same'"),  # type: ignore[arg-type]
        (lambda: nn.Conv1d(1, 1, 3, dilation=0), "dilation is one integer or 1, none below 1, not 0"),
        (lambda: nn.Conv2d(4, 6, 3, groups=4), "4 and 6 channels do not divide into 4 groups of equal size"),
        (lambda: nn.MaxPool2d(2, padding=2), "padding 2x2 is more than half of the window, 2x2"),
    ],
)
def test_bad_sizes_are_refused(make: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        make()


def test_sizes_that_are_no_integers_are_refused() -> None:
    with pytest.raises(TypeError, match=r"kernel_size is an integer, or one for each axis, not 2\.5"):
        nn.Conv2d(1, 1, 2.5)  # type: ignore[arg-type]
    with pytest.raises(TypeError):
        nn.Conv2d(1.0, 1, 2)  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", ["grouped", "dilated", "one axis", "largest", "mean"])
def test_many_samples_are_what_few_are(kind: str) -> None:
    """Their windows lie in memory in another order."""
    layer: Any = {
        "grouped": lambda: nn.Conv2d(4, 6, (2, 3), stride=(1, 2), padding=1, groups=2, rng=0, dtype=np.float64),
        "dilated": lambda: nn.Conv2d(4, 3, 2, dilation=2, rng=0, dtype=np.float64),
        "one axis": lambda: nn.Conv1d(4, 3, 2, rng=0, dtype=np.float64),
        "largest": lambda: nn.MaxPool2d(2),
        "mean": lambda: nn.AvgPool2d((2, 3), stride=1),
    }[kind]()
    x = np.random.default_rng(0).normal(size=(12, 4, 7, 6)[: 3 if kind == "one axis" else 4])
    many, few = Tensor(x, requires_grad=True), Tensor(x, requires_grad=True)
    seeds = np.random.default_rng(1).normal(size=layer(x).shape)
    found = []
    for y, given, seed in (
        (layer(many), many, seeds),
        (np.concatenate([layer(few[i:j]) for i, j in ((0, 5), (5, 12))]), few, seeds),
    ):
        layer.zero_grad()
        y.backward(seed)
        found.append([y.data, given.grad, *(p.grad for p in layer.parameters())])
    for a, b in zip(*found):
        np.testing.assert_allclose(a, b, rtol=1e-12, atol=1e-12)
