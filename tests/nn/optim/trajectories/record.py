"""Records how torch's optimizers move, in torch.json beside this file, so that the tests can follow without torch.

    python tests/nn/optim/trajectories/record.py

Three parameters, `start`, go down bowls that are shaken at every step: the gradient at p is 3 p + pull[step].
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import torch

SHAPES = [(3, 2), (4,), ()]
STEPS = 200
KEPT = [1, 2, 3, 5, 10, 20, 50, 100, 150, 200]  # the steps after which the parameters are recorded
NAMES = {"RMSProp": "RMSprop"}  # where torch spells it otherwise
SETTINGS: list[tuple[str, dict[str, Any]]] = [
    ("SGD", {"lr": 0.05}),
    ("SGD", {"lr": 0.05, "weight_decay": 0.1}),
    ("SGD", {"lr": 0.02, "momentum": 0.9}),
    ("SGD", {"lr": 0.02, "momentum": 0.9, "weight_decay": 0.1}),
    ("SGD", {"lr": 0.02, "momentum": 0.9, "nesterov": True, "weight_decay": 0.01}),
    ("Adagrad", {}),
    ("Adagrad", {"lr": 0.3, "lr_decay": 0.01, "weight_decay": 0.1, "initial_accumulator_value": 0.5, "eps": 1e-6}),
    ("RMSProp", {}),
    ("RMSProp", {"lr": 0.02, "alpha": 0.9, "eps": 1e-6, "weight_decay": 0.1, "momentum": 0.8}),
    ("RMSProp", {"lr": 0.02, "alpha": 0.9, "centered": True}),
    ("RMSProp", {"momentum": 0.5, "centered": True}),
    ("Adadelta", {}),
    ("Adadelta", {"lr": 0.5, "rho": 0.8, "eps": 1e-4, "weight_decay": 0.1}),
    ("Adam", {}),
    ("Adam", {"lr": 0.05, "betas": [0.8, 0.95], "eps": 1e-6}),
    ("Adam", {"lr": 0.05, "weight_decay": 0.1}),
    ("AdamW", {}),
    ("AdamW", {"lr": 0.05, "betas": [0.8, 0.95], "eps": 1e-6, "weight_decay": 0.3}),
    ("NAdam", {}),
    ("NAdam", {"lr": 0.05, "betas": [0.8, 0.95], "eps": 1e-6, "weight_decay": 0.1, "momentum_decay": 0.02}),
]


def main() -> None:
    """Write torch.json."""
    torch.set_default_dtype(torch.float64)  # for NAdam, which keeps the product of its momenta in the default dtype
    rng = np.random.default_rng(11)
    start = [rng.standard_normal(shape).round(3) for shape in SHAPES]
    pull = [rng.standard_normal((STEPS, *shape)).round(2) for shape in SHAPES]
    trajectories = []
    for name, options in SETTINGS:
        params = [torch.tensor(p, requires_grad=True) for p in start]
        optimizer = getattr(torch.optim, NAMES.get(name, name))(params, **options)
        recorded = []
        for step in range(STEPS):
            for p, pulls in zip(params, pull):
                p.grad = 3 * p.detach() + torch.tensor(pulls[step])
            optimizer.step()
            if step + 1 in KEPT:
                recorded.append([p.tolist() for p in params])
        trajectories.append({"name": name, "options": options, "params": recorded})
    found = {
        "torch": torch.__version__,
        "start": [p.tolist() for p in start],
        "pull": [p.tolist() for p in pull],
        "kept": KEPT,
        "trajectories": trajectories,
    }
    text = json.dumps(found, separators=(",", ":")).replace('{"name"', '\n{"name"').replace('"pull"', '\n"pull"')
    Path(__file__).with_name("torch.json").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
