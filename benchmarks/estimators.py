"""nn.NetworkClassifier beside scikit-learn's MLPClassifier, on its digits at equal settings.

    OPENBLAS_NUM_THREADS=1 python benchmarks/estimators.py

Each trains in its turn, so that what else the machine does comes to all of them. Of the seeds the medians are printed.
"""

from __future__ import annotations

import time
import warnings

import numpy as np
from sklearn.datasets import load_digits
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import train_test_split
from sklearn.neural_network import MLPClassifier

import nn

SETTINGS = {"max_iter": 50, "batch_size": 200}
KINDS = {
    "MLPClassifier": lambda seed: MLPClassifier(100, n_iter_no_change=100, alpha=0, random_state=seed, **SETTINGS),
    "NetworkClassifier": lambda seed: nn.NetworkClassifier(100, n_iter_no_change=None, random_state=seed, **SETTINGS),
    "the same in float32": lambda seed: nn.NetworkClassifier(
        100, n_iter_no_change=None, random_state=seed, dtype="float32", **SETTINGS
    ),
}
SEEDS = 9


def main() -> None:
    """Print the table."""
    warnings.simplefilter("ignore", ConvergenceWarning)  # 50 epochs are asked for
    X, y = load_digits(return_X_y=True)
    X, X_test, y, y_test = train_test_split(X / 16, y, random_state=0)
    found: dict[str, list[tuple[float, float]]] = {name: [] for name in KINDS}
    for seed in range(SEEDS):
        for name, make in KINDS.items():
            model = make(seed)
            start = time.process_time()
            model.fit(X, y)
            found[name].append((time.process_time() - start, model.score(X_test, y_test)))
    print("| | seconds of a core | accuracy |\n|---|---|---|")
    for name, results in found.items():
        seconds, accuracy = np.median(results, axis=0)
        print(f"| `{name}` | {seconds:.2f} | {accuracy:.3f} |")


if __name__ == "__main__":
    main()
