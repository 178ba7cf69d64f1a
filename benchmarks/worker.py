"""The process that holds one peer. It reads requests, one line of JSON each, and answers each with one line.

    {"do": "about"}                                        versions, BLAS, threads
    {"do": "build", "work": "torch:training", "case": 0}   the losses of the first steps; null is the scalar case, a
                                                           word one of MODELS or ROWS
    {"do": "settle", "seconds": 10}                        how many steps were taken in that time
    {"do": "run", "steps": 100}                            seconds, and how much it computed while it should have slept
    {"do": "chain", "work": "eager:tensor_chain", "nodes": 1000}
    {"do": "first", "work": ..., "case": "lstm"}           seconds: of the import, and from there to the first loss
    {"do": "whole", "work": "trainings:fit", "case": "digits"}   seconds of a training, and its last loss
    {"do": "sets"}                                         writes what trainings learn from
    {"do": "memory", "work": ..., "case": 0, "steps": 10}  bytes: before the steps, and the peak in them
    {"do": "size"}                                         bytes of the installed files

Whatever goes wrong is answered as {"error": "..."}. The driver starts it as a script, with the Python of the peer's
environment: the repository stays off the path, where its `autograd` would hide the peer of that name.
"""

from __future__ import annotations

import importlib
import importlib.metadata
import importlib.util
import json
import os
import platform
import sys
import time
import urllib.parse
from collections.abc import Callable
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
STEPS = 10  # whose losses are compared, where nothing else is said
PATIENCE = 0.5  # seconds that threads may take to fall asleep: OpenBLAS's spin for 2^28 ticks
step: Callable[[], Any]
slept_at = 0.0  # the CPU seconds of this process when it had answered


def make_importable() -> None:
    """Make `benchmarks` importable from where this file is, and nothing beside it."""
    spec = importlib.util.spec_from_file_location("benchmarks", HERE / "__init__.py")
    assert spec
    assert spec.loader
    package = sys.modules["benchmarks"] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(package)


def function(work: str) -> Any:
    """The function that "file:function" of the peers means."""
    file, name = work.split(":")
    return getattr(importlib.import_module(f"benchmarks.peers.{file}"), name)


def number(loss: Any) -> float:
    """The loss as a float, whatever holds it."""
    for name in ("item", "data"):
        inside = getattr(loss, name, None)
        if inside is not None:
            return float(inside() if callable(inside) else inside)
    return float(loss)


def prepare(work: str, case: int | str | None) -> Callable[[], Any]:
    """The step of a peer in a case."""
    if isinstance(case, str):
        known = importlib.import_module("benchmarks.models").MODELS | importlib.import_module("benchmarks.rows").ROWS
        return function(work)(known[case])  # type: ignore[no-any-return]
    cases = importlib.import_module("benchmarks.cases")
    return function(work)(cases.SCALAR if case is None else cases.CASES[case])  # type: ignore[no-any-return]


def build(work: str, case: int | str | None, steps: int = STEPS) -> dict[str, Any]:
    """Prepare the step, and take the first ones."""
    global step
    step = prepare(work, case)
    return {"losses": [number(step()) for _ in range(steps)]}


def settle(seconds: float) -> dict[str, Any]:
    """Take steps for so long: what compiles in the background does so only once that is worth it."""
    steps, end = 0, time.perf_counter() + seconds
    while time.perf_counter() < end:
        number(step())
        steps += 1
    return {"steps": steps}


def first(work: str, case: int | str) -> dict[str, Any]:
    """Time what one waits for before there is a number: the import, and the first step with all that it compiles."""
    start = time.perf_counter()
    function(work)
    imported = time.perf_counter()
    number(prepare(work, case)())
    return {"import": imported - start, "first": time.perf_counter() - imported}


def whole(work: str, case: str) -> dict[str, Any]:
    """Time a training from the data in memory to the last step. Nothing has been compiled before."""
    train = function(work)
    start = time.perf_counter()
    loss = number(train(case))
    return {"seconds": time.perf_counter() - start, "loss": loss}


