"""The list of HIPS autograd's tests that do not pass, in the docs: read, and held against a run (`make test-hips`)."""

from __future__ import annotations

import hips

FOUND = {
    "test_a.py::test_one": "passed",
    "test_a.py::test_two[1-x]": "TypeError: complex\nmore",
    "test_fft.py::test_ifft": "skipped",
}


def test_the_list_in_the_docs_has_a_reason_for_each_pattern() -> None:
    reasons = hips.listed(hips.PAGE.read_text(encoding="utf-8"))
    assert "test_fft.py::*" in reasons
    assert all(pattern.startswith("test_") and len(reason) > 10 for pattern, reason in reasons.items())


def test_what_the_list_and_a_run_do_not_agree_on_is_told() -> None:
    assert hips.differences(FOUND, ["test_fft.py::*", "test_a.py::test_two*"]) == []
    assert hips.differences(FOUND, ["test_fft.py::*", "test_a.py::test_two[1-x]"]) == []
    assert hips.differences(FOUND, ["test_fft.py::*"]) == ["test_a.py::test_two[1-x] TypeError: complex"]
    assert hips.differences(FOUND, ["test_fft.py::*", "test_a.py::*", "test_b.py::*"]) == [
        "test_a.py::test_one passes, and is listed as test_a.py::*",
        "test_b.py::* is listed, and no test is called so",
    ]


def test_only_the_table_under_its_heading_is_read() -> None:
    table = "| tests | why |\n|---|---|\n| `a.py` `b` `c*`, `d.py` | why |\n| `e.py` | not |\n"
    page = f"| `x.py` | y |\n{hips.HEADING}\n\n{table}\n## Then\n| `f.py` | g |\n"
    assert hips.listed(page) == {"a.py::b": "why", "a.py::c*": "why", "d.py::*": "why", "e.py::*": "not"}
