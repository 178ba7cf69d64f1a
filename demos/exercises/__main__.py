"""`python -m demos.exercises` lists the exercises, `python -m demos.exercises 3 mine.py` checks a file."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from .checking import FOLDER, Exercise, verdict
from .checks import EXERCISES


def listing(folder: Path) -> str:
    """The exercises, whether they are done in the files of this folder, and what to read first."""
    lines = [f"The exercises in {folder}; python -m demos.exercises 3 checks one and says what is not yet right.", ""]
    for exercise in EXERCISES:
        path = folder / f"{exercise.name}.py"
        state = ("open" if verdict(exercise, path) else "done") if path.is_file() else "none"
        lines.append(
            f"{state}  {exercise.number:2d}  {exercise.title:38s} {exercise.name}.py, read first: {exercise.read}"
        )
    return "\n".join(lines)


def chosen(number: str) -> Exercise:
    """The exercise of this number, or name.

    Raises:
        ValueError: if there is none.
    """
    for exercise in EXERCISES:
        if number in (str(exercise.number), exercise.name, exercise.name.partition("_")[0]):
            return exercise
    raise ValueError(f"there is no exercise {number!r}: they are numbered from 1 to {len(EXERCISES)}")


def main(arguments: Sequence[str] | None = None) -> None:
    """List the exercises, or check one of them: the exit status is 1 if it is not done yet."""
    parser = argparse.ArgumentParser(prog="python -m demos.exercises", description="The exercises of the course.")
    parser.add_argument("number", nargs="?", help="the number of an exercise, or a folder of files to list")
    parser.add_argument("path", nargs="?", type=Path, help="your file (default: the starting file, which you may edit)")
    parsed = parser.parse_args(arguments)
    if parsed.number is None or Path(parsed.number).is_dir():
        print(listing(FOLDER if parsed.number is None else Path(parsed.number)))
        return
    try:
        exercise = chosen(parsed.number)
    except ValueError as error:
        parser.error(str(error))
    path = parsed.path or exercise.start
    if path.is_dir():
        path /= f"{exercise.name}.py"
    problem = verdict(exercise, path)
    if problem is None:
        print(f"{exercise.number}. {exercise.title}: done.")
        return
    print(f"{exercise.number}. {exercise.title}: not yet.\n{problem}")
    sys.exit(1)


if __name__ == "__main__":
    main()
