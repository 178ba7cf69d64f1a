"""The exercises: solutions pass, starting files and typical wrong answers are told what is not yet right."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from demos.course import PROGRAMS
from demos.exercises.__main__ import chosen, listing, main
from demos.exercises.checking import FOLDER, Exercise, verdict
from demos.exercises.checks import EXERCISES

pytest.importorskip("matplotlib", reason="the exercise on boundaries draws with it, of the extra demos")

# exercise -> what is replaced in its solution, by what, and a part of the line that the student reads
WRONG: dict[str, list[tuple[str, str, str]]] = {
    "e01_and": [
        ("w + error * x", "w - error * x", "w moves the wrong way"),
        ("b = b + error", "pass", "b does not learn"),
        (">= 0", "> 0", "a sum of exactly 0 counts as 1"),
    ],
    "e02_boundary": [
        ("-(w[0]", "(w[0]", "the line mirrored"),
        ("(w[0] * x1 + b) / w[1]", "(w[1] * x1 + b) / w[0]", "in each other's place"),
        ("axes.plot(x1, ", "dict(x1=x1, y=", "shows no line"),
        ("axes.scatter(*X[y == label].T, ", "dict(", "does not show the sample"),
    ],
    "e03_layer": [
        ("nn.Parameter(nn.init.glorot_uniform((inputs, units), rng))", "rng.normal(size=(3, 2))", "no optimizer"),
        ("nn.sigmoid(x @ self.W + self.b)", "x @ self.W + self.b", "the sigmoid of it is missing"),
        ("self.W + self.b)", "self.W)", "forgets b"),
        ("x @ self.W +", "x @ self.W.data +", "no gradient arrives at W"),
        ("(inputs, units), rng", "(units, inputs), rng", "(inputs, units) is (3, 2)"),
    ],
    "e04_secant": [
        (" / h", "", "not yet divided by Δx"),
        ("a / 2 - 2", "a / 2", "forgets a term"),
        ("f(a) + derivative", "derivative", "touch the curve"),
    ],
    "e05_loss": [
        (" + (1 - y)", " - (1 - y)", "the sign of the second term"),
        ("np.mean", "np.sum", "sum over the samples"),
        ("return -", "p = p.data\n    return -", "no gradient goes through"),
    ],
    "e06_nan": [
        ('"exp"', '"divide"', "divide is too late"),
        ("z = z - np.max(z, axis=1, keepdims=True)", "z = np.clip(z, -50, 50)", "nothing may be clipped"),
        ("z = z - np.max(z, axis=1, keepdims=True)", "", "still gives"),
    ],
    "e07_gradients": [
        (" / m", "", "there are 12 samples: a sum where the mean is due"),
        (" * (z1 > 0)", "", "the derivative of relu"),
        ("(a2 - y)", "(y - a2)", "wrong sign"),
        ("X.T @ dz1", "dz1.T @ X", "(transposed?)"),
    ],
    "e08_draw": [
        ("outer * (b + 1)", "outer * b", "a is used more than once"),
        (', name="a"', "", "two numbers with names"),
        ('y.name = "y"', "", "the result has no name"),
        ("(a * b + a) ** 2\n    y", "(a * b + 1) ** 2\n    y", "no number is used twice"),
    ],
    "e09_optimizer": [
        ('0.9 * state["velocity"] + grad', "grad", "every step is the same"),
        ("param - self.lr", "param + self.lr", "uphill"),
        ("return param - self.lr * velocity", "param -= self.lr * velocity\n        return param", "changes the"),
    ],
    "e10_rosenbrock": [
        ("x**2", "x", "`rosenbrock` gives"),
        ("    optimizer.step()", "    pass", "all points of the path are the same"),
        ("nn.Adam([point], lr=0.3)", "nn.SGD([point], lr=0.001)", "another rate, or another optimizer"),
        ("range(500)", "range(900)", "500 are allowed"),
    ],
    "e11_overfit": [
        ("epochs=400", "epochs=3", "by heart"),
        ("early_stopping=nn.EarlyStopping(30),", "", "no cure yet"),
        ("return model", "return None", "gives None"),
    ],
    "e12_save": [
        ("nn.load(build(), path)", "build()", "nothing of the file"),
        ("nn.save(model, path)", "path.write_text(repr(model))", "no safetensors file"),
        ("nn.save(model, path)", "pass", "has not written the file"),
    ],
}  # fmt: skip
CASES = [(name, i) for name, answers in WRONG.items() for i in range(len(answers))]


def solution(exercise: Exercise) -> Path:
    return FOLDER / "solutions" / f"{exercise.name}.py"


def test_there_are_twelve_and_each_says_what_it_trains_and_what_to_read() -> None:
    assert [exercise.number for exercise in EXERCISES] == list(range(1, 13))
    assert {path.stem for path in FOLDER.glob("e*.py")} == {exercise.name for exercise in EXERCISES} == WRONG.keys()
    page = (Path(__file__).parents[2] / "docs" / "exercises.md").read_text(encoding="utf-8")
    for exercise in EXERCISES:
        assert exercise.read in PROGRAMS
        assert f"| {exercise.number} | {exercise.title} | {exercise.trains} | " in page
        assert f"{{doc}}`course/{PROGRAMS[exercise.read].parent.name}/{exercise.read}`" in page
        assert exercise.start.read_text(encoding="utf-8").startswith(f'"""{exercise.number}. {exercise.title}.\n')


