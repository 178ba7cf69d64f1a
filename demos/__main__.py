"""`python -m demos` lists the demos, `python -m demos xor` runs one, `python -m demos all` runs them all."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from nn.names import lookup

from . import digits, mnist, overfitting, player, sine, spiral, text, xor

DEMOS = {
    "xor": xor,
    "spiral": spiral,
    "sine": sine,
    "overfitting": overfitting,
    "digits": digits,
    "mnist": mnist,
    "text": text,
    "player": player,
}
OPTIONAL = frozenset({"matplotlib", "mlxtend", "sklearn"})  # what the extra `demos` installs


def first_line(demo: object) -> str:
    """What a demo says of itself."""
    return (demo.__doc__ or "").split("\n")[0]


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the demos that the command line names; those that lack a library say so, and the exit status is 1."""
    parser = argparse.ArgumentParser(
        prog="python -m demos", description="Small networks that learn, and their pictures."
    )
    parser.add_argument("names", nargs="*", metavar="demo", help="the names of demos, or all")
    parser.add_argument("--out", type=Path, default=Path("out"), help="the folder for the pictures (default: out)")
    parsed = parser.parse_args(arguments)
    if not parsed.names:
        print("python -m demos <name>, or all:\n")
        for name, demo in DEMOS.items():
            print(f"  {name:11s} {first_line(demo)}")
        return
    names = list(DEMOS) if "all" in parsed.names else parsed.names
    try:
        chosen = [lookup("demo", name, DEMOS) for name in names]
    except ValueError as error:
        parser.error(str(error))
    parsed.out.mkdir(parents=True, exist_ok=True)
    failed = False
    for name, demo in zip(names, chosen):
        try:
            demo.main(parsed.out)
        except ModuleNotFoundError as error:
            library = (error.name or "").split(".")[0]
            if library not in OPTIONAL:
                raise
            print(f'{name}: it needs {library}, which is not installed: pip install -e ".[demos]"', file=sys.stderr)
            failed = True
    if failed:
        sys.exit(1)


if __name__ == "__main__":
    main()
