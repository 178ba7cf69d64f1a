"""Arguments are taken apart as `leaves` does it, whoever they are."""

from __future__ import annotations

import random
from collections import OrderedDict
from typing import Any, NamedTuple

import numpy as np
import pytest

from autograd import compile
from autograd.compile.unpack import structure, unpacker
from autograd.trees import leaves, rebuild


class Pair(NamedTuple):
    a: Any
    b: Any


class Backward(list[Any]):
    """Answers an index with another element than it gives in turn."""

    def __getitem__(self, i: Any) -> Any:
        return super().__getitem__(-1 - i)


def random_tree(rng: random.Random, depth: int) -> Any:
    kind = rng.choice(["leaf", "list", "tuple", "dict", "pair"]) if depth else "leaf"
    parts = [random_tree(rng, depth - 1) for _ in range(rng.randrange(4) if depth else 0)]
    keys = rng.sample(["x", 'a "b"', 3, -1, 2.5, (1, 2), None, int, frozenset("a")], len(parts))
    trees = {"list": parts, "tuple": tuple(parts), "dict": dict(zip(keys, parts)), "pair": Pair(parts, object())}
    return trees.get(kind, object())


def test_trees_that_are_built_alike_give_their_leaves_and_others_nothing() -> None:
    rng = random.Random(0)
    trees = [[random_tree(rng, 3)] for _ in range(120)]
    for tree in trees:
        unpack = unpacker(structure(tree))
        twin = rebuild(tree, iter([object() for _ in leaves(tree)]))
        for same in (tree, twin):
            found = unpack(same)
            assert found is not None
            assert all(x is y for x, y in zip(found, leaves(same), strict=True))
        for other in trees:
            if structure(other) != structure(tree):
                # a leaf may be a tree: whoever looks at its type finds that out
                assert (found := unpack(other)) is None or any(isinstance(x, (list, tuple, dict)) for x in found)


@pytest.mark.parametrize("tree", [Backward([1.0, 2.0]), [Backward([1.0, 2.0])], OrderedDict(b=1.0, a=2.0)])
def test_containers_of_ones_own_are_taken_apart_with_more_care(tree: Any) -> None:
    assert unpacker(structure(tree))(tree) is None
    f = compile(lambda tree: leaves(tree)[0] - 2 * leaves(tree)[1])
    for factor in (1, 2, 3):
        x, y = factor * np.array(leaves(tree))
        assert f(rebuild(tree, iter([x, y]))) == x - 2 * y


def test_what_is_built_in_another_way_is_another_program() -> None:
    f = compile(lambda *args: sum((i + 1) * x for i, x in enumerate(leaves(list(args)))))
    one, two, three = np.arange(1.0, 4.0).reshape(3, 1)
    ways: list[tuple[Any, ...]] = [
        ({"a": one, "b": two},), ({"b": two, "a": one},), ([one, two],), ((one, two),), (Pair(one, two),), (one, two),
        ([one], two), ({"a": one, "b": [two, three]},), ({"a": one, "b": two, "c": three},), ({"a": [], "b": one},),
    ]  # fmt: skip
    for _ in range(3):
        for args in ways:
            for _ in range(2):
                assert f(*args) == sum((i + 1) * x for i, x in enumerate(leaves(list(args))))
