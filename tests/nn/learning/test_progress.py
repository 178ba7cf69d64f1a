"""The progress bar: where it goes, and what it shows."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import nn

X = np.random.default_rng(4).standard_normal((50, 3))
Y = X @ np.array([[1.0], [-2.0], [0.5]]) + 0.3


def test_progress_goes_to_stderr_and_can_be_off(capsys: pytest.CaptureFixture[str]) -> None:
    nn.fit(nn.Dense(3, 1, rng=0), X, Y, loss="mse", epochs=3, batch_size=25, metrics="r2", validation=(X, Y))
    out, err = capsys.readouterr()
    assert out == ""
    last = err.split("\r")[-1]
    assert "epoch 3/3" in last
    assert "6/6" in last
    assert all(f"{name}=" in last for name in ("loss", "r2", "val_loss", "val_r2"))
    nn.fit(nn.Dense(3, 1, rng=0), X, Y, loss="mse", epochs=2, progress=False)
    assert capsys.readouterr() == ("", "")


def test_in_a_notebook_it_is_the_bar_of_notebooks(monkeypatch: pytest.MonkeyPatch) -> None:
    import tqdm.auto

    made: list[Any] = []

    class Bar(tqdm.auto.tqdm):  # type: ignore[type-arg, misc]
        def __init__(self, *args: Any, **kwargs: Any) -> None:
            super().__init__(*args, **kwargs)
            made.append(self)

    monkeypatch.setattr(tqdm.auto, "tqdm", Bar)
    nn.fit(nn.Dense(2, 1, rng=0), np.ones((4, 2)), np.ones((4, 1)), loss="mse", epochs=3)
    assert [bar.n for bar in made] == [3]


def test_an_error_of_the_step_is_told_once() -> None:
    with pytest.raises(ValueError, match="they must be equal") as found:
        nn.fit(nn.Dense(2, 1, rng=0), np.ones((4, 2)), np.ones(4), loss="mse", epochs=1, progress=False)
    assert found.value.__context__ is None
