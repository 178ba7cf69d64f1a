"""What is installed: the two packages with their types, nothing else, and the dependencies that the code needs."""

from __future__ import annotations

import ast
import configparser
import re
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path
from typing import Any

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
    extras = ("svg", "plot", "jit", "scipy", "sklearn", "onnx", "dask")
    assert third_party("autograd", "nn").difference(*(EXTRAS[extra] for extra in extras)) == REQUIRED


def test_the_demos_import_what_their_extra_installs() -> None:
    optional = {"mpi4py", "dask"}  # several processes: a program runs alone without, and any_size.py names its extra
    assert third_party("demos") - optional <= REQUIRED | EXTRAS["demos"]


def test_every_dependency_is_explained() -> None:
    page = (ROOT / "docs" / "dependencies.md").read_text(encoding="utf-8")
    explained = {name for line in page.splitlines() if line.startswith("|") for name in re.findall(r"[\w-]+", line)}
    assert REQUIRED.union(*EXTRAS.values()) <= explained


def files() -> list[str]:
    """What git knows of the project, or, in an unpacked source distribution, all that is there."""
    if (ROOT / ".git").exists():
        git = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
        known = subprocess.run(git, cwd=ROOT, capture_output=True, text=True, check=True).stdout.splitlines()
        return [name for name in known if (ROOT / name).is_file()]
    found = [path.relative_to(ROOT) for path in ROOT.rglob("*") if path.is_file()]
    made = ("__pycache__", ".pytest_cache", ".venv", ".tox", "chainrule.egg-info", "out")
    return [str(path) for path in found if not set(made) & {*path.parts} and path.name != "PKG-INFO"]


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the project, so that no build files are left in it."""
    folder = tmp_path_factory.mktemp("project")
    for name in files():
        copy = folder / name
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes((ROOT / name).read_bytes())
    return folder


def ran(*command: Any, cwd: Path) -> None:
    """Run a command of Python's, which must succeed."""
    done = subprocess.run([sys.executable, *command], cwd=cwd, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.fixture(scope="module")
def sdist(project: Path, tmp_path_factory: pytest.TempPathFactory) -> tarfile.TarFile:
    """The source distribution, built without a network."""
    folder = tmp_path_factory.mktemp("sdist")
    ran("-c", f"from setuptools import build_meta; build_meta.build_sdist({str(folder)!r})", cwd=project)
    return tarfile.open(next(folder.glob("chainrule-*.tar.gz")))


def test_the_source_distribution_is_the_repository(sdist: tarfile.TarFile) -> None:
    held = {name.partition("/")[2] for name in sdist.getnames() if sdist.getmember(name).isfile()}
    made = {name for name in held if name == "PKG-INFO" or name.startswith("chainrule.egg-info/")}
    assert held - made == {*files()}


@pytest.fixture(scope="module")
def wheel(sdist: tarfile.TarFile, tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    """The wheel of the source distribution: what pip makes where it finds no wheel."""
    folder = tmp_path_factory.mktemp("wheel")
    sdist.extractall(folder, filter="data")
    source = next(folder.glob("chainrule-*"))
    pip = ["-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation"]  # no network
    ran(*pip, "--wheel-dir", folder, source, cwd=folder)
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
