"""The driver's end of the conversation with a worker."""

from __future__ import annotations

import json
import subprocess
import threading
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from .environments import OUT, ROOT, Unavailable, python, variables
from .peers import Peer

TIMEOUT = 300.0  # seconds: compilers are slow, and one that takes longer is left out


class Worker:
    """A process that holds `peer`, kept alive, and asleep except while it is asked something."""

    def __init__(self, peer: Peer, threads: int, cache: Path = OUT) -> None:
        logs = OUT / "logs"
        logs.mkdir(parents=True, exist_ok=True)
        self.peer = peer
        self.log = (logs / f"{peer.key}.txt").open("w", encoding="utf-8")
        self.process = subprocess.Popen(
            [str(python(peer.environment)), "-P", str(ROOT / "benchmarks" / "worker.py")],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self.log,
            env=variables(threads, cache),
            text=True,
        )

    def ask(self, do: str, **arguments: Any) -> dict[str, Any]:
        """The answer to a request. `Unavailable` if the worker fails, ends or never answers."""
        assert self.process.stdin
        assert self.process.stdout
        timer = threading.Timer(TIMEOUT, self.process.kill)
        timer.start()
        try:
            print(json.dumps({"do": do, **arguments}), file=self.process.stdin, flush=True)
            line = self.process.stdout.readline()
        except BrokenPipeError:
            line = ""
        finally:
            timer.cancel()
        if not line:
            log = f"its log is out/bench/logs/{self.peer.key}.txt"
            raise Unavailable(f"its process ended with {self.process.wait()}: {log}")
        answer: dict[str, Any] = json.loads(line)
        if "error" in answer:
            raise Unavailable(answer["error"])
        return answer

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        assert self.process.stdin
        assert self.process.stdout
        with suppress(BrokenPipeError):  # if it has ended already
            self.process.stdin.close()  # the end of its requests
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process.stdout.close()
        self.log.close()
