"""A program in several processes, started with mpiexec."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parent.parent
MPIEXEC = Path(sys.executable).with_name("mpiexec")


def launch(n: int, *args: Any, timeout: float = 60) -> subprocess.CompletedProcess[str]:
    """Python with these arguments in so many ranks; it has to end by itself."""
    mpiexec = str(MPIEXEC) if MPIEXEC.exists() else shutil.which("mpiexec")
    if mpiexec is None or importlib.util.find_spec("mpi4py") is None:
        pytest.skip("there is no MPI (the extra mpi)")
    env = os.environ | {"PYTHONPATH": str(ROOT), "OPENBLAS_NUM_THREADS": "1"}
    env = {name: value for name, value in env.items() if not name.startswith("COV")}
    program = [mpiexec, "-n", str(n), sys.executable, *map(str, args)]
    return subprocess.run(program, capture_output=True, text=True, timeout=timeout, env=env)
