"""The progress bar: where it goes, and what it shows."""

from __future__ import annotations

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
