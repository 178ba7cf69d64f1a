"""Trees are taken apart and put together."""

from __future__ import annotations

from typing import NamedTuple

import pytest

from autograd.trees import leaves, leaves_like, rebuild


class Pair(NamedTuple):
    a: object
    b: object


def test_rebuild_undoes_leaves() -> None:
    tree = {"x": [1, (2, 3)], "y": Pair(4, {"z": 5})}
    assert leaves(tree) == [1, 2, 3, 4, 5]
    assert rebuild(tree, iter(leaves(tree))) == tree
    assert isinstance(rebuild(tree, iter("abcde"))["y"], Pair)


def test_leaves_like_reads_by_the_structure_of_the_first() -> None:
    assert leaves_like({"a": 0, "b": [0, 0]}, {"b": [[1, 2], 3], "a": 4}) == [4, [1, 2], 3]
    with pytest.raises(ValueError, match="shorter"):
        leaves_like([0, 0], [1])
