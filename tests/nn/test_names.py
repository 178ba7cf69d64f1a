"""Choices by name."""

from __future__ import annotations

import pytest

from nn.names import lookup


def test_a_name_finds_what_the_table_holds() -> None:
    assert lookup("fruit", "pear", {"apple": 1, "pear": 2}) == 2


def test_an_unknown_name_lists_the_known_ones_and_the_closest() -> None:
    with pytest.raises(ValueError, match=r"there is no fruit 'paer': did you mean 'pear'\? \(known: apple, pear\)"):
        lookup("fruit", "paer", {"pear": 2, "apple": 1})


def test_a_name_like_no_other_has_no_suggestion() -> None:
    with pytest.raises(ValueError, match=r"there is no fruit 'xyz' \(known: apple\)"):
        lookup("fruit", "xyz", {"apple": 1})
