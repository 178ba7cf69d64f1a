"""`python -m demos` lists the demos, `python -m demos xor` runs one, `python -m demos all` runs them all."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from nn.names import lookup

from . import spiral, xor

DEMOS = {"xor": xor, "spiral": spiral}


def first_line(demo: object) -> str:
    """What a demo says of itself."""
    return (demo.__doc__ or "").split("\n")[0]


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the demos that the command line names."""
    parser = argparse.ArgumentParser(
        prog="python -m demos", description="Small networks that learn, and their pictures."
    )
    parser.add_argument("names", nargs="*", metavar="demo", help="the names of demos, or all")
    parser.add_argument("--out", type=Path, default=Path("out"), help="the folder for the pictures (default: out)")
    parsed = parser.parse_args(arguments)
    if not parsed.names:
        print("python -m demos <name>, or all:\n")
        for name, demo in DEMOS.items():
            print(f"  {name:8s} {first_line(demo)}")
        return
    try:
        chosen = [lookup("demo", name, DEMOS) for name in (DEMOS if "all" in parsed.names else parsed.names)]
    except ValueError as error:
        parser.error(str(error))
    parsed.out.mkdir(parents=True, exist_ok=True)
    for demo in chosen:
        demo.main(parsed.out)


if __name__ == "__main__":
    main()
