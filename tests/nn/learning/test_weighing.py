"""Weights of samples and of classes: an integer weight is as if the sample were there so often."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import nn
from nn.learning.weighing import of_classes

rng = np.random.default_rng(0)
X = rng.normal(size=(12, 3))
LABELS = rng.integers(0, 3, 12)
TIMES = np.array([0, 1, 2, 3, 1, 1, 0, 4, 1, 2, 1, 1])

# a loss, how many outputs it wants, and its targets
LOSSES: dict[str, tuple[Any, int, Any]] = {
    "cross_entropy": ("cross_entropy", 3, LABELS),
    "with weights of classes": (partial(nn.cross_entropy, weight=[1.0, 2.0, 5.0]), 3, LABELS),
    "that ignores a label": (partial(nn.cross_entropy, ignore_index=1), 3, LABELS),
    "soft": ("cross_entropy", 3, rng.dirichlet([1, 1, 1], 12)),
    "bce_with_logits": ("bce_with_logits", 2, rng.integers(0, 2, (12, 2))),
    "mse": ("mse", 2, rng.normal(size=(12, 2))),
    "a sum": ("rss", 1, rng.normal(size=(12, 1))),
    "huber": (partial(nn.huber, delta=0.5), 1, rng.normal(size=(12, 1))),
}


def trained(loss: Any, outputs: int, X: Any, y: Any, **options: Any) -> tuple[nn.Module, nn.History]:
    model = nn.MLP(3, 4, outputs, rng=0, dtype=float)
    history = nn.fit(
        model, X, y, loss=loss, optimizer=lambda p: nn.SGD(p, lr=0.02), epochs=3, rng=0, progress=False, **options
    )
    return model, history


@pytest.mark.parametrize("compiled", [True, False])
@pytest.mark.parametrize("name", LOSSES)
def test_a_weight_is_as_if_the_sample_were_there_so_often(name: str, compiled: bool) -> None:
    loss, outputs, y = LOSSES[name]
    again, y_again = np.repeat(X, TIMES, axis=0), np.repeat(y, TIMES, axis=0)
    ours, history = trained(
        loss, outputs, X, y, batch_size=12, sample_weight=TIMES, validation=(X, y, TIMES), compile=compiled
    )
    theirs, expected = trained(
        loss, outputs, again, y_again, batch_size=len(again), validation=(again, y_again), compile=compiled
    )
    for column in ("loss", "val_loss"):
        np.testing.assert_allclose(history[column], expected[column], rtol=1e-12)
    for p, q in zip(ours.parameters(), theirs.parameters()):
        np.testing.assert_allclose(p.numpy(), q.numpy(), rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("size", [1, 5, 12, 100])
@pytest.mark.parametrize("name", LOSSES)
def test_the_loss_is_that_of_the_whole_set_whatever_the_batches(name: str, size: int) -> None:
    loss, outputs, y = LOSSES[name]
    model = nn.MLP(3, 4, outputs, rng=0, dtype=float)
    again = nn.evaluate(model, np.repeat(X, TIMES, axis=0), np.repeat(y, TIMES, axis=0), loss)["loss"]
    ours = nn.evaluate(model, X, y, loss, batch_size=size, sample_weight=TIMES)["loss"]
    np.testing.assert_allclose(ours, again, rtol=1e-12)
    batches = [(X[i : i + size], y[i : i + size], TIMES[i : i + size]) for i in range(0, 12, size)]
    if all(weights.any() for _, _, weights in batches):  # a batch without any weight is refused, as are such sets
        np.testing.assert_allclose(nn.evaluate(model, batches, loss=loss)["loss"], again, rtol=1e-12)


def test_weights_go_by_position_and_samples_that_do_not_count_may_be_broken() -> None:
    pandas = pytest.importorskip("pandas")
    shuffled = pandas.Series(TIMES, index=rng.permutation(12))
    model = nn.MLP(3, 4, 3, rng=0)
    expected = nn.evaluate(model, X, LABELS, "cross_entropy", sample_weight=TIMES)
    assert nn.evaluate(model, X, LABELS, "cross_entropy", sample_weight=shuffled) == expected
    broken = X.copy()
    broken[TIMES == 0] = 1e30
    assert nn.evaluate(model, broken, LABELS, "cross_entropy", sample_weight=TIMES)["loss"] == expected["loss"]


def test_metrics_count_every_sample_once() -> None:
    model = nn.MLP(3, 4, 3, rng=0)
    plain = nn.evaluate(model, X, LABELS, "cross_entropy", "accuracy")["accuracy"]
    assert nn.evaluate(model, X, LABELS, "cross_entropy", "accuracy", sample_weight=TIMES)["accuracy"] == plain


class Triples:
    def __len__(self) -> int:
        return 12

    def __getitem__(self, i: int) -> Any:
        return X[i], LABELS[i], TIMES[i] + 1


def test_a_third_item_is_the_weight() -> None:
    ours = trained("cross_entropy", 3, Triples(), None, batch_size=5, shuffle=False)
    theirs = trained("cross_entropy", 3, X, LABELS, sample_weight=TIMES + 1, batch_size=5, shuffle=False)
    batches = [(X[i : i + 5], LABELS[i : i + 5], TIMES[i : i + 5] + 1) for i in (0, 5, 10)]
    given = trained("cross_entropy", 3, batches, None)
    assert ours[1]["loss"] == theirs[1]["loss"] == given[1]["loss"]


# --- classes ------------------------------------------------------------------------------------------------------


def test_balanced_is_scikit_learns() -> None:
    utils = pytest.importorskip("sklearn.utils.class_weight")
    y = np.array([0, 0, 0, 0, 2, 2, 5])
    np.testing.assert_allclose(of_classes("balanced", y), utils.compute_sample_weight("balanced", y))
    given = {0: 1.0, 2: 3.0, 5: 0.5}
    np.testing.assert_allclose(of_classes(given, y), utils.compute_sample_weight(given, y))


def test_weights_of_classes_are_those_of_the_loss() -> None:
    weights = [1.0, 2.0, 5.0]
    by_loss, expected = trained(partial(nn.cross_entropy, weight=weights), 3, X, LABELS, batch_size=5)
    for given in (weights, dict(enumerate(weights))):
        model, history = trained("cross_entropy", 3, X, LABELS, batch_size=5, class_weight=given)
        np.testing.assert_allclose(history["loss"], expected["loss"], rtol=1e-12)
        for p, q in zip(model.parameters(), by_loss.parameters()):
            np.testing.assert_allclose(p.numpy(), q.numpy(), rtol=1e-10)
    one_hot = nn.data.one_hot(LABELS, 3)
    np.testing.assert_array_equal(of_classes(weights, one_hot), np.take(weights, LABELS))


def test_both_are_multiplied_and_those_held_out_keep_their_own() -> None:
    own = TIMES + 1.0
    weights = [1.0, 2.0, 5.0]
    both = trained("cross_entropy", 3, X, LABELS, class_weight=weights, sample_weight=own, validation=0.25)[1]
    product = trained("cross_entropy", 3, X, LABELS, sample_weight=own * np.take(weights, LABELS), validation=0.25)[1]
    alone = trained("cross_entropy", 3, X, LABELS, sample_weight=own, validation=0.25)[1]
    assert both["loss"] == product["loss"]
    assert both["val_loss"] != product["val_loss"]
    assert len(alone["val_loss"]) == 3


# --- refused ------------------------------------------------------------------------------------------------------

BAD: dict[str, tuple[dict[str, Any], type[Exception], str]] = {
    "too few": ({"sample_weight": TIMES[:5]}, ValueError, r"shape \(12,\), not \(5,\)"),
    "negative": ({"sample_weight": -TIMES}, ValueError, "finite and not negative, not from -4.0 to 0.0"),
    "not finite": ({"sample_weight": TIMES * np.nan}, ValueError, "finite and not negative"),
    "all zero": ({"sample_weight": TIMES * 0}, ValueError, "all weights are 0"),
    "one number": ({"sample_weight": 3}, TypeError, "holds no samples by position"),
    "texts": ({"sample_weight": ["a"] * 12}, TypeError, "it is a number for each sample"),
    "a name": ({"class_weight": "even"}, ValueError, 'class_weight is "balanced", a dict or a list'),
    "a class that is not there": ({"class_weight": {7: 2.0}}, ValueError, r"classes \[7\], and y has \[0, 1, 2\]"),
    "a negative class": ({"class_weight": [1, -1, 1]}, ValueError, "class_weight: weights are finite"),
    "nothing left": ({"class_weight": [0, 0, 0]}, ValueError, "class_weight: all weights are 0"),
    "a loss of one's own": (
        {"loss": lambda p, t: nn.cross_entropy(p, t), "sample_weight": TIMES}, TypeError, 'takes no reduction="none"'
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD)
def test_bad_weights_are_refused_and_nothing_has_changed(name: str) -> None:
    options, error, message = BAD[name]
    model = nn.MLP(3, 4, 3, rng=0)
    before = [p.numpy().copy() for p in model.parameters()]
    with pytest.raises(error, match=message):
        nn.fit(model, X, LABELS, **({"loss": "cross_entropy"} | options), epochs=1, rng=0, progress=False)
    for p, old in zip(model.parameters(), before):
        np.testing.assert_array_equal(p.numpy(), old)


def test_weights_of_classes_need_labels() -> None:
    for y in (rng.normal(size=(12, 1)), np.array(list("abcabcabcabc"))):
        with pytest.raises(ValueError, match="labels of classes"):
            trained("mse", 1, X, y, class_weight="balanced")


def test_a_list_of_weights_is_for_labels_from_0_on() -> None:
    with pytest.raises(ValueError, match=r"labels 0 to 1, and y has \[-1, 1\]: write a dict"):
        of_classes([1.0, 5.0], np.array([-1, 1, 1]))
    with pytest.raises(ValueError, match=r"labels 0 to 1, and y has \[0, 2\]"):
        of_classes([1.0, 5.0], np.array([0, 2]))
    np.testing.assert_array_equal(of_classes([1.0, 5.0, 9.0], np.array([2, 0])), [9, 1])
    np.testing.assert_array_equal(of_classes({-1: 1.0, 1: 5.0}, np.array([-1, 1, 1])), [1, 5, 5])


def test_several_outputs_have_no_weights_of_samples() -> None:
    with pytest.raises(TypeError, match="are for one output, and y holds several"):
        nn.evaluate(nn.Dense(3, 2, rng=0), [(X, (LABELS, LABELS), TIMES)], loss=["cross_entropy", "cross_entropy"])


def test_batches_of_ones_own_bring_their_weights() -> None:
    for given in ([(X, LABELS)], Triples()):
        for weights in ({"sample_weight": TIMES}, {"class_weight": "balanced"}):
            with pytest.raises(TypeError, match="has its weight as a third item"):
                trained("cross_entropy", 3, given, None, **weights)
    with pytest.raises(ValueError, match="finite and not negative"):
        trained("cross_entropy", 3, [(X, LABELS, -TIMES)], None)


def test_a_run_does_not_go_on_with_other_weights(tmp_path: Path) -> None:
    path = tmp_path / "run.checkpoint"

    def run(epochs: int, **weights: Any) -> nn.History:
        return nn.fit(
            nn.MLP(3, 4, 3, rng=0), X, LABELS, loss="cross_entropy", epochs=epochs, checkpoint=path, resume=True, rng=0,
            progress=False, **weights,
        )  # fmt: skip

    run(1, sample_weight=TIMES, class_weight="balanced")
    with pytest.raises(nn.SavedModelError, match="sample_weight was"):
        run(2, sample_weight=TIMES + 1, class_weight="balanced")
    with pytest.raises(nn.SavedModelError, match="class_weight was 'balanced' and is None"):
        run(2, sample_weight=TIMES)
    assert run(2, sample_weight=list(TIMES), class_weight="balanced").epochs == 2
