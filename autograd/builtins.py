"""HIPS autograd's `autograd.builtins`. Nodes stand in plain containers here, so Python's own will do.

`isinstance` and `type` alone differ: they tell about the number in a node, as there.
"""

import builtins

from .tracer import notrace_primitive

__all__ = ["dict", "isinstance", "list", "tuple", "type"]

dict, list, tuple = builtins.dict, builtins.list, builtins.tuple
isinstance = notrace_primitive(builtins.isinstance)
type = notrace_primitive(builtins.type)
