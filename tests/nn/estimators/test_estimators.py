"""Networks as estimators: what scikit-learn's own checks do not look at."""

from __future__ import annotations

import pickle
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("sklearn")

from sklearn.base import clone
from sklearn.calibration import CalibratedClassifierCV
from sklearn.datasets import load_iris
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import nn

SMALL: dict[str, Any] = {"network": 8, "optimizer_params": {"lr": 0.05}, "random_state": 0, "compile": False}
X, LABELS = load_iris(return_X_y=True)
X = (X - X.mean(axis=0)) / X.std(axis=0)
NAMES = np.array(["setosa", "versicolor", "virginica"])[LABELS]


def classifier(**options: Any) -> Any:
    return nn.NetworkClassifier(**{**SMALL, "max_iter": 30, **options})


def regressor(**options: Any) -> Any:
    return nn.NetworkRegressor(**{**SMALL, "max_iter": 60, **options})


def same_weights(one: Any, other: Any) -> bool:
    pairs = zip(one.network_.state_dict().values(), other.network_.state_dict().values(), strict=True)
    return all(np.array_equal(a, b) for a, b in pairs)


def test_import_nn_does_not_import_scikit_learn_and_its_absence_is_told() -> None:
    code = (
        "import sys, nn; assert 'sklearn' not in sys.modules; sys.modules['sklearn'] = None\n"
        "try: nn.NetworkClassifier\nexcept ImportError as error: assert 'chainrule[sklearn]' in str(error)\n"
        "else: sys.exit('no error')"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_labels_are_texts_and_probabilities_belong_to_classes() -> None:
    model = classifier().fit(X, NAMES)
    assert model.classes_.tolist() == ["setosa", "versicolor", "virginica"]
    assert model.score(X, NAMES) > 0.95
    probabilities = model.predict_proba(X)
    assert probabilities.dtype == np.float64
    np.testing.assert_allclose(probabilities.sum(axis=1), 1)
    np.testing.assert_allclose(np.log(probabilities), model.predict_log_proba(X))
    assert (model.classes_[probabilities.argmax(axis=1)] == model.predict(X)).all()
    assert len(model.loss_curve_) == model.n_iter_ == 30


def test_several_labels_a_row() -> None:
    Y = np.stack([LABELS > 0, LABELS > 1], axis=1).astype(int)
    model = classifier().fit(X, Y)
    assert model.predict(X).shape == model.predict_proba(X).shape == Y.shape
    assert model.score(X, Y) > 0.9
    np.testing.assert_allclose(np.log(model.predict_proba(X)), model.predict_log_proba(X))


def test_predictions_have_the_shape_of_the_targets() -> None:
    Y = X @ np.random.default_rng(0).standard_normal((4, 2))
    for y in (Y, Y[:, 0], Y[:, :1]):
        model = regressor().fit(X, y)
        assert model.predict(X[:7]).shape == y[:7].shape
        assert model.score(X, y) > 0.9


def convolution(inputs: int, outputs: int, rng: Any) -> Any:
    return nn.Sequential(nn.Conv2d(inputs, 2, 2, rng=rng), nn.ReLU(), nn.Flatten(), nn.Dense(2, outputs, rng=rng))


def test_a_network_is_sizes_a_module_or_what_a_function_makes() -> None:
    module = nn.MLP(4, 8, 3, rng=0)
    before = module.state_dict()
    model = classifier(network=module).fit(X, LABELS)
    assert model.network_ is not module
    assert all(np.array_equal(module.state_dict()[name], before[name]) for name in before)
    assert model.predict_proba(X).dtype == np.float64
    assert classifier(network=lambda inputs, outputs: nn.MLP(inputs, 8, outputs, rng=0)).fit(X, LABELS).n_iter_ == 30
    images = classifier(network=convolution, max_iter=2).fit(X.reshape(-1, 1, 2, 2), LABELS)
    assert images.predict(X.reshape(-1, 1, 2, 2)).shape == LABELS.shape
    with pytest.raises(TypeError, match=r"makes an nn.Module"):
        classifier(network=lambda inputs, outputs: None).fit(X, LABELS)


def test_parameters_reach_down_to_the_optimizer() -> None:
    given = {"lr": 0.5}
    model = nn.NetworkClassifier(optimizer="sgd", optimizer_params=given)
    copied = clone(model).set_params(optimizer__momentum=0.9)
    assert copied.get_params()["optimizer__momentum"] == 0.9
    assert copied.get_params()["optimizer__lr"] == 0.5
    assert given == {"lr": 0.5}
    assert model.get_params()["optimizer__momentum"] == 0
    fitted = copied.set_params(max_iter=1).fit(X, LABELS)
    assert (fitted.optimizer_.lr, fitted.optimizer_.momentum) == (0.5, 0.9)
    with pytest.raises(ValueError, match="optimizer__speed: it has optimizer__"):
        model.set_params(optimizer__speed=1)
    with pytest.raises(TypeError, match="every fit makes a new one"):
        classifier(optimizer=nn.SGD(nn.MLP(4, 3).parameters(), lr=0.1)).fit(X, LABELS)


@pytest.mark.parametrize("batch_size", [40, None])
def test_calls_of_partial_fit_are_the_epochs_of_fit(batch_size: int | None) -> None:
    whole = classifier(max_iter=4, n_iter_no_change=None, batch_size=batch_size).fit(X, NAMES)
    parts = classifier(batch_size=batch_size)
    for _ in range(4):
        parts.partial_fit(X, NAMES, classes=np.unique(NAMES))
    assert same_weights(whole, parts)
    assert parts.loss_curve_ == whole.loss_curve_
    warm = classifier(max_iter=1, n_iter_no_change=None, warm_start=True, batch_size=batch_size)
    for _ in range(4):
        warm.fit(X, NAMES)
    assert same_weights(whole, warm)


def test_partial_fit_and_warm_start_refuse_what_does_not_go_on() -> None:
    with pytest.raises(ValueError, match="classes="):
        classifier().partial_fit(X, NAMES)
    with pytest.raises(ValueError, match="early_stopping"):
        classifier(early_stopping=True).partial_fit(X, NAMES, classes=np.unique(NAMES))
    with pytest.raises(ValueError, match="balanced"):
        classifier(class_weight="balanced").partial_fit(X, NAMES, classes=np.unique(NAMES))
    warm = classifier(warm_start=True, max_iter=1).fit(X[:100], NAMES[:100])
    with pytest.raises(ValueError, match="virginica"):
        warm.fit(X, NAMES)
    with pytest.raises(ValueError, match="3 features"):
        warm.fit(X[:100, :3], NAMES[:100])


def test_weights_of_classes_are_weights_of_rows() -> None:
    weight = np.where(NAMES == "virginica", 3.0, 1.0)
    by_class = classifier(class_weight={"virginica": 3}).fit(X, NAMES)
    assert same_weights(by_class, classifier().fit(X, NAMES, sample_weight=weight))
    uneven = slice(20, 150)
    counts = np.unique(NAMES[uneven], return_inverse=True, return_counts=True)
    balanced = (130 / (3 * counts[2]))[counts[1]]
    told = classifier(class_weight="balanced").fit(X[uneven], NAMES[uneven])
    np.testing.assert_allclose(
        told.predict_proba(X), classifier().fit(X[uneven], NAMES[uneven], sample_weight=balanced).predict_proba(X)
    )
    with pytest.raises(ValueError, match=r"class_weight is for the classes \['rose'\]"):
        classifier(class_weight={"rose": 2}).fit(X, NAMES)


def test_rows_of_weight_0_are_as_if_they_were_not_there_in_batches_too() -> None:
    weight = (np.arange(150) % 3 > 0).astype(float)
    weighed = classifier(batch_size=16).fit(X, NAMES, sample_weight=weight)
    assert same_weights(weighed, classifier(batch_size=16).fit(X[weight > 0], NAMES[weight > 0], np.ones(100)))


def test_early_stopping_holds_rows_out_and_seeds_decide() -> None:
    model = classifier(early_stopping=True, max_iter=200, n_iter_no_change=3, tol=0.01).fit(X, NAMES)
    assert model.n_iter_ < 200
    assert "val_loss" in model.history_
    assert same_weights(classifier(max_iter=3).fit(X, NAMES), classifier(max_iter=3).fit(X, NAMES))
    assert not same_weights(classifier(max_iter=3).fit(X, NAMES), classifier(max_iter=3, random_state=1).fit(X, NAMES))


def test_a_fitted_estimator_goes_through_pickle_and_goes_on() -> None:
    model = classifier(max_iter=3, batch_size=40).partial_fit(X, NAMES, classes=np.unique(NAMES))
    again = pickle.loads(pickle.dumps(model))
    assert same_weights(model.partial_fit(X, NAMES), again.partial_fit(X, NAMES))


def test_tables_name_the_features() -> None:
    pandas = pytest.importorskip("pandas")
    table = pandas.DataFrame(X, columns=list("abcd"), index=range(150, 0, -1))
    model = classifier(max_iter=3).fit(table, pandas.Series(NAMES, index=table.index))
    assert model.feature_names_in_.tolist() == list("abcd")
    with pytest.raises(ValueError, match="feature names"):
        model.predict(table[list("dcba")])
    assert same_weights(model, classifier(max_iter=3).fit(X, NAMES))


def test_pipelines_searches_and_calibration() -> None:
    pipeline = make_pipeline(StandardScaler(), classifier(max_iter=30))
    assert cross_val_score(pipeline, X, NAMES, cv=3).min() > 0.8
    grid = {"networkclassifier__optimizer__lr": [1e-6, 0.05], "networkclassifier__network": [4, (8, 8)]}
    search = GridSearchCV(pipeline, grid, cv=2).fit(X, NAMES)
    assert search.best_params_["networkclassifier__optimizer__lr"] == 0.05
    calibrated = CalibratedClassifierCV(classifier(max_iter=10), cv=2).fit(X, NAMES)
    assert calibrated.score(X, NAMES) > 0.8


def halved(logits: Any, labels: Any) -> Any:
    return nn.cross_entropy(logits, labels) / 2


OPTIONS: dict[str, dict[str, Any]] = {
    "schedule": {"schedule": nn.StepLR(2)},
    "clip_norm": {"clip_norm": 0.01},
    "metrics": {"metrics": ["accuracy"]},
    "loss": {"loss": halved},
    "drop_last": {"drop_last": True, "batch_size": 32},
    "shuffle": {"shuffle": False, "batch_size": 32},
}


@pytest.mark.parametrize("options", OPTIONS.values(), ids=OPTIONS)
def test_an_option_of_fit_does_what_it_does_there(options: dict[str, Any]) -> None:
    found = classifier(network=nn.MLP(4, 5, 3, rng=0), max_iter=5, n_iter_no_change=None, **options).fit(X, LABELS)
    model = nn.MLP(4, 5, 3, rng=0)
    rng = np.random.default_rng(np.random.RandomState(0).randint(2**31 - 1))  # as the estimator makes its own
    rng.integers(2**62)  # for the network
    history = nn.fit(
        model, X, LABELS, **{"loss": "cross_entropy", "batch_size": 150, "rng": rng} | options,
        optimizer=nn.Adam(model.parameters(), lr=0.05), epochs=5, progress=False, compile=False,
    )  # fmt: skip
    assert dict(found.history_.items()) == dict(history.items())
    for mine, theirs in zip(found.network_.parameters(), model.parameters(), strict=True):
        np.testing.assert_array_equal(mine.data, theirs.data)


def test_a_fit_goes_on_from_its_checkpoint_and_calls_back(tmp_path: Path) -> None:
    seen: list[int] = []

    def stop(epoch: Any) -> None:
        seen.append(epoch.number)
        if len(seen) == 3:
            raise RuntimeError("stopped")

    options = {"max_iter": 6, "n_iter_no_change": None}
    parted = classifier(callbacks=stop, checkpoint=tmp_path / "run", resume=True, **options)
    with pytest.raises(RuntimeError, match="stopped"):
        parted.fit(X, LABELS)
    parted.fit(X, LABELS)
    assert seen == [1, 2, 3, 3, 4, 5, 6]
    assert same_weights(parted, classifier(**options).fit(X, LABELS))
