"""The statistics, the tables, the goals, the conversation with workers, and what is refused. Nothing here is timed."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from benchmarks import client, costs, environments, goals, plot, report, rounds
from benchmarks.cases import CASES
from benchmarks.client import Worker
from benchmarks.environments import REQUIREMENTS, Unavailable
from benchmarks.models import MODELS
from benchmarks.peers import PEERS, Peer
from benchmarks.ratios import Ratio, agree, ratio
from benchmarks.rows import FLEETING, ROWS

FOLDER = Path(environments.__file__).parent


# --- statistics ---------------------------------------------------------------------------------------------------


def test_a_ratio_is_the_median_of_the_ratios_of_the_rounds() -> None:
    slow_in_the_middle = [2.0, 200.0, 4.0, 3.0, 6.0]
    assert ratio(slow_in_the_middle, [1.0, 100.0, 1.0, 1.0, 1.0]) == Ratio(3.0, 2.0, 4.0)
    assert ratio([3.0], [2.0]) == Ratio(1.5, 1.5, 1.5)


@pytest.mark.parametrize(("times", "others"), [([], []), ([1.0, 2.0], [1.0])])
def test_rounds_that_do_not_pair_are_refused(times: list[float], others: list[float]) -> None:
    with pytest.raises(ValueError, match=f"{len(times)} and {len(others)}"):
        ratio(times, others)


def test_losses_agree_up_to_a_relative_tolerance() -> None:
    assert agree([2.0, 1.00009], [2.0, 1.0], 1e-4)
    assert not agree([2.0, 1.0002], [2.0, 1.0], 1e-4)
    assert not agree([2.0], [2.0, 1.0], 1e-4)
    assert not agree([float("nan")], [1.0], 1e-4)


# --- workers ------------------------------------------------------------------------------------------------------


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Workers run with the Python of these tests."""
    monkeypatch.setattr(client, "python", lambda name: Path(sys.executable))
    monkeypatch.setattr(client, "OUT", tmp_path)


@pytest.mark.usefixtures("here")
def test_a_worker_answers_and_survives_errors() -> None:
    with Worker(PEERS["hand"], threads=1) as worker:
        losses = worker.ask("build", work="hand:training", case=0)["losses"]
        assert losses == sorted(losses, reverse=True)
        assert worker.ask("run", steps=3)["seconds"] > 0
        with pytest.raises(Unavailable, match="AttributeError"):
            worker.ask("build", work="hand:missing", case=0)
        assert worker.ask("build", work="hand:training", case=0)["losses"] == losses
    assert worker.process.returncode == 0


@pytest.mark.usefixtures("here")
def test_a_worker_that_ends_is_reported() -> None:
    with Worker(PEERS["hand"], threads=1) as worker:
        worker.process.kill()
        with pytest.raises(Unavailable, match="its process ended with"):
            worker.ask("run", steps=1)


def test_a_worker_imports_benchmarks_and_nothing_beside_it() -> None:
    """In the environment of HIPS autograd our own autograd, in the same folder, must not be found."""
    code = f"""
import runpy, sys
path = list(sys.path)
runpy.run_path({str(FOLDER / "worker.py")!r})["make_importable"]()
import benchmarks.environments
assert sys.path == path
try:
    import autograd
except ModuleNotFoundError:
    print("not found")
"""
    bare = [sys.executable, "-I", "-S", "-c", code]  # without what is installed
    assert subprocess.run(bare, capture_output=True, text=True, check=True).stdout == "not found\n"


def test_only_our_own_peers_import_our_packages() -> None:
    """The others run where nn is not installed, and where autograd is HIPS autograd.

    parallel.py, estimators.py, live.py and device.py run by themselves.
    """
    for file in FOLDER.rglob("*.py"):
        imported = set()
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                imported |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and not node.level:
                imported.add(str(node.module).split(".")[0])
        ours = {"nn", "autograd"}
        allowed = {
            "eager.py": ours, "compiled.py": ours, "hips.py": {"autograd"}, "parallel.py": {"nn"},
            "estimators.py": {"nn"}, "models.py": ours, "lazy.py": {"autograd"},
            "trainings.py": {"nn"}, "live.py": ours, "device.py": ours,
        }  # fmt: skip
        assert imported & ours <= allowed.get(file.name, set()), file


def test_every_peer_names_functions_that_exist_and_an_environment() -> None:
    for peer in PEERS.values():
        assert peer.environment in REQUIREMENTS
        for work in filter(None, (peer.training, peer.model, peer.rows, peer.whole, peer.scalar, peer.chain)):
            file, name = work.split(":")
            tree = ast.parse((FOLDER / "peers" / f"{file}.py").read_text(encoding="utf-8"))
            assert name in {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}, work


