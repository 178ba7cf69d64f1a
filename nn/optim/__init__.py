"""Optimizers, and what changes or limits their steps, in reading order.

    base             what all share: parameters, groups of them, the state of each, and the step
    hyperparameters  what they may be
    rules            one pure rule each: update(param, grad, state) -> param, state
    schedules        how the learning rate changes over time
    clipping         limits for gradients
    penalties        on large weights, to be added to a loss

Names and conventions are PyTorch's.
"""

from .base import Optimizer
from .clipping import clip_grad_norm, clip_grad_value
from .penalties import l1, l2
from .rules import SGD, Adadelta, Adagrad, Adam, AdamW, Lion, NAdam, RMSProp
from .schedules import (
    CosineAnnealingLR,
    CosineAnnealingWarmRestarts,
    ExponentialLR,
    LambdaLR,
    LinearLR,
    MultiStepLR,
    OneCycleLR,
    ReduceLROnPlateau,
    Schedule,
    SequentialLR,
    StepLR,
)

__all__ = [
    "SGD",
    "Adadelta",
    "Adagrad",
    "Adam",
    "AdamW",
    "CosineAnnealingLR",
    "CosineAnnealingWarmRestarts",
    "ExponentialLR",
    "LambdaLR",
    "LinearLR",
    "Lion",
    "MultiStepLR",
    "NAdam",
    "OneCycleLR",
    "Optimizer",
    "RMSProp",
    "ReduceLROnPlateau",
    "Schedule",
    "SequentialLR",
    "StepLR",
    "clip_grad_norm",
    "clip_grad_value",
    "l1",
    "l2",
]
