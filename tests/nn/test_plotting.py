"""Decision regions are what the model says, whatever its scores mean; and every plot, with matplotlib and without."""

from __future__ import annotations

import re
import sys
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import nn
from nn.plotting import COLOURS, probabilities

X, y = nn.data.moons(30, noise=0.1, rng=0)
PLANE = np.random.default_rng(0).uniform(-2, 2, (500, 2))


@pytest.fixture
def plt() -> Any:
    pytest.importorskip("matplotlib", reason="plots need it").use("agg")
    import matplotlib.pyplot as plt

    yield plt
    plt.close("all")


def trained(last: Any, outputs: int, loss: str, target: Any) -> nn.Module:
    model = nn.Sequential(nn.MLP(2, 8, outputs, rng=0), *([last] if last else []))
    nn.fit(model, X, target, loss=loss, optimizer=lambda p: nn.Adam(p, lr=0.05), epochs=60, rng=0, progress=False)
    return model


MEANINGS = {
    "logits of two classes": (None, 2, "cross_entropy", y, None),
    "a probability": (nn.Sigmoid(), 1, "bce", y[:, None], None),
    "a logit": (None, 1, "bce_with_logits", y[:, None], 0),
}


@pytest.mark.parametrize("kind", MEANINGS)
def test_the_likeliest_class_is_the_one_that_is_predicted(kind: str) -> None:
    last, outputs, loss, target, threshold = MEANINGS[kind]
    model = trained(last, outputs, loss, target)
    p = probabilities(model, PLANE, threshold)
    scores = model.predict(PLANE)
    cut = 0.5 if last else 0
    expected = scores.argmax(axis=1) if outputs == 2 else (scores[:, 0] > cut).astype(int)
    np.testing.assert_array_equal(p.argmax(axis=1), expected)
    np.testing.assert_allclose(p.sum(axis=1), 1, rtol=1e-6)
    assert len(set(expected)) == 2


@pytest.mark.parametrize(("last", "made"), [(nn.Softmax(), lambda p: p), (nn.LogSoftmax(), np.exp), (None, nn.softmax)])
def test_what_is_drawn_is_the_probability(last: Any, made: Any) -> None:
    model = nn.Sequential(nn.MLP(2, 4, 3, rng=0), *([last] if last else []))
    np.testing.assert_allclose(probabilities(model, PLANE, None), made(model.predict(PLANE)), rtol=1e-5)


def test_a_perceptron_and_a_function_that_gives_labels_are_classes(plt: Any) -> None:
    perceptron = nn.Perceptron(2, rng=0)
    np.testing.assert_array_equal(
        probabilities(perceptron, PLANE, None).argmax(axis=1), perceptron.predict(PLANE).ravel()
    )
    found = probabilities(lambda points: (points[:, 0] > 1).astype(int) * 2, PLANE, None)
    np.testing.assert_array_equal(found.argmax(axis=1), np.where(PLANE[:, 0] > 1, 2, 0))


def test_a_score_of_which_nobody_says_what_it_means_is_refused() -> None:
    with pytest.raises(ValueError, match=r"threshold=0 if they are logits, threshold=0\.5 if they are probabilities"):
        nn.plot_regions(nn.MLP(2, 4, 1, rng=0), X, y)


@pytest.mark.parametrize(
    ("points", "labels", "message"),
    [
        (X[:, :1], y, r"points \(n, 2\) in the plane, not an array of shape \(60, 1\)"),
        (np.zeros((4, 2, 2)), None, r"shape \(4, 2, 2\)"),
        (X[:0], None, r"shape \(0, 2\)"),
        (np.where(X > 1, np.nan, X), y, "NaN or inf"),
        (X, y[:5], r"60 points, and labels of shape \(5,\)"),
        (X, np.arange(60) % 3 + 5, "knows 2 classes, and y has 3"),
    ],
)
def test_what_cannot_be_drawn_is_refused_and_leaves_no_figure(plt: Any, points: Any, labels: Any, message: str) -> None:
    before = plt.get_fignums()
    with pytest.raises(ValueError, match=message):
        nn.plot_regions(nn.MLP(2, 4, 2, rng=0), points, labels)
    assert plt.get_fignums() == before


@pytest.mark.parametrize("model", [3, nn.MLP, "mlp"])
def test_what_is_no_model_is_refused(model: Any) -> None:
    with pytest.raises(TypeError, match="a module, or a function of points"):
        nn.plot_regions(model, X, y)


def test_labels_below_0_and_points_that_are_no_numbers_are_refused() -> None:
    with pytest.raises(ValueError, match="count from 0, and the model gives -1"):
        nn.plot_regions(lambda points: np.where(points[:, 0] > 0, 1, -1), X)
    with pytest.raises(ValueError, match="what is no number"):
        nn.plot_regions(nn.MLP(2, 2, rng=0), [["a", "b"]])


def test_the_colours_are_those_of_the_course() -> None:
    style = Path(__file__).parents[2] / "demos" / "style.mplstyle"
    assert re.findall(r'"([0-9A-F]{6})"', style.read_text()) == [colour[1:] for colour in COLOURS]


def offsets(collection: Any) -> Any:
    return np.asarray(collection.get_offsets())