class FakeWorker:
    """Answers from a script: losses by peer, and times that count up."""

    losses: dict[str, Any] = {}  # noqa: RUF012  set by each test

    def __init__(self, peer: Peer, threads: int) -> None:
        self.key = peer.key
        self.runs = 0

    def __enter__(self) -> FakeWorker:
        return self

    def __exit__(self, *exception: object) -> None:
        pass

    def ask(self, do: str, **arguments: Any) -> dict[str, Any]:
        if do == "build":
            losses = self.losses[self.key]
            if isinstance(losses, str):
                raise Unavailable(losses)
            return {"losses": losses}
        self.runs += 1
        return {"seconds": self.runs * 1e-3 * arguments.get("steps", 0), "unrest": 0.25}


def compare(monkeypatch: pytest.MonkeyPatch, **losses: Any) -> dict[str, Any]:
    monkeypatch.setattr(rounds, "Worker", FakeWorker)
    monkeypatch.setattr(FakeWorker, "losses", losses)
    return rounds.compare("training", 0, [PEERS[key] for key in losses], threads=1, rounds=3)


def test_a_peer_that_computes_something_else_gets_no_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    found = compare(monkeypatch, hand=[2.0, 1.0], eager=[2.0, 1.0 + 1e-6], jax=[2.0, 1.01], mygrad="ImportError: no")
    assert found["microseconds"].keys() == {"hand", "eager"}
    assert "something else" in found["skipped"]["jax"]
    assert found["skipped"]["mygrad"] == "ImportError: no"


def test_without_the_step_by_hand_there_are_no_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    found = compare(monkeypatch, hand="it fell over", eager=[2.0])
    assert found["microseconds"] == {}
    assert "nothing to compare it with" in found["skipped"]["eager"]


def test_each_peer_has_one_turn_in_each_round(monkeypatch: pytest.MonkeyPatch) -> None:
    found = compare(monkeypatch, hand=[1.0], eager=[1.0])
    for times in found["microseconds"].values():
        assert len(times) == 3
        assert times == sorted(times)
    assert found["unrest"] == {"hand": 0.75, "eager": 0.75}


def test_of_models_the_reference_comes_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rounds, "Worker", FakeWorker)
    monkeypatch.setattr(FakeWorker, "losses", {"eager": [2.0, 1.0], "torch": [2.0, 1.0], "jax": [2.0, 1.1]})
    found = rounds.compare("model", "lstm", [PEERS[key] for key in ("eager", "torch", "jax")], threads=1, rounds=2)
    assert list(found["microseconds"]) == ["torch", "eager"]
    assert "something else" in found["skipped"]["jax"]


def test_a_training_that_fails_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    class Trainer(FakeWorker):
        def ask(self, do: str, **arguments: Any) -> dict[str, Any]:
            if self.key == "sklearn":
                raise Unavailable("it has no convolutions")
            return {"seconds": 2.0, "loss": 0.5}

    monkeypatch.setattr(costs, "Worker", Trainer)
    found = costs.trainings("mnist", [PEERS[key] for key in ("fit", "sklearn", "loop")], threads=1, rounds=2)
    assert found == {"seconds": {"fit": [2.0] * 2, "loop": [2.0] * 2}, "losses": {"fit": [0.5] * 2, "loop": [0.5] * 2}}


