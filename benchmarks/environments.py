"""A virtual environment for each library: HIPS autograd shares our import name, and none should see another's NumPy."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).parent.parent
OUT = ROOT / "out" / "bench"

# On Linux PyTorch's default build downloads gigabytes. `make bench TORCH="..."` takes any arguments of pip's instead.
TORCH = os.environ.get("TORCH") or "torch==2.13.0"

# What pip installs; threadpoolctl, everywhere, tells which BLAS is in use, and how many threads it has.
REQUIREMENTS = {
    "chainrule": ["--editable", str(ROOT)],  # as users install it: import time and size are its own
    "chainrule-jit": ["--editable", f"{ROOT}[jit]"],
    "chainrule-dask": ["--editable", f"{ROOT}[dask]"],
    "dask-glm": ["dask-glm"],
    "torch": [*shlex.split(TORCH), "numpy"],
    "jax": ["jax", "jaxlib"],
    "hips": ["autograd", "scipy"],
    "mygrad": ["mygrad"],
    "micrograd": ["micrograd", "numpy"],
    "sklearn": ["scikit-learn", "mlxtend"],
}

# The distribution and the import that stand for the library, where they are not called as the environment is.
DISTRIBUTION = {
    "chainrule-jit": "chainrule",
    "chainrule-dask": "chainrule",
    "hips": "autograd",
    "sklearn": "scikit-learn",
}
IMPORTS = {
    "chainrule": "autograd, nn",
    "dask-glm": "dask_glm.algorithms",
    "hips": "autograd",
    "micrograd": "micrograd.nn",
    "sklearn": "sklearn.neural_network",
}


class Unavailable(Exception):
    """A peer that cannot take part, with the reason."""


def python(name: str) -> Path:
    """The Python of an environment, which is made the first time and again if its requirements change."""
    folder = OUT / "environments" / name
    executable = folder / ("Scripts" if os.name == "nt" else "bin") / "python"
    requirements = [*REQUIREMENTS[name], "threadpoolctl"]
    stamp, wanted = folder / "installed.txt", "\n".join(requirements)
    if "--editable" in requirements:
        wanted += (ROOT / "setup.cfg").read_text(encoding="utf-8")
    if not stamp.exists() or stamp.read_text(encoding="utf-8") != wanted:
        print(f"installing {' '.join(REQUIREMENTS[name])} into {folder.relative_to(ROOT)}", flush=True)
        venv.create(folder, clear=True, symlinks=os.name != "nt")
        pip = [sys.executable, "-m", "pip", "--python", str(executable), "install", "-qq", "--no-input"]
        done = subprocess.run([*pip, *requirements], capture_output=True, text=True, check=False)
        if done.returncode:
            reason = (done.stderr.strip() or "no reason given").splitlines()[-1]
            raise Unavailable(f"pip could not install it: {reason}")
        stamp.write_text(wanted, encoding="utf-8")
    return executable


def variables(threads: int, cache: Path = OUT) -> dict[str, str]:
    """The environment variables of every worker: the same number of threads for all, on the CPU; where they may keep
    what they have compiled.
    """
    counts = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")
    own = {
        "CUDA_VISIBLE_DEVICES": "",
        "JAX_PLATFORMS": "cpu",
        "NUMBA_CACHE_DIR": str(cache / "numba"),
        "CHAINRULE_CACHE": str(cache / "chainrule"),
        "TORCHINDUCTOR_CACHE_DIR": str(cache / "inductor"),
        "TORCHINDUCTOR_COMPILE_THREADS": "1",  # else a pool of processes waits for more to compile
    }
    foreign = ("PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV")
    return {k: v for k, v in os.environ.items() if k not in foreign} | own | dict.fromkeys(counts, str(threads))