def sets() -> dict[str, Any]:
    """Write the sets that trainings learn from."""
    return importlib.import_module("benchmarks.sets").write()  # type: ignore[no-any-return]


def run(steps: int) -> dict[str, Any]:
    """Time so many steps, after a few that warm up what other processes have cooled down."""
    unrest = time.process_time() - slept_at
    for _ in range(1 + steps // 10):
        loss = step()
    number(loss)
    start = time.perf_counter()
    for _ in range(steps):
        loss = step()
    number(loss)  # some compute behind one's back
    return {"seconds": time.perf_counter() - start, "unrest": unrest}


def chain(work: str, nodes: int) -> dict[str, Any]:
    """Time one way forward and one back."""
    forward, backward = function(work)(nodes)
    start = time.perf_counter()
    y = forward()
    middle = time.perf_counter()
    gradient = backward(y)
    return {"forward": middle - start, "backward": time.perf_counter() - middle, "gradient": gradient}


def memory(work: str, case: int | str, steps: int) -> dict[str, Any]:
    """The memory of this process (resident set) before its first steps, and at its highest in them. Linux only."""
    step = prepare(work, case)
    Path("/proc/self/clear_refs").write_text("5")  # the peak begins anew
    before = status("VmRSS")
    for _ in range(steps):
        loss = step()
    number(loss)
    return {"before": before, "peak": status("VmHWM")}


def status(name: str) -> int:
    """An entry of /proc/self/status, in bytes."""
    lines = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    return int(lines[name].split()[0]) * 1024


def size() -> dict[str, Any]:
    """Bytes of all that is installed here, by distribution; bytecode, which is made later, does not count."""
    return {d.metadata["Name"]: sum(map(bytes_in, files(d))) for d in importlib.metadata.distributions()}


def files(distribution: importlib.metadata.Distribution) -> list[Path]:
    """What was installed; for an editable install also the packages that it leads to."""
    found = [Path(str(file.locate())) for file in distribution.files or []]
    url = json.loads(distribution.read_text("direct_url.json") or "{}")
    if url.get("dir_info", {}).get("editable"):
        root = Path(urllib.parse.unquote(urllib.parse.urlparse(url["url"]).path))
        found += [file for package in ("autograd", "nn") for file in (root / package).rglob("*")]
    return found


def bytes_in(file: Path) -> int:
    """The size of a file that counts."""
    return file.stat().st_size if file.is_file() and file.suffix != ".pyc" else 0


def about() -> dict[str, Any]:
    """Versions of what is installed, the BLAS and thread pools that are loaded, and the threads of this process."""
    tasks = Path("/proc/self/task")
    return {
        "python": platform.python_version(),
        "versions": {d.metadata["Name"].lower(): d.version for d in importlib.metadata.distributions()},
        "pools": [
            {key: pool.get(key) for key in ("internal_api", "version", "num_threads", "architecture")}
            for pool in importlib.import_module("threadpoolctl").threadpool_info()
        ],
        "threads": len(list(tasks.iterdir())) if tasks.exists() else None,
    }


def rest() -> None:
    """Wait until no thread of this process is computing any more: pools spin for a while before they sleep."""
    global slept_at
    give_up = time.perf_counter() + PATIENCE
    while time.perf_counter() < give_up:
        before = time.process_time()
        time.sleep(0.01)
        if time.process_time() - before < 0.001:
            break
    slept_at = time.process_time()


def main() -> None:
    """Answer until there are no more requests. What libraries print goes to the log."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    make_importable()
    requests = {
        action.__name__: action for action in (about, build, settle, first, whole, sets, run, chain, memory, size)
    }
    for line in sys.stdin:
        request = json.loads(line)
        try:
            answer = requests[request.pop("do")](**request)
        except Exception as error:
            text = str(error).strip().splitlines()
            answer = {"error": f"{type(error).__name__}: {text[0] if text else ''}"}
        rest()
        print(json.dumps(answer), file=answers, flush=True)


if __name__ == "__main__":
    main()
