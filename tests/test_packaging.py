"""What is installed: the two packages with their types, nothing else, and the dependencies that the code needs."""

from __future__ import annotations

import ast
import configparser
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
SETUP = configparser.ConfigParser()
SETUP.read(ROOT / "setup.cfg")


def third_party(*folders: str) -> set[str]:
    """The packages that the modules in `folders` import and that are neither Python's nor the project's."""
    found: set[str] = set()
    for folder in folders:
        for path in (ROOT / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Import):
                    found |= {alias.name.split(".")[0] for alias in node.names}
                elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                    found.add(node.module.split(".")[0])
    found -= {*sys.stdlib_module_names, "autograd", "nn", "demos"}
    return {{"sklearn": "scikit-learn"}.get(name, name) for name in found}  # by the name that pip knows


def requirements(*keys: tuple[str, str]) -> set[str]:
    """The names of the packages that setup.cfg lists under these keys, those of this project's own extras included."""
    found: set[str] = set()
    for section, key in keys:
        for line in SETUP[section][key].split():
            name, extras = re.match(r"([\w-]+)(?:\[([\w,]+)\])?", line).groups()  # type: ignore[union-attr]
            if name == "chainrule":
                found |= requirements(*(("options.extras_require", extra) for extra in extras.split(",")))
            else:
                found.add(name)
    return found


REQUIRED = requirements(("options", "install_requires"))
EXTRAS = {key: requirements(("options.extras_require", key)) for key in SETUP["options.extras_require"]}


def test_the_library_imports_what_it_requires_and_its_optional_parts() -> None:
    optional = EXTRAS["svg"] | EXTRAS["plot"] | EXTRAS["jit"]
    assert third_party("autograd", "nn") - optional == REQUIRED


def test_the_demos_import_what_their_extra_installs() -> None:
    assert third_party("demos") <= REQUIRED | EXTRAS["demos"]


def test_every_dependency_is_explained() -> None:
    page = (ROOT / "docs" / "dependencies.md").read_text(encoding="utf-8")
    explained = {name for line in page.splitlines() if line.startswith("|") for name in re.findall(r"[\w-]+", line)}
    assert REQUIRED.union(*EXTRAS.values()) <= explained


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    """The wheel of a copy of the project, so that no build files are left in it."""
    folder = tmp_path_factory.mktemp("wheel")
    files = ["setup.cfg", "pyproject.toml", "README.md", "LICENSE", *(
        str(path.relative_to(ROOT))
        for package in ("autograd", "nn", "demos", "tests")
        for path in (ROOT / package).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    )]  # fmt: skip
    for name in files:
        copy = folder / "source" / name
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes((ROOT / name).read_bytes())
    pip = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation"]  # no network
    built = subprocess.run(
        [*pip, "--wheel-dir", folder, folder / "source"], capture_output=True, text=True, check=False
    )
    assert built.returncode == 0, built.stderr
    return zipfile.ZipFile(next(folder.glob("chainrule-*.whl")))


def test_the_wheel_holds_the_two_packages_and_nothing_else(wheel: zipfile.ZipFile) -> None:
    installed = {name for name in wheel.namelist() if ".dist-info/" not in name}
    source = {
        str(path.relative_to(ROOT))
        for package in ("autograd", "nn")
        for path in (ROOT / package).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert installed == source
    page = {f"autograd/draw/player.{suffix}" for suffix in ("html", "css", "js")}
    assert {"autograd/py.typed", "nn/py.typed", *page} <= installed


def test_the_wheel_says_what_it_needs(wheel: zipfile.ZipFile) -> None:
    metadata = next(wheel.read(name).decode() for name in wheel.namelist() if name.endswith("METADATA"))
    assert "Name: chainrule\n" in metadata
    assert "Requires-Python: >=3.11\n" in metadata
    required = [line for line in metadata.splitlines() if line.startswith("Requires-Dist:") and "extra ==" not in line]
    assert len(required) == len(REQUIRED)
