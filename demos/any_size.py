"""A Poisson regression on rows that no memory holds: `python -m demos.any_size --rows 20000000 --workers 2`.

Counts with an offset, the log of how long each was counted, and a ridge: no library has just this model. Its likelihood
is four lines for a block of rows. The rows are made on the fly, and made again each time they are read: they are never
all there. L-BFGS from SciPy finds the coefficients, and the Hessian says how sure they are. The extras demos
and dask have what it needs.
"""

from __future__ import annotations

import argparse
import resource
import sys
import time
from collections.abc import Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import dask
import dask.array as da
import matplotlib.pyplot as plt
import numpy as np
from scipy import optimize

from autograd import hessian, sum_over_blocks, value_and_grad

TRUTH = np.array([0.5, -0.25, 0.0, 0.75, -0.5, 0.1, 0.0, 0.3])
RIDGE = 1.0


def data(rows: int, block: int) -> tuple[Any, Any, Any]:
    """Features, counts, and the time that each was counted for; nothing is computed."""
    random: Any = da.random
    rng = random.default_rng(0)
    X = rng.normal(size=(rows, len(TRUTH)), chunks=(block, len(TRUTH)))
    hours = rng.uniform(0.5, 2, size=rows, chunks=block)
    lazy: Any = da
    return X, lazy.map_blocks(counts, X, hours[:, None], drop_axis=1, dtype=int), hours


def counts(X: Any, hours: Any, block_id: Any) -> Any:
    """Those of a block; Dask's own Poisson numbers of given rates keep the rates of all blocks (2026.8)."""
    return np.random.default_rng(block_id[0]).poisson(hours[:, 0] * np.exp(X @ TRUTH))


def of_block(w: Any, X: Any, y: Any, hours: Any) -> Any:
    """Minus the log likelihood of some rows, but for what does not depend on `w`."""
    log_rate = X @ w + np.log(hours)
    return np.sum(np.exp(log_rate) - y * log_rate)


def fit(rows: int, block: int) -> tuple[Any, Any]:
    """The coefficients and their standard errors."""
    X, y, hours = data(rows, block)
    total = sum_over_blocks(of_block)

    def loss(w: Any) -> Any:
        return (total(w, X, y, hours) + RIDGE / 2 * np.sum(w**2)) / rows

    def computed(w: Any) -> Any:
        start = time.perf_counter()
        value, slope = dask.compute(*value_and_grad(loss)(w))  # type: ignore[attr-defined, no-untyped-call]
        print(f"loss {value:.8f}   slope {np.abs(slope).max():.1e}   {time.perf_counter() - start:.1f} s", flush=True)
        return value, slope

    found = optimize.minimize(computed, np.zeros(len(TRUTH)), jac=True, method="L-BFGS-B", options={"gtol": 1e-7}).x
    curvature = rows * hessian(loss)(found).compute()
    return found, np.sqrt(np.diag(np.linalg.inv(curvature)))


def megabytes() -> float:
    """The most memory that this process has had."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1e6 if sys.platform == "darwin" else 1e3)


def picture(found: Any, errors: Any, path: Path) -> None:
    """Each estimate with its interval of 95 %, less the truth."""
    figure, ax = plt.subplots(figsize=(6, 3.6))
    ax.axhline(0, color="black", linewidth=0.8)
    ax.errorbar(np.arange(len(found)), found - TRUTH, 1.96 * errors, fmt="o", capsize=4)
    ax.set_xticks(np.arange(len(found)), [f"{w:g}" for w in TRUTH])
    ax.set(xlabel="true coefficient", ylabel="estimate - truth", title="Estimates with intervals of 95 %")
    figure.savefig(path, bbox_inches="tight")
    plt.close(figure)


def main(arguments: Sequence[str] | None = None) -> tuple[Any, Any]:
    """Fit, print, draw."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition(":")[0])
    parser.add_argument("--rows", type=int, default=20_000_000)
    parser.add_argument("--block", type=int, default=250_000, help="rows of a block")
    parser.add_argument("--workers", type=int, default=0, help="processes of a LocalCluster; 0: threads of this one")
    parser.add_argument("--out", type=Path, default=Path("any_size.png"), help="the picture")
    given = parser.parse_args(arguments)
    cluster: Any = nullcontext()
    if given.workers:
        from dask.distributed import Client

        client: Any = Client
        cluster = client(n_workers=given.workers, threads_per_worker=1, dashboard_address=":0")
    with cluster as client:
        found, errors = fit(given.rows, given.block)
        peaks = [megabytes(), *(client.run(megabytes).values() if client else [])]
    print("  truth estimate    error")
    for row in zip(TRUTH, found, errors):
        print("{:7.2f} {:8.4f} {:8.4f}".format(*row))
    size = given.rows * (len(TRUTH) + 2) * 8 / 1e6
    print(f"{size:,.0f} MB of rows; memory at most {', '.join(f'{peak:,.0f} MB' for peak in peaks)}")
    picture(found, errors, given.out)
    return found, errors


if __name__ == "__main__":
    main()
