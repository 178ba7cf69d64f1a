"""The kinds of cells that networks are drawn with, and the mark that tells each apart without its colour.

The thirteen kinds are those of "A mostly complete chart of Neural Networks" by Fjodor van Veen, Asimov Institute, 2016;
the marks are ours.
"""

from __future__ import annotations

# kind -> what stands in a circle of radius 10 around (0, 0), in SVG: lines, but of the class "full" filled areas
MARKS = {
    "backfed input": '<circle r="5.5"/>',
    "input": "",
    "noisy input": '<path d="M-4.5-2.5h.1M3-5h.1M0 1h.1M-3.5 5h.1M5 3h.1" class="dots"/>',
    "hidden": '<circle r="2.2" class="full"/>',
    "probabilistic hidden": '<circle r="5.5"/><circle r="1.6" class="full"/>',
    "spiking hidden": '<path d="M-7 3h4l3-9 3 9h4"/>',
    "output": '<path d="M-4.5-4.5h9v9h-9z"/>',
    "match input output": '<path d="M-5-2.5h10M-5 2.5h10"/>',
    "recurrent": '<path d="M5-2A5.4 5.4 0 1 0 4.6 3M5.6-6.2V-2H1.4"/>',
    "memory": '<path d="M0-6L6 0 0 6-6 0z" class="full"/>',
    "different memory": '<path d="M0-6.5L6.5 0 0 6.5-6.5 0z"/>',
    "kernel": '<path d="M-10 0h20M0-10v20"/>',
    "convolution or pool": '<path d="M-4.5-6L6 0-4.5 6z"/>',
}
LOOPED = {"recurrent", "memory", "different memory"}  # what is joined to itself, from one step to the next
