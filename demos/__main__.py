"""`python -m demos` lists the programs of the course by chapter, `python -m demos xor` runs one, `all` runs all."""

from __future__ import annotations

import argparse
import difflib
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from .course import COURSE, FOLDER, PROGRAMS, heading, run

OPTIONAL = frozenset({"matplotlib", "mlxtend", "pygraphviz", "scipy", "sklearn"})  # what the extra `demos` installs


def listing() -> str:
    """The programs by chapter, with a line each."""
    lines = ["python -m demos NAME ..., of these, or a chapter, or all:"]
    for chapter, names in COURSE.items():
        lines += ["", f"{heading(FOLDER / chapter / 'GALLERY_HEADER.rst')[0]} ({chapter})"]
        lines += [f"  {name:22s} {heading(PROGRAMS[name])[1]}" for name in names]
    return "\n".join(lines)


def chosen(names: Sequence[str]) -> list[str]:
    """The programs that the command line names: by their names, by their chapters, or all.

    Raises:
        ValueError: for a name that no program and no chapter has; it says which come near.

    """
    groups = {"all": tuple(PROGRAMS)} | {chapter: tuple(of) for chapter, of in COURSE.items()}
    groups |= {name: (name,) for name in PROGRAMS}
    if unknown := [name for name in names if name not in groups]:
        near = ", ".join(difflib.get_close_matches(unknown[0], groups, n=3, cutoff=0.5))
        hint = f"near it are: {near}" if near else "none comes near"
        raise ValueError(f"there is no program {unknown[0]!r}: {hint} (python -m demos lists all)")
    return [program for name in names for program in groups[name]]


def main(arguments: Sequence[str] | None = None) -> None:
    """Run what the command line names; programs that lack a library say so, and the exit status is 1."""
    parser = argparse.ArgumentParser(prog="python -m demos", description="The programs of the course.")
    parser.add_argument("names", nargs="*", metavar="NAME", help="the names of programs or chapters, or all")
    parser.add_argument("--out", type=Path, default=Path("out"), help="the folder for the pictures (default: out)")
    parsed = parser.parse_args(arguments)
    if not parsed.names:
        print(listing())
        return
    try:
        programs = chosen(parsed.names)
    except ValueError as error:
        parser.error(str(error))
    failed = False
    for name in programs:
        print(f"--- {name}: {heading(PROGRAMS[name])[1]}")
        start = time.perf_counter()
        try:
            run(name, parsed.out)
        except ModuleNotFoundError as error:
            library = (error.name or "").split(".")[0]
            if library not in OPTIONAL:
                raise
            print(f'{name}: it needs {library}, which is not installed: pip install -e ".[demos]"', file=sys.stderr)
            failed = True
        else:
            print("\n".join(f"    {path}" for path in sorted((parsed.out / name).iterdir())))
            print(f"    {time.perf_counter() - start:.1f} s")
    if failed:
        sys.exit(1)


if __name__ == "__main__":
    main()
