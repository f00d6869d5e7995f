# Everything goes into a virtual environment in this checkout; Python >= 3.11 and make are all that is needed.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
DONE := $(VENV)/.installed
DEV_DONE := $(VENV)/.installed-dev

.PHONY: run test check faults fuzz install clean

run: $(DONE)            ## set up, then run the main job on the bundled example
	$(BIN)/unrigged tour

test: $(DEV_DONE)       ## run the tests
	$(BIN)/python -m pytest -n auto

check: $(DEV_DONE)      ## lint, formatting, types, import contracts, doctests
	$(BIN)/ruff check src tests benchmarks
	$(BIN)/ruff format --check src tests benchmarks
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache
	$(BIN)/python -m pytest -q src README.md docs

fuzz: $(DEV_DONE)       ## 20,000 made-up and hostile requests to the API of a house
	UNRIGGED_FUZZ=20000 $(BIN)/python -m pytest -q tests/server/test_robust_input.py

faults: $(DEV_DONE)     ## the long run of what can go wrong with a live session: kills, failing disks, races, replays
	UNRIGGED_LONG_FAULTS=1 $(BIN)/python -m pytest -q -s tests/faults

install: $(DEV_DONE)    ## set up the environment for development

$(VENV)/bin/python:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "unrigged needs Python 3.11 or newer")'
	$(PYTHON) -m venv $(VENV)

$(DONE): $(VENV)/bin/python pyproject.toml
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e .
	touch $@

$(DEV_DONE): $(VENV)/bin/python pyproject.toml
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[dev]'
	touch $@ $(DONE)

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis
