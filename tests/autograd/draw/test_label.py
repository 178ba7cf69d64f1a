"""Tests of autograd/draw/label.py: a box is as large as Graphviz would make it."""

from __future__ import annotations

import re

import numpy as np
import pytest

from autograd import Tensor, Value, draw
from autograd.draw.dot import dot_source
from autograd.draw.heat import with_heat
from autograd.draw.render import run_graphviz

pytest.importorskip("pygraphviz", reason="Graphviz measures")


def test_boxes_have_the_size_that_graphviz_gives_their_texts() -> None:
    large = Tensor(np.random.default_rng(0).normal(size=(3, 40, 30)), True, name="images", dtype=np.float32)
    small = Tensor(np.ones((4, 2)), True, name="a name that is rather long")
    loss = np.mean(np.tanh(large)) + np.sum(small @ small.T) + Value(2.0, "x").item()
    scene = with_heat(draw(loss).scene)
    dot = dot_source(scene, True, True, "LR", "light")
    free = re.sub(r'\b(width|height)="?[\d.]+"?', r"\1=0", dot)
    sizes = []
    for source in (dot, free):
        lines = run_graphviz(source, "plain").decode().splitlines()
        sizes.append([[float(x) * 72 for x in line.split()[4:6]] for line in lines if line.startswith("node")])
    ours, theirs = np.array(sizes)
    assert len(ours) == len(scene.boxes)
    assert np.all(ours - theirs > -2)
    assert np.all(ours - theirs < [8, 14])  # other fonts are higher