@pytest.mark.parametrize("exercise", EXERCISES, ids=lambda exercise: exercise.name)
def test_a_solution_passes_and_a_starting_file_says_what_to_write(exercise: Exercise) -> None:
    assert verdict(exercise, solution(exercise)) is None
    said = verdict(exercise)
    assert said is not None
    assert "is not written yet: in line " in said
    assert exercise.start.name in said


@pytest.mark.parametrize(("name", "i"), CASES)
def test_a_wrong_answer_is_told_what_is_wrong(name: str, i: int, tmp_path: Path) -> None:
    exercise = chosen(name)
    old, new, expected = WRONG[name][i]
    text = solution(exercise).read_text(encoding="utf-8")
    assert old in text
    (tmp_path / "mine.py").write_text(text.replace(old, new), encoding="utf-8")
    said = verdict(exercise, tmp_path / "mine.py")
    assert said is not None
    assert expected in said


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("def answer(w, b, x)\n    return 1\n", "Python cannot read line 1 of mine.py"),
        ("def answer(w, b, x):\n    return w / 'b'\n", "line 2 of mine.py, `return w / 'b'`, fails:"),
        ("import sys\nsys.exit(1)\n", "line 2 of mine.py, `sys.exit(1)`, fails: SystemExit: 1"),
        ("def answer(w, b, x):\n    w @ x\n", "`answer` gives None: does it end with `return`"),
        ("def reply(w, b, x):\n    return 1\n", "there is no `answer` in the file"),
        ("answer = 3\n", "`answer` is to be a function"),
        ("def answer(w, b, x):\n    return w\n", "is to be a number, and is an array of shape (2,)"),
    ],
)
def test_whatever_fails_is_one_line_and_no_traceback(text: str, expected: str, tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text(text, encoding="utf-8")
    said = verdict(EXERCISES[0], tmp_path / "mine.py")
    assert said is not None
    assert expected in said
    assert "\n" not in said


def test_a_loop_without_end_and_a_missing_file_are_told(tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text("import time\n\ndef answer(w, b, x):\n    time.sleep(2)\n", encoding="utf-8")
    assert "never ends" in str(verdict(EXERCISES[0], tmp_path / "mine.py", seconds=0.2))
    assert "there is no file" in str(verdict(EXERCISES[0], tmp_path / "none.py"))
    (tmp_path / "mine.txt").write_text("1")
    assert "has to end with .py" in str(verdict(EXERCISES[0], tmp_path / "mine.txt"))


def test_the_list_tells_what_is_done(tmp_path: Path) -> None:
    (tmp_path / "e04_secant.py").write_text(solution(EXERCISES[3]).read_text(encoding="utf-8"), encoding="utf-8")
    (tmp_path / "e01_and.py").write_text(EXERCISES[0].start.read_text(encoding="utf-8"), encoding="utf-8")
    lines = listing(tmp_path).splitlines()[2:]
    assert [line.split()[0] for line in lines] == ["open", "none", "none", "done", *["none"] * 8]


def test_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["4", str(FOLDER / "solutions")])
    assert "4. A derivative and its secant: done." in capsys.readouterr().out
    with pytest.raises(SystemExit):
        main(["thirteen"])
    assert "there is no exercise 'thirteen'" in capsys.readouterr().err
    command = [sys.executable, "-m", "demos.exercises", "3"]
    found = subprocess.run(command, capture_output=True, text=True, check=False, cwd=Path(__file__).parents[2])
    assert found.returncode == 1
    assert found.stdout.startswith("3. A dense layer of your own: not yet.\n`__init__` is not written yet: in line ")
    assert found.stderr == ""
