# Everything runs in a local virtual environment; PYTHON chooses the interpreter that makes it.
PYTHON ?= python3
# The test suite runs in so many processes.
PROCESSES ?= 2
BIN := .venv/bin

.PHONY: demo test lint format docs package mutants clean

demo: .venv/ready
	$(BIN)/flexstream demo

test: .venv/ready
	$(BIN)/python -m pytest -n $(PROCESSES) --dist loadscope

lint: .venv/ready
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy

format: .venv/ready
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

# The pages and the reference; a warning is an error.
docs: .venv/ready
	rm -rf build/docs docs/reference
	$(BIN)/sphinx-build --quiet --fail-on-warning --keep-going -b html -d build/doctrees docs build/docs
	@echo "docs: build/docs/index.html"

# The wheel, and whether a user's type checker is content with it.
package: .venv/ready
	rm -rf build/wheel build/user
	$(BIN)/python -m build --wheel --outdir build/wheel . > /dev/null
	$(BIN)/python -m venv build/user
	build/user/bin/python -m pip install --quiet --no-deps numpy build/wheel/*.whl
	cd examples && ../$(BIN)/mypy --strict --config-file= --python-executable ../build/user/bin/python *.py

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
	rm -rf .venv demo-out build dist docs/reference *.egg-info
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