@pytest.mark.parametrize(
    "labels", [y, 2 * y - 1, np.where(y, "b", "a"), y[:, None], y.astype(bool), nn.data.one_hot(y, 2), list(y)]
)
def test_points_have_the_colour_of_their_label(plt: Any, labels: Any) -> None:
    axes = nn.plot_regions(nn.MLP(2, 4, 2, rng=0), X, labels, grid_resolution=10)
    clouds = [cloud for cloud in axes.collections if len(offsets(cloud)) and cloud.get_label()[0] != "_"]
    for k, cloud in enumerate(clouds):
        np.testing.assert_allclose(offsets(cloud), X[y == k])
        assert plt.matplotlib.colors.to_hex(cloud.get_facecolor()[0]).upper() == COLOURS[k]
    assert len(clouds) == 2


def test_the_model_stays_as_it_was_and_other_figures_too(plt: Any) -> None:
    model = nn.Sequential(nn.Dense(2, 8, rng=0), nn.BatchNorm1d(8), nn.Dropout(0.5, rng=0), nn.Dense(8, 2, rng=0))
    before = {name: array.copy() for name, array in model.state_dict().items()}
    figure, axes = plt.subplots()
    assert nn.plot_regions(model, X, y, ax=axes, names=["no", "yes"], grid_resolution=20) is axes
    assert plt.get_fignums() == [figure.number]
    assert model.training
    assert all(module.training for module in model.modules())
    for name, array in model.state_dict().items():
        np.testing.assert_array_equal(array, before[name])
    assert [text.get_text() for text in axes.get_legend().get_texts()] == ["no", "yes"]


def test_one_point_and_no_labels_are_enough(plt: Any) -> None:
    axes = nn.plot_regions(nn.MLP(2, 4, 2, rng=0), [[1, 1]], grid_resolution=2)
    assert axes.get_legend() is None
    assert axes.get_xlim()[0] < 1 < axes.get_xlim()[1]


@pytest.mark.parametrize("columns", [1, 3, 5, 9])
def test_a_sheet_holds_every_image_in_order_in_a_frame(columns: int, plt: Any) -> None:
    images = np.random.default_rng(0).normal(size=(5, 1, 2, 3))
    (drawn,) = nn.plot_images(images, columns).get_images()
    sheet = np.ma.filled(np.asanyarray(drawn.get_array()), np.nan)
    rows = -(-5 // columns)
    assert sheet.shape == (3 * rows - 1, 4 * columns - 1)
    for k, (image,) in enumerate(images):
        top, left = 3 * (k // columns), 4 * (k % columns)
        np.testing.assert_array_equal(sheet[top : top + 2, left : left + 3], image)
    assert np.isfinite(sheet).sum() == images.size  # all else is frame


def test_a_sheet_is_nearly_a_square_and_its_options_are_those_of_imshow(plt: Any) -> None:
    (drawn,) = nn.plot_images(np.zeros((7, 4, 4), bool), cmap="RdBu", vmin=-1, vmax=1).get_images()
    assert drawn.get_array().shape == (14, 14)  # three times three
    assert drawn.get_cmap().name == "RdBu"
    assert drawn.get_clim() == (-1, 1)


@pytest.mark.parametrize("shape", [(4,), (2, 4), (3, 2, 4, 4), (0, 4, 4), (2, 1, 4, 4, 1)])
def test_what_is_no_stack_of_images_is_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match=r"images are \(n, height, width\), not an array of shape"):
        nn.plot_images(np.zeros(shape))


def test_a_sheet_of_words_or_without_columns_is_refused() -> None:
    with pytest.raises(ValueError, match="images hold numbers"):
        nn.plot_images(np.full((1, 2, 2), "a"))
    with pytest.raises(ValueError, match="at least one column, got 0"):
        nn.plot_images(np.zeros((1, 2, 2)), 0)


HISTORY = nn.History({"loss": [1.0, 0.5], "val_loss": [1.0, 0.6]})
PLOTS = {
    "plot_regions": partial(nn.plot_regions, nn.MLP(2, 4, 2, rng=0), X, y, grid_resolution=3),
    "plot_images": partial(nn.plot_images, np.zeros((2, 3, 3))),
    "history": HISTORY.plot,
    "find_lr": nn.RangeTest([0.1, 1.0, 10.0], [1.0, 0.5, 2.0]).plot,
}


@pytest.mark.parametrize("name", PLOTS)
def test_without_matplotlib_the_extra_is_named(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib.pyplot", None)
    with pytest.raises(ModuleNotFoundError, match=r'pip install "chainrule\[plot\]"'):
        PLOTS[name]()


@pytest.mark.parametrize("name", sorted({*PLOTS} - {"plot_images"}))  # an image has no axes to name
def test_every_plot_has_the_style_and_names_its_axes(name: str, plt: Any) -> None:
    axes = PLOTS[name]()
    assert not axes.spines["top"].get_visible()
    assert axes.get_xlabel()
    assert axes.get_ylabel()
    assert axes.get_title() or name == "plot_regions"


@pytest.mark.parametrize("name", PLOTS)
def test_every_plot_draws_into_ax_and_returns_it(name: str, plt: Any) -> None:
    _, (left, right) = plt.subplots(ncols=2)
    assert PLOTS[name](ax=right) is right
    assert right.has_data()
    assert not left.has_data()
