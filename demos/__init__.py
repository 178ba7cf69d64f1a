"""Programs to run and to read: `python -m demos` lists them."""

import sys

PROGRESS = sys.stderr.isatty()  # a progress bar is for people who watch, not for a log file
