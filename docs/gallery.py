"""The programs of the course as pages: their order, the pictures that they write, and the table of all topics."""

from __future__ import annotations

import html
import re
import shutil
import sys
from pathlib import Path
from typing import Any

import matplotlib
import matplotlib.style
from sphinx_gallery.scrapers import figure_rst

sys.path.insert(0, str(Path(__file__).parent.parent))

from demos.course import COURSE, FOLDER, PROGRAMS, heading

ORDER = [f"{name}.py" for name in PROGRAMS]
PICTURES = {".svg", ".gif", ".png"}


class InOrder:
    """The order of the course within a chapter."""

    def __init__(self, folder: str) -> None:
        self.folder = folder

    def __call__(self, file: str) -> int:
        """Where a program stands."""
        return ORDER.index(file)


def saved(program: Path) -> list[str]:
    """The files that a program writes, as its source names them."""
    return re.findall(r'\.save\("([\w-]+\.\w+)"', program.read_text(encoding="utf-8"))


def written(block: Any, variables: dict[str, Any], settings: dict[str, Any]) -> str:
    """How the page shows what a block wrote beside its program: pictures, and pages of the player in a frame.

    The programs of a chapter run side by side in one folder, so a file is of the program whose source names it.
    """
    program = Path(variables["src_file"])
    shown, paths = [], variables["image_path_iterator"]
    mine = [program.with_name(name) for name in saved(program)]
    for path in sorted(filter(Path.exists, mine), key=lambda path: path.stat().st_mtime_ns):
        title = f"{heading(program)[0]}: {path.stem.replace('-', ' ')}"
        if path.suffix in PICTURES:
            target = Path(next(paths)).with_suffix(path.suffix)
            shutil.move(path, target)
            shown.append(figure_rst([target], settings["src_dir"], title))
        else:
            page = html.escape(path.read_text(encoding="utf-8")).replace("\n", "&#10;")
            path.unlink()
            frame = f'<iframe class="player" title="{html.escape(title)}" srcdoc="{page}"></iframe>'
            shown.append(f"\n.. raw:: html\n\n    {frame}\n")
    return "\n".join(shown)


def styled(settings: dict[str, Any], file: str) -> None:
    """Before each program: the style of the course."""
    matplotlib.rcdefaults()
    matplotlib.style.use(FOLDER / "style.mplstyle")


def topics(docs: Path) -> str:
    """Every topic of the course with its program, picture and page, as Markdown; `docs` has the pages.

    Raises:
        FileNotFoundError: for a program without a page or a picture.

    """
    rows = ["| topic | program | page | picture |", "| --- | --- | --- | --- |"]
    for chapter, programs in COURSE.items():
        for name, covered in programs.items():
            title, folder = heading(PROGRAMS[name])[0], f"course/{chapter}"
            found = [path for path in (docs / folder / "images").glob(f"sphx_glr_{name}_0*") if path.suffix in PICTURES]
            page = docs / folder / f"{name}.rst"
            if not page.exists() or not (found or "<iframe" in page.read_text(encoding="utf-8")):
                raise FileNotFoundError(f"the program {name} has no page with a picture in {docs / folder}")
            (thumb,) = (docs / folder / "images" / "thumb").glob(f"sphx_glr_{name}_thumb.*")
            link, picture = f"[{title}](/{folder}/{name}.rst)", f"![{title}](/{folder}/images/thumb/{thumb.name})"
            rows += [f"| {topic} | `{name}` | {link} | {picture} |" for topic in covered]
    return "\n".join(rows)


SETTINGS = {
    "examples_dirs": [str(FOLDER / chapter) for chapter in COURSE],
    "gallery_dirs": [f"course/{chapter}" for chapter in COURSE],
    "filename_pattern": r"\.py$",
    "within_subsection_order": "gallery.InOrder",
    "abort_on_example_error": True,
    "parallel": True,  # as many at once as `sphinx -j` says
    "capture_repr": (),
    "image_scrapers": ("matplotlib", "gallery.written"),
    "reset_modules": ("gallery.styled",),
    "min_reported_time": 0,
    "show_memory": False,
    "show_signature": False,
    "backreferences_dir": "_used",
    "doc_module": ("autograd", "nn"),
    "download_all_examples": False,
    "copyfile_regex": r".*\.txt$",
    "remove_config_comments": True,
}