@pytest.mark.usefixtures("here")
def test_a_worker_tells_what_the_first_step_takes_and_trains_as_a_whole(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with Worker(PEERS["eager"], threads=1, cache=tmp_path) as worker:
        waited = worker.ask("first", work="models:eager", case="rosen")
        assert waited["import"] > 0
        assert waited["first"] > 0
        assert worker.ask("build", work="models:eager", case="rosen")["losses"]
        assert worker.ask("settle", seconds=0.01)["steps"] > 0
        with pytest.raises(Unavailable, match="KeyError"):
            worker.ask("first", work="models:eager", case="nothing")


def test_a_chain_whose_derivative_is_wrong_gets_no_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    class Wrong(FakeWorker):
        def ask(self, do: str, **arguments: Any) -> dict[str, Any]:
            return {"forward": 1.0, "backward": 1.0, "gradient": 2.0}

    monkeypatch.setattr(costs, "Worker", Wrong)
    found = costs.chains([PEERS["eager"]], threads=1, rounds=1)
    assert "is right" in found["eager"]["1000"]["skipped"]


# --- goals and tables ---------------------------------------------------------------------------------------------


def example() -> dict[str, Any]:
    """Results of three rounds: compiled is faster than hand in all cases, and more so in the first one."""
    times = {"hand": [10.0, 20.0, 10.0], "eager": [24.0, 48.0, 24.0], "compiled": [9.0, 18.0, 9.0], "jax": [40.0] * 3}
    cases = {case.name: {"microseconds": dict(times), "skipped": {"mygrad": "no | pip"}} for case in CASES}
    cases[CASES[0].name]["microseconds"]["compiled"] = [2.0, 2.0, 2.0]
    about = {
        "versions": {"chainrule": "1.0", "numpy": "2.4"},
        "pools": [{"internal_api": "openblas", "version": "0.3", "architecture": None, "num_threads": 2}],
        "threads": 2,
        "unrest": 0.001,
    }
    run = {"date": "2026-01-01", "commit": "abc", "cpu": "CPU", "cores": 2, "system": "Linux", "python": "3.11"}
    return {
        "run": run | {"threads": 2, "rounds": 3, "load": [0.0, 0.0, 0.0]},
        "about": {"hand": about},
        "training": cases,
        "scalar": {"case": "scalars", "microseconds": {"value": [16.0], "micrograd": [100.0]}, "skipped": {}},
        "chains": {"eager": {"1000": {"forward": 1.4, "backward": 2.0}, "10000": {"skipped": "RecursionError: deep"}}},
        "whole": {"digits": {"seconds": {"fit": [0.2, 0.4], "loop": [0.5, 1.0]}, "losses": {"fit": [0.1, 0.1]}}},
        "model": {
            MODELS["conv"].name: {
                "microseconds": {"eager": [3.0, 3.0], "torch": [4.0, 4.0]},
                "skipped": {"jax": "no"},
                "about": {},
            },
        },
        "rows": {
            ROWS["slope"].name: {
                "microseconds": {"dask": [8.0, 8.0], "expressions": [9.0, 9.0], "dask-glm": [10.0, 10.0]},
                "skipped": {},
                "about": {},
            },
        },
        "first": {MODELS["lstm"].name: {"torch": {"import": 1.25, "first": 0.5}}},
        "memory": {
            CASES[0].name: {"hand": {"before": 50_000_000, "peak": 60_000_000}},
            FLEETING[0].name: {"expressions": {"before": 90_000_000, "peak": 200_000_000}},
            FLEETING[2].name: {"expressions": {"before": 90_000_000, "peak": 230_000_000}},
        },
        "import": {"chainrule": [80.0, 90.0], "torch": [1000.0, 1000.0]},
        "size": {"chainrule": {"own": 400_000, "all": 60_000_000}},
    }


def test_goals_are_judged_by_the_ratio() -> None:
    found = {(o.goal, o.case): (o.measured, o.verdict) for o in goals.outcomes(example())}
    first, second = CASES[0].name, CASES[1].name
    assert found["eager / NumPy by hand", first] == (2.4, "NOT reached")
    assert found["compiled / NumPy by hand", second] == (0.9, "reached")
    assert found["compiled / JAX jit", first] == (0.05, "reached")
    assert found["compiled / JAX jit", second] == (0.225, "reached")
    assert found["eager / PyTorch eager", MODELS["conv"].name] == (0.75, "NOT reached")
    assert found["compiled / PyTorch eager", MODELS["conv"].name] == (None, "not measured")
    assert found["eager / PyTorch eager", first] == (None, "not measured")
    assert found["chainrule on Dask's arrays / Dask by hand", ROWS["slope"].name] == (1.125, "reached")
    assert found[goals.GROWTH, "chainrule on Dask's arrays"] == (1.15, "NOT reached")
    assert found[goals.GROWTH, "sum_over_blocks, compiled"] == (None, "not measured")
    assert found["Value / micrograd", ""] == (0.16, "reached")
    assert found["Value compiled / micrograd", ""] == (None, "not measured")
    assert found["import autograd, nn / import torch", ""] == (pytest.approx(0.085), "reached")


def test_every_goal_has_a_limit_for_each_case_and_peers_that_exist() -> None:
    for goal in goals.GOALS:
        assert len(goal.limits) == len(goals.names(goal.part))
        if goal.part != "import":
            assert {goal.ours, goal.theirs} <= PEERS.keys()


def test_the_table_of_the_readme() -> None:
    text = report.summary(example())
    trainings, steps = text.split("\n\n![")
    assert trainings.splitlines()[2:] == [
        "| nn.fit | 0.300: **0.400** (0.400 to 0.400) |",
        "| a loop in PyTorch | 0.750 |",
    ]
    lines = steps.splitlines()
    assert lines[0].endswith("(docs/benchmarks.svg)")
    head, dashes, *rows = (line.split(" | ") for line in lines if line.startswith("|"))
    assert [cell.strip("| ") for cell in head] == ["one training step", *(case.name for case in CASES)]
    assert {len(row) for row in (head, dashes, *rows)} == {len(CASES) + 1}
    cells = {row[0].strip("| *"): [cell.strip("| ") for cell in row[1:]] for row in rows}
    assert cells["NumPy by hand"] == ["10.0 µs"] * 5
    assert cells["chainrule eager"] == ["2.40"] * 5
    assert cells["chainrule compiled"] == ["0.20", *["0.90"] * 4]


def test_the_tables_of_the_docs() -> None:
    text = report.full(example())
    for cell in (
        "**2.40** (2.40 to 2.40)",
        "| NOT reached |",
        "* MyGrad is missing: no | pip",
        "| 1 + 2 | RecursionError |",
        "| NumPy by hand | 50.0 + 10.0 |",
        "| PyTorch eager | 1.25 + 0.50 |",
        f"| {MODELS['conv'].name} | 4.00 | **0.750** (0.750 to 0.750) |",
        f"* JAX jit is missing at {MODELS['conv'].name}: no",
        f"| {ROWS['slope'].name} | 8.00 | **1.12** (1.12 to 1.12) | **1.25** (1.25 to 1.25) |",
        "| `import autograd, nn` | 85.0 | 0.400 | 60.0 |",
        "openblas 0.3 x 2",
        "| 16.0 | **0.160** (0.160 to 0.160) |",
    ):
        assert cell in text


def test_results_of_a_part_have_tables_too() -> None:
    parts = ("whole", "training", "model", "rows", "first", "scalar", "chains", "memory", "import", "size")
    nothing: dict[str, Any] = {part: {} for part in parts}
    text = report.full(example() | nothing)
    assert "### Goals" in text
    assert "### Chains" not in text


@pytest.mark.parametrize(
    ("number", "shown"),
    [(2.414, "2.41"), (9.999, "10.0"), (137.2, "137"), (12345.0, "12,300"), (0.012345, "0.0123"), (0, "0")],
)
def test_numbers_have_three_digits(number: float, shown: str) -> None:
    assert report.readable(number) == shown


def test_a_bar_in_a_cell_is_escaped() -> None:
    assert report.table(["a"], [["x|y"]]) == "| a |\n| --- |\n| x\\|y |"


def test_tables_are_put_between_the_marks(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(f"before\n\n{report.BEGIN}\nold\n{report.END}\n\nafter\n", encoding="utf-8")
    for _ in range(2):
        report.insert(page, "new")
        assert page.read_text(encoding="utf-8") == f"before\n\n{report.BEGIN}\n\nnew\n\n{report.END}\n\nafter\n"


@pytest.mark.parametrize("text", ["", report.BEGIN, f"{report.END}\n{report.BEGIN}", report.BEGIN * 2 + report.END])
def test_a_page_without_marks_stays_as_it_is(text: str, tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(text, encoding="utf-8")
    with pytest.raises(ValueError, match="once each"):
        report.insert(page, "new")
    assert page.read_text(encoding="utf-8") == text


@pytest.mark.parametrize("page", ["README.md", "docs/benchmarks.md"])
def test_the_pages_have_the_marks(page: str) -> None:
    text = (FOLDER.parent / page).read_text(encoding="utf-8")
    assert text.count(report.BEGIN) == text.count(report.END) == 1


# --- the picture --------------------------------------------------------------------------------------------------


def test_labels_are_moved_apart_as_little_as_needed() -> None:
    assert plot.apart([0.0, 0.5, 1.0], 0.1) == [0.0, 0.5, 1.0]
    assert plot.apart([0.5, 0.5], 0.1) == pytest.approx([0.45, 0.55])
    assert plot.apart([0.0, 0.5, 0.52, 0.58], 0.1) == pytest.approx([0.0, 1.6 / 3 - 0.1, 1.6 / 3, 1.6 / 3 + 0.1])


def test_the_picture_names_every_peer_and_is_the_same_each_time(tmp_path: Path) -> None:
    first, second = tmp_path / "1.svg", tmp_path / "2.svg"
    plot.save(example(), first)
    plot.save(example(), second)
    text = first.read_text(encoding="utf-8")
    for key in ("hand", "eager", "compiled", "jax"):
        assert PEERS[key].label in text
    assert text == second.read_text(encoding="utf-8")


def test_every_peer_that_trains_has_a_style() -> None:
    assert {key for key, peer in PEERS.items() if peer.training} == plot.STYLES.keys()
