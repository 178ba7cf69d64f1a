"""predict and evaluate: in batches, in evaluation mode, and nothing of the model changes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import nn
from autograd import Tensor, no_grad


def noisy_model():
    """A model whose layers answer differently while it is trained."""
    return nn.Sequential(
        nn.Dense(2, 8, "tanh", rng=0), nn.BatchNorm1d(8), nn.Dropout(0.5, rng=0), nn.Dense(8, 3, rng=1)
    )


X = np.random.default_rng(0).standard_normal((37, 2)).astype(np.float32)
y = np.arange(37) % 3


def modes(model):
    """The mode of every module."""
    return [module.training for module in model.modules()]


@pytest.mark.parametrize("size", [1, 5, 36, 37, 1000])
def test_predictions_are_those_of_the_model_in_evaluation_mode_whatever_the_batches(size):
    model = noisy_model()
    model[1].eval()
    before, state = modes(model), model.state_dict()
    found = model.predict(X, batch_size=size)
    assert type(found) is np.ndarray
    assert found.dtype == np.float32
    assert found.flags.writeable
    assert modes(model) == before
    assert all(np.array_equal(state[name], value) for name, value in model.state_dict().items())
    expected = noisy_model().eval()(X)
    assert expected.requires_grad
    np.testing.assert_allclose(found, expected.numpy(), rtol=1e-5, atol=1e-6)
    np.testing.assert_array_equal(nn.predict(model, X, batch_size=size), found)


def test_the_modes_come_back_after_an_error():
    model = noisy_model()
    model[2].eval()
    before = modes(model)
    with pytest.raises(ValueError, match="Dense"):
        model.predict(np.ones((3, 5)))
    assert modes(model) == before
    with pytest.raises(ValueError, match="label"):
        nn.evaluate(model, X, y + 1, loss="cross_entropy")
    assert modes(model) == before


def test_tables_are_read_by_position():
    pandas = pytest.importorskip("pandas")
    table = pandas.DataFrame(X, index=np.random.default_rng(1).permutation(37) * 3)
    labels = pandas.Series(y, index=list(map(str, range(37)))[::-1])
    model = noisy_model()
    np.testing.assert_array_equal(model.predict(table), model.predict(X))
    assert nn.evaluate(model, table, labels, "cross_entropy") == nn.evaluate(model, X, y, "cross_entropy")


class Two(nn.Module):
    """Several inputs and outputs."""

    def __init__(self):
        self.left, self.right = nn.Dense(2, 1, rng=0), nn.Dense(3, 2, rng=1)

    def forward(self, left, right):
        return {"a": self.left(left), "b": self.right(right)}


def test_several_inputs_and_outputs():
    model, Z = Two(), np.ones((37, 3), np.float32)
    by_name, by_position = model.predict({"left": X, "right": Z}, batch_size=10), model.predict((X, Z))
    assert by_name["a"].shape == (37, 1)
    assert by_name["b"].shape == (37, 2)
    for key in by_name:
        np.testing.assert_allclose(by_name[key], by_position[key], rtol=1e-6, atol=1e-6)  # sums of numbers about 1
    targets = {"a": np.zeros((37, 1)), "b": y % 2}
    logs = nn.evaluate(model, {"left": X, "right": Z}, targets, {"a": "mse", "b": "cross_entropy"}, {"b": "accuracy"})
    assert logs["loss"] == pytest.approx(logs["a_loss"] + logs["b_loss"], rel=1e-6)
    assert logs["b_accuracy"] == np.mean(by_name["b"].argmax(axis=1) == y % 2)


@pytest.mark.parametrize("size", [1, 7, 37, 100])
@pytest.mark.parametrize("loss", ["cross_entropy", lambda p, t: nn.cross_entropy(p, t, reduction="sum")])
def test_evaluate_gives_the_numbers_of_the_whole_set(size, loss):
    model = noisy_model()
    grads = [p.grad for p in model.parameters()]
    logs = nn.evaluate(model, X, y, loss=loss, metrics="accuracy", batch_size=size)
    scores = model.predict(X)
    function = nn.cross_entropy if loss == "cross_entropy" else loss
    assert logs["loss"] == pytest.approx(function(Tensor(scores), y).item(), rel=1e-5)
    assert logs["accuracy"] == np.mean(scores.argmax(axis=1) == y)
    assert [p.grad for p in model.parameters()] == grads
    in_batches = [(X[i : i + 10], y[i : i + 10]) for i in range(0, 37, 10)]
    again = nn.evaluate(model, iter(in_batches), loss=loss, metrics="accuracy")
    assert again == pytest.approx(logs, rel=1e-5)


def test_evaluate_gives_the_numbers_of_validation():
    model = noisy_model()
    history = nn.fit(
        model, X, y, loss="cross_entropy", epochs=2, validation=(X, y), metrics="accuracy", rng=0, progress=False
    )
    logs = nn.evaluate(model, X, y, "cross_entropy", "accuracy")
    assert logs["loss"] == pytest.approx(history["val_loss"][-1], rel=1e-6)
    assert logs["accuracy"] == history["val_accuracy"][-1]


def test_a_metric_knows_by_the_model_what_a_score_means():
    labels = (X[:, :1] > 0).astype(int)
    logits = nn.Dense(2, 1, rng=0)
    logits.W = [[1.0], [0.0]]
    probabilities = nn.Sequential(logits, nn.Sigmoid())
    for model, loss in ((logits, "bce_with_logits"), (probabilities, "bce"), (probabilities, "mse")):
        assert nn.evaluate(model, X, labels, loss, "accuracy")["accuracy"] == 1


def test_nothing_is_recorded():
    class Keeps(nn.Module):
        def __init__(self):
            self.dense = nn.Dense(2, 1, rng=0)

        def forward(self, x):
            Keeps.seen = self.dense(x)
            return Keeps.seen

    Keeps().predict(X)
    assert not Keeps.seen.requires_grad
    with no_grad():
        assert Keeps().predict(X).shape == (37, 1)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_dtype_is_that_of_the_model(dtype):
    assert nn.Dense(2, 3, dtype=dtype, rng=0).predict(X.tolist()).dtype == dtype


class Sum(nn.Module):
    """One number for all samples."""

    def forward(self, x):
        return Tensor(x).sum()


def test_what_cannot_be_predicted_is_refused():
    model = nn.Dense(2, 1, rng=0)
    with pytest.raises(ValueError, match="no samples"):
        model.predict(X[:0])
    with pytest.raises(ValueError, match="batch_size"):
        model.predict(X, batch_size=0)
    with pytest.raises(TypeError, match="Module"):
        nn.predict(np.sin, X)
    with pytest.raises(ValueError, match="has no row for each"):
        model.predict(x for x in X)  # single samples, and no batches of them
    with pytest.raises(ValueError, match="has no row for each"):
        Sum().predict(X)
    with pytest.raises(TypeError, match="which loss"):
        nn.evaluate(model, X, y)
    with pytest.raises(TypeError, match="y is missing"):
        nn.evaluate(model, X, loss="mse")


def test_the_numbers_of_numpy_are_numbers():
    model = nn.Dense(2, 3, rng=0)
    history = nn.fit(
        model, X, y, loss="cross_entropy", epochs=np.int64(2), batch_size=np.int32(8), validation=np.float32(0.2),
        early_stopping=np.int64(5), clip_norm=np.float32(1), rng=np.int64(0), progress=np.False_,
    )  # fmt: skip
    assert history.epochs == len(history["val_loss"]) == 2
    assert model.predict(X, batch_size=np.int64(4)).shape == (37, 3)


def test_the_kind_of_classes_can_be_said():
    """One row of two independent labels sums to 1 in every sample: only the caller knows what they mean."""
    targets = np.eye(2, dtype=np.float32)[np.arange(37) % 2]
    model = nn.Sequential(nn.Dense(2, 2, rng=0), nn.Sigmoid())
    scores = model.predict(X)
    independent, exclusive = (
        nn.evaluate(model, X, targets, "mse", "accuracy", classes=kind)["accuracy"]
        for kind in ("independent", "exclusive")
    )
    assert independent == np.mean((scores > 0.5) == targets)
    assert exclusive == np.mean(scores.argmax(axis=1) == targets.argmax(axis=1))
    assert independent != exclusive
    for kind, expected in (("independent", independent), ("exclusive", exclusive)):
        history = nn.fit(
            model, X, targets, loss="mse", optimizer=lambda p: nn.SGD(p, lr=0.0), epochs=1, metrics="accuracy",
            classes=kind, progress=False,
        )  # fmt: skip
        assert history["accuracy"][0] == expected


def test_what_early_stopping_may_be():
    for wrong in ("5", 2.5, nn.EarlyStopping):
        with pytest.raises(TypeError, match="early_stopping"):
            nn.fit(noisy_model(), X, y, loss="cross_entropy", epochs=1, early_stopping=wrong, progress=False)


# --- batches ------------------------------------------------------------------------------------------------------


def test_a_generator_of_batches_and_all_at_once_are_the_same() -> None:
    X = np.random.default_rng(0).normal(size=(10, 2))
    model = nn.MLP(2, 4, 3, rng=0)
    expected = model.predict(X)
    np.testing.assert_allclose(model.predict(X, batch_size=None), expected, rtol=1e-6)
    np.testing.assert_allclose(model.predict(X[i : i + 3] for i in range(0, 10, 3)), expected, rtol=1e-6)
    np.testing.assert_allclose(model.predict(iter([X[:4].tolist(), X[4:]])), expected, rtol=1e-6)
    np.testing.assert_allclose(model.predict(X, batch_size=np.int64(3)), expected, rtol=1e-6)


@pytest.mark.parametrize("size", [0, -1, 2.5, "all"])
def test_sizes_that_are_none_are_refused(size: Any) -> None:
    with pytest.raises(ValueError, match=r"batch_size is a whole number from 1 on, or None"):
        nn.MLP(2, 3, rng=0).predict([[1.0, 2.0]], batch_size=size)


def test_an_iterator_without_batches_is_refused() -> None:
    with pytest.raises(ValueError, match="there are no samples"):
        nn.MLP(2, 3, rng=0).predict(iter([]))
