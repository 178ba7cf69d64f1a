"""The course as programs to run and to read: `python -m demos` lists them."""
