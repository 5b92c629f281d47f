# Everything runs in a local virtual environment; PYTHON chooses the interpreter that makes it.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: demo test lint format mutants clean

demo: .venv/ready
	$(BIN)/flexstream demo

test: .venv/ready
	$(BIN)/python -m pytest

lint: .venv/ready
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy

format: .venv/ready
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

# Faults planted at random: which of them do the tests catch?  Start it again to go on where it was.
MUTANTS ?= --faults 300 --seed 1
mutants: .venv/ready
	$(BIN)/python -m pip install --quiet --editable '.[mutants]'
	$(BIN)/python benchmarks/quality/mutants.py $(MUTANTS) --json benchmarks/results/quality/mutants.json

.venv/ready: pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed: make PYTHON=python3.11 ..." if sys.version_info < (3, 11) else 0)'
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --quiet --editable '.[dev]'
	touch $@

clean:
	rm -rf .venv demo-out build dist *.egg-info
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
