"""`fit`, and what it is made of, in reading order.

    loop          fit: the training loop
    evaluation    evaluate: the same numbers for other samples
    ranging       find_lr: which learning rate to begin with
    epochs        one epoch of training, one pass of evaluation: what the loop repeats
    run           all that an epoch changes
    arguments     what the arguments of fit may be
    feeding       what an epoch goes through: batches of samples, or of the user's
    several       a loss and metrics for each of several outputs
    progress      the progress bar
    history       the numbers of every epoch
    stopping      early stopping
    checkpoints   a run on disk, to go on from
    diverging     where a loss that is not finite came from

Nothing else in nn knows this room: a loop of one's own needs none of it.
"""

from .checkpoints import Checkpoint
from .diverging import DivergedError
from .evaluation import evaluate
from .history import History
from .loop import Epoch, fit
from .ranging import RangeTest, find_lr
from .stopping import EarlyStopping

__all__ = [
    "Checkpoint",
    "DivergedError",
    "EarlyStopping",
    "Epoch",
    "History",
    "RangeTest",
    "evaluate",
    "find_lr",
    "fit",
]
