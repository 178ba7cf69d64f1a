# make demo · make test · make check · make docs · make bench: each makes .venv with what it needs, the first time.

PYTHON ?= python3
BIN := .venv/bin
PYTEST := $(BIN)/python -m pytest -q -n auto --maxprocesses 4
export PIP_DISABLE_PIP_VERSION_CHECK := 1

# tests start some hundred Pythons: without bytecode each would compile all that it imports anew
unexport PYTHONDONTWRITEBYTECODE

# small arrays gain nothing from threads of BLAS, which get into each other's way where programs run side by side
demo test test-pages test-demos test-hips hips-programs test-all docs: export OPENBLAS_NUM_THREADS ?= 1

# of the benchmarks: by default all, written into README and docs
BENCH ?= --write

# the interpreters of `make test-all-versions`: by default those of setup.cfg that are here; TOX="run -e py313-newest"
TOX ?= run
SPACE := $() $()

.PHONY: demo test test-pages test-demos test-hips hips-programs test-all test-all-versions test-book check docs bench clean
.DEFAULT_GOAL := test

# the quick tour of `make demo`
TOUR ?= xor spiral digits text player approximation remedies

demo: .venv/installed-demos
	@$(BIN)/python -m demos $(TOUR)

test: .venv/installed-test
	@$(PYTEST) -m "not slow and not browser" --ignore=tests/demos

test-pages: .venv/installed-test
	@$(PYTEST) -m "browser and not slow" --ignore=tests/demos

test-demos: .venv/installed-test
	@$(PYTEST) -m "not slow" tests/demos

test-hips: .venv/installed-test
	@$(BIN)/python tests/hips.py

hips-programs: .venv/installed-test
	@$(BIN)/python tests/hips_programs.py $(SECONDS)

test-all: .venv/installed-test
	@$(PYTEST) --hypothesis-profile=more

test-all-versions: .venv/installed-dev
	@PATH="$(subst $(SPACE),:,$(wildcard $(HOME)/.pyenv/versions/*/bin)):$$PATH" $(BIN)/python -m tox -q $(TOX)

check: .venv/installed-dev
	@$(BIN)/ruff check --quiet .
	@$(BIN)/ruff format --check --quiet .
	@$(BIN)/mypy --no-error-summary autograd nn demos
	@$(BIN)/python -m pytest -q --no-header tests/test_imports.py

docs: .venv/installed-docs
	@$(BIN)/python -m sphinx -q -W --keep-going -j auto -b html docs docs/_build
	@echo "docs/_build/index.html"

test-book: .venv/installed-test
	@$(PYTEST) tests/test_book.py

bench: .venv/installed-plot
	@$(BIN)/python -m benchmarks $(BENCH)

clean:
	rm -rf .venv .tox out build docs/_build *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis .coverage

.venv/installed-%: setup.cfg pyproject.toml | $(BIN)/pip
	@echo "installing chainrule[$*] into .venv"
	@$(BIN)/python -m pip install -qq --no-input --editable ".[$*]"
	@touch $@

# pip comes last when a virtual environment is made: without it there is none
$(BIN)/pip:
	@echo "making .venv with $$($(PYTHON) --version)"
	@$(PYTHON) -m venv .venv
