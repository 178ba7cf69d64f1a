"""Trees are taken apart and put together."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import Any, NamedTuple

import pytest

from autograd.trees import leaves, leaves_like, parts, parts_like, rebuild, whole


class Pair(NamedTuple):
    a: object
    b: object


def test_rebuild_undoes_leaves() -> None:
    tree = {"x": [1, (2, 3)], "y": Pair(4, {"z": 5})}
    assert leaves(tree) == [1, 2, 3, 4, 5]
    assert rebuild(tree, iter(leaves(tree))) == tree
    assert isinstance(rebuild(tree, iter("abcde"))["y"], Pair)
    assert tree["x"] == [1, (2, 3)]


def test_rebuild_keeps_what_a_container_is() -> None:
    class Named(dict[str, Any]):
        def __init__(self, name: str, entries: dict[str, Any]) -> None:
            super().__init__(entries)
            self.name = name

    class Log(list[Any]):
        limit = 3

    log = Log([1, 2])
    log.limit = 5
    tree = {"n": Named("w", {"a": 1}), "c": Counter(b=2), "d": defaultdict(list, e=3), "l": log}
    other = rebuild(tree, iter("abcde"))
    assert other == {"n": {"a": "a"}, "c": {"b": "b"}, "d": {"e": "c"}, "l": ["d", "e"]}
    assert [type(x) for x in other.values()] == [type(x) for x in tree.values()]
    assert (other["n"].name, other["d"].default_factory, other["l"].limit) == ("w", list, 5)
    assert leaves(tree) == [1, 2, 3, 1, 2]


def test_none_is_no_part() -> None:
    tree = {"a": None, "b": [1, None, 2]}
    assert leaves(tree) == [None, 1, None, 2]
    assert parts(tree) == [1, 2]
    assert whole(tree, iter("xy")) == {"a": None, "b": ["x", None, "y"]}
    assert parts_like(tree, {"b": [3, None, 4], "a": None}) == [3, 4]


def test_leaves_like_reads_by_the_structure_of_the_first() -> None:
    assert leaves_like({"a": 0, "b": [0, 0]}, {"b": [[1, 2], 3], "a": 4}) == [4, [1, 2], 3]
    with pytest.raises(ValueError, match="expected a list of 2, not a list of 1"):
        leaves_like([0, 0], [1])
