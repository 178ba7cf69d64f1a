"""What a run leaves as it is: layers in evaluation mode, parameters that its optimizer does not have."""

from __future__ import annotations

import warnings
from collections.abc import Iterator

from ..module import REPLACED, Module, Parameter
from ..optim.base import Optimizer


class Untouched:
    """Keeps layers that were in evaluation mode there, and warns of parameters that nobody trains by mistake.

    A layer below a model in training mode that was switched to evaluation before `fit` stays in evaluation: dropout is
    off there, and a batch normalization keeps its running statistics. A model that is in evaluation mode itself, as
    after predicting, is trained as a whole.
    """

    def __init__(self, model: Module, optimizer: Optimizer) -> None:
        self.model, self.optimizer = model, optimizer
        self.resting = [module for module in model.modules() if not module.training] if model.training else []
        mine, own = ids(optimizer), {id(p) for p in model.parameters()}
        # an optimizer of some parameters alone is a choice; one that has others, which are no part of the model, is not
        self.accepted = own if mine <= own else mine

    def begin(self, stacklevel: int = 3) -> None:
        """An epoch begins: layers are in the right mode, and a parameter that came since the optimizer was is named."""
        parts = list(self.model.tree())  # one walk for both: in a small model it is a good part of an epoch
        modules = [self.model, *(part for _, part in parts if isinstance(part, Module))]
        if any(module.training == (module in self.resting) for module in modules):
            self.model.train()
            for module in self.resting:
                module.training = False
        known = self.accepted | ids(self.optimizer)
        left_out = [
            (name, p) for name, p in parts if isinstance(p, Parameter) and p.requires_grad and id(p) not in known
        ]
        if left_out:
            names = ", ".join(name for name, _ in left_out)
            warnings.warn(
                f"fit: {names} will not be trained: the optimizer was made before the model had "
                f"{'them' if len(left_out) > 1 else 'it'}. Make the optimizer after the last layer was set",
                stacklevel=stacklevel,
            )
            self.accepted |= {id(p) for _, p in left_out}  # once is enough
            for p in self.optimizer.params:  # those that were replaced: the optimizer need not name them again
                REPLACED.pop(id(p), None)


def warn_of_twins(model: Module, stacklevel: int = 3) -> None:
    """Warn of parameters that begin with the same numbers, as those of two layers that were made with the same seed."""
    seen: dict[tuple[object, ...], str] = {}
    for name, p in trainable(model):
        numbers = p.numpy()
        if p.size > 1 and numbers.min() != numbers.max():
            twin = seen.setdefault((p.shape, p.dtype, numbers.tobytes()), name)
            if twin != name:
                warnings.warn(
                    f"fit: {twin} and {name} begin with the same numbers, as of layers made with the same seed: pass "
                    "one generator to all of them, rng = np.random.default_rng(0)",
                    stacklevel=stacklevel,
                )


def trainable(model: Module) -> Iterator[tuple[str, Parameter]]:
    """The parameters that require a gradient."""
    return ((name, p) for name, p in model.named_parameters() if p.requires_grad)


def ids(optimizer: Optimizer) -> set[int]:
    """Which parameters an optimizer has."""
    return {id(p) for p in optimizer.params}
