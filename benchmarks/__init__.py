"""Side by side with the peers, in one run: programs that print times, and assert nothing.

`make bench` runs them. docs/benchmarks.md says how it is measured, and how to read it. The files, in reading order:

    cases.py         what is computed: networks, data, initial weights
    models.py, rows.py   networks and functions as people use them; a regression on rows in blocks
    peers/           the same step in each library, one file each
    environments.py  where the libraries are: a virtual environment for each
    worker.py        the process that holds one peer, and its conversation
    rounds.py        the peers take turns; a peer that computes something else is refused
    costs.py         what one pays besides time: chains of any length, memory, import, size
    statistics.py    medians of ratios
    goals.py         what has to be reached
    report.py        the tables
    plot.py          the picture
    __main__.py      all of it, from the command line

Peers' environments have NumPy and their own library, and no `nn`: only the files of our own peers import it.
"""
