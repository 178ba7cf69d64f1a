"""How functions of one array are functions of a batch of them: one kind of rule for each way to treat shapes and axes.

A rule gets the batch, the function and the arguments of the call; where an argument differs between the examples,
`batch.has(x)`, all of them lie along the first axis of `batch.of(x)`. It returns the results along a first axis, or
NotImplemented: then, and where no rule is stated, the examples are computed one by one. No derivative is stated here:
the arrays may be nodes, and then the calls that a rule makes are recorded.
"""

from . import axes, indices, layout, products  # noqa: F401 - their rules
from .rule import RULES_OF_BATCHES, aligned

__all__ = ["RULES_OF_BATCHES", "aligned"]
