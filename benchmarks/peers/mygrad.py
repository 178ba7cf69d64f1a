"""MyGrad, without its memory guard, as its documentation advises for speed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import mygrad
import numpy as np
from mygrad.nnet.losses import softmax_crossentropy

from benchmarks.cases import LR, Case

mygrad.turn_memory_guarding_off()


def training(case: Case) -> Callable[[], Any]:
    """One step of training. It returns the loss."""
    X, y = case.data()
    layers = [(mygrad.tensor(W), mygrad.tensor(b)) for W, b in case.weights()]
    lr = np.float32(LR)

    def step() -> Any:
        *hidden, (W, b) = layers
        a = X
        for V, c in hidden:
            a = mygrad.tanh(a @ V + c)
        loss = softmax_crossentropy(a @ W + b, y)
        loss.backward()
        for layer in layers:
            for p in layer:
                p.data -= lr * p.grad
        return loss

    return step
