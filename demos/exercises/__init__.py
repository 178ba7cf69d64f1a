"""Twelve exercises of the course, with starting files, checks and solutions: `python -m demos.exercises` lists them."""
