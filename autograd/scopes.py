"""Which operations belong together: the call of a module, noted on what it returned.

Nothing is noted on the nodes in between. They are found when a picture is drawn: those that the result was computed
from and that are not older than the call.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .node import Node, next_index
from .recording import recording


def scoped(name: str, kind: str, function: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Any:
    """`function(*args, **kwargs)`, whose operations a picture shows as one part: `kind` is what it is, as "Dense".

    Parts contain each other as the calls do. `name` is the dotted name in the model, or "" for the outermost.
    """
    start, watch = next_index(), recording.get().watch
    if watch is None:
        result = function(*args, **kwargs)
    else:
        watch.entered(f"{name} ({kind})" if name else kind)
        try:
            result = function(*args, **kwargs)
        finally:
            watch.left()
    note(result, start, name, kind)
    return result


def note(result: Any, start: int, name: str, kind: str) -> None:
    """Note the call on every node of its result that it computed, also inside lists, tuples and dicts.

    The note holds no module, which may hold what it returned, but the note of an inner call that returned the same.
    """
    if isinstance(result, Node):
        if result.index > start and result.fun is not None:
            result.scope = (start, name, kind, result.scope)
    elif isinstance(result, (list, tuple)):
        for part in result:
            note(part, start, name, kind)
    elif isinstance(result, dict):
        note(list(result.values()), start, name, kind)
