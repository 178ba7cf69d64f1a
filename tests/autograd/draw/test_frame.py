"""Tests of autograd/draw/frame.py."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest

from autograd import Value, draw


def test_the_player_stands_whole_in_a_frame_of_a_notebook() -> None:
    pytest.importorskip("pygraphviz", reason="Graphviz draws the player's picture")
    drawing = draw(Value(2.0, name='x "<&') * 3)
    found: list[tuple[str, dict[str, str | None]]] = []
    parser = HTMLParser()
    parser.handle_starttag = lambda tag, attrs: found.append((tag, dict(attrs)))  # type: ignore[method-assign]
    parser.feed(drawing.player(height=400)._repr_html_())
    ((tag, attributes),) = found
    assert tag == "iframe"
    assert attributes["srcdoc"] == drawing.html
    assert attributes["title"] == drawing.title
    assert "width: 100%; height: 400px" in (attributes["style"] or "")
    assert len(repr(drawing.player())) < 100


def test_a_frame_without_height_is_refused() -> None:
    with pytest.raises(ValueError, match="pixels above 0, not 0"):
        draw(Value(2.0) * 3).player(height=0)
