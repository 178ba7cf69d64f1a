"""HIPS autograd's own tests on this engine, as they are: `make test-hips`.

They come with its source distribution, fetched from the index. What does not pass is listed in the docs
(how-to/from-hips-autograd.md), each with its reason: a test that fails and is not listed fails the run, and so does one
that is listed and passes.
"""

from __future__ import annotations

import fnmatch
import os
import re
import subprocess
import sys
import tarfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from xml.etree import ElementTree

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "how-to" / "from-hips-autograd.md"
HEADING = "## What does not pass"
VERSION = "1.9.1"
BUILD = ROOT / "build" / "hips"
SOURCE = BUILD / f"autograd-{VERSION}"


def fetch() -> None:
    """Put HIPS autograd's source distribution into build/hips, unless it is there."""
    if SOURCE.exists():
        return
    BUILD.mkdir(parents=True, exist_ok=True)
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--no-binary", "autograd"]
    subprocess.run([*pip, f"autograd=={VERSION}", "--dest", str(BUILD)], check=True)
    with tarfile.open(f"{SOURCE}.tar.gz") as archive:
        archive.extractall(BUILD, filter="data")


def outcomes() -> dict[str, str]:
    """Run the tests. For each, as `test_file.py::test_name`: passed, skipped, or what its failure says."""
    report, settings = BUILD / "report.xml", BUILD / "pytest.ini"
    settings.write_text("[pytest]\n", encoding="utf-8")
    environment = os.environ | {"PYTHONPATH": os.pathsep.join((str(ROOT), str(SOURCE / "tests")))}
    options = ["-q", "-n", "auto", "--maxprocesses=4", "--tb=line", "-p", "no:cacheprovider", f"--junitxml={report}"]
    subprocess.run(
        [sys.executable, "-m", "pytest", "-c", str(settings), f"--rootdir={SOURCE}", *options, str(SOURCE / "tests")],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.DEVNULL,
        check=False,
    )
    return {name: said for case in ElementTree.parse(report).iter("testcase") for name, said in [outcome(case)]}


def outcome(case: ElementTree.Element) -> tuple[str, str]:
    """The name of a test in the report, and how it went."""
    file, test = case.get("classname", "").rpartition(".")[2], case.get("name", "")
    name = f"{file}.py::{test}" if file else f"{test.rpartition('.')[2]}.py::"  # the file could not be read
    for child in case:
        if child.tag == "skipped":
            return name, "skipped"
        if child.tag in ("failure", "error"):
            return name, child.get("message") or "failed"
    return name, "passed"


def listed(page: str) -> dict[str, str]:
    """The patterns of tests that the page lists, and the reason for each, in its table."""
    section = page.partition(HEADING)[2].partition("\n## ")[0]
    rows = [line.strip("| \n").split(" | ") for line in section.splitlines() if line.startswith("| `")]
    return {pattern: reason for tests, reason in rows for pattern in named(re.findall(r"`([^`]+)`", tests))}


def named(words: Iterable[str]) -> Iterator[str]:
    """The patterns in a cell of the table: a file, alone or with tests in it after it."""
    file, alone = "", False
    for word in [*words, ".py"]:
        if not word.endswith(".py"):
            yield f"{file}::{word}"
        elif alone:
            yield f"{file}::*"
        file, alone = (word, True) if word.endswith(".py") else (file, False)


def matches(name: str, pattern: str) -> bool:
    """Whether a pattern means a test: * stands for anything."""
    return fnmatch.fnmatchcase(name, pattern.replace("[", "[[]"))


def differences(found: dict[str, str], patterns: Iterable[str]) -> list[str]:
    """What the list says and the run does not, and the other way round."""
    wrong = []
    meant: dict[str, set[str]] = {pattern: {name for name in found if matches(name, pattern)} for pattern in patterns}
    for pattern, names in meant.items():
        passing = sorted(name for name in names if found[name] == "passed")
        wrong += [f"{name} passes, and is listed as {pattern}" for name in passing]
        if not names:
            wrong.append(f"{pattern} is listed, and no test is called so")
    known = set().union(*meant.values())
    wrong += [
        f"{name} {said.splitlines()[0]}" for name, said in found.items() if said != "passed" and name not in known
    ]
    return wrong


def main() -> None:
    """Fetch, run, compare."""
    fetch()
    found, reasons = outcomes(), listed(PAGE.read_text(encoding="utf-8"))
    complex_ones = [pattern for pattern, reason in reasons.items() if "complex" in reason]
    real = {name for name, said in found.items() if said != "skipped"}
    real -= {name for name in found for pattern in complex_ones if matches(name, pattern)}
    passed = sum(found[name] == "passed" for name in real)
    kept = "tests without complex numbers and fft pass"
    sys.stdout.write(f"HIPS autograd {VERSION}: {passed} of its {len(real)} {kept}\n")
    wrong = differences(found, reasons)
    if wrong:
        sys.exit("\n".join(wrong))


if __name__ == "__main__":
    main()
