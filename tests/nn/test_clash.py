"""Where another package called autograd is found, nn says so."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent


def test_nn_beside_another_autograd_names_it_and_says_what_to_do(tmp_path: Path) -> None:
    other = tmp_path / "autograd"
    other.mkdir()
    (other / "__init__.py").write_text("def grad(fun, argnum=0): ...\n", encoding="utf-8")
    program = f"import sys; sys.path[:0] = [{str(tmp_path)!r}, {str(ROOT)!r}]; import nn"
    ran = subprocess.run([sys.executable, "-I", "-c", program], capture_output=True, text=True, check=False)
    last = ran.stderr.strip().splitlines()[-1]
    assert ran.returncode == 1
    assert last.startswith("ImportError: nn is built on chainrule's autograd")
    assert str(other / "__init__.py") in last
    assert "HIPS autograd" in last
    assert "install chainrule" in last
