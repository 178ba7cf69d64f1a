"""History: columns, the best epoch, plots."""

from __future__ import annotations

import json
import math

import pytest

from nn.learning.history import History

LOGS = [
    {"loss": 0.9, "val_loss": 1.0, "accuracy": 0.5},
    {"loss": 0.5, "val_loss": 0.7, "accuracy": 0.9},
    {"loss": 0.3, "val_loss": 0.7, "accuracy": 0.8},
    {"loss": 0.1, "val_loss": math.nan, "accuracy": 0.7},
]


def a_history(monitor: str = "val_loss", mode: str = "min") -> History:
    history = History(monitor=monitor, mode=mode)  # type: ignore[arg-type]
    for logs in LOGS:
        history.record(logs)
    return history


def test_columns() -> None:
    history = a_history()
    assert history["loss"] == [0.9, 0.5, 0.3, 0.1]
    assert list(history) == ["loss", "val_loss", "accuracy"]
    assert (history.epochs, len(history), "val_loss" in history, "lr" in history) == (4, 3, True, False)
    with pytest.raises(KeyError, match="there is no 'acc' in this history"):
        history["acc"]


def test_the_best_epoch_is_the_first_of_equals_and_never_nan() -> None:
    assert a_history().best == {"epoch": 2, "loss": 0.5, "val_loss": 0.7, "accuracy": 0.9}
    assert a_history("loss").best["epoch"] == 4
    assert a_history("accuracy", "max").best["epoch"] == 2
    assert History({"loss": [math.nan, 2.0, 1.0]}).best["epoch"] == 3
    assert History().best == {}


def test_as_plain_data() -> None:
    history = a_history("loss")
    data = history.to_dict()
    assert History(json.loads(json.dumps(data))).to_dict()["loss"] == history["loss"]
    data["loss"].append(7.0)
    assert history.epochs == 4


def test_repr_says_how_it_went() -> None:
    expected = "History(4 epochs, stopped by epochs, best epoch 2: loss=0.5, val_loss=0.7, accuracy=0.9)"
    assert repr(a_history()) == expected
    assert repr(History()) == "History(0 epochs, stopped by epochs)"


def test_plots_show_training_and_validation() -> None:
    pytest.importorskip("matplotlib", reason="plots need it").use("agg")
    from matplotlib.figure import Figure

    history = a_history()
    axes = history.plot(ax=Figure().subplots())
    assert [line.get_label() for line in axes.get_lines()] == ["training", "validation"]
    assert list(axes.get_lines()[0].get_xdata()) == [1, 2, 3, 4]
    assert list(axes.get_lines()[1].get_ydata()[:3]) == [1.0, 0.7, 0.7]
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("epoch", "loss")
    alone = history.plot("accuracy", Figure().subplots())
    assert len(alone.get_lines()) == 1
    assert alone.get_legend() is None
    with pytest.raises(KeyError, match="there is no 'f1'"):
        history.plot("f1")


def test_a_plot_makes_its_own_axes() -> None:
    pytest.importorskip("matplotlib", reason="plots need it").use("agg")
    import matplotlib.pyplot as plt

    axes = a_history().plot()
    assert plt.get_fignums() == [axes.figure.number]
    plt.close(axes.figure)
