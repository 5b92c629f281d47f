# Everything runs in a local virtual environment; PYTHON chooses the interpreter that makes it.
PYTHON ?= python3
# The test suite runs in so many processes: one more than two cores, as many a test waits for a clock.
PROCESSES ?= 3
BIN := .venv/bin
KERNELS := flexstream/_kernels/_flexstream
SOURCES := $(wildcard flexstream/_kernels/c/*.[ch]) build_backend/flexstream_build.py
BUILD := $(BIN)/python build_backend/flexstream_build.py

.PHONY: demo test lint format docs package figures-check browser spark spark-short beam fuzz kill soak mutants kernel-mutants check-kernels sanitize-kernels pictures clean

demo: .venv/ready $(KERNELS).so
	$(BIN)/flexstream demo

# In the order of the folders: modules of few tests, which wait for clocks and brokers, would all come last otherwise.
test: .venv/ready $(KERNELS).so
	$(BIN)/python -m pytest -n $(PROCESSES) --dist loadscope --no-loadscope-reorder

# The pages in a browser: Chromium as the system has it (Debian, Ubuntu: apt install chromium), driven by Playwright.
browser: .venv/ready $(KERNELS).so
	$(BIN)/python -m pip install --quiet --editable '.[browser]'
	$(BIN)/python -m pytest -rs tests/explorer tests/live

lint: .venv/ready
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/bandit --quiet --configfile pyproject.toml --recursive flexstream cli build_backend

# Rounds on Spark, which takes Java 17 (Debian, Ubuntu: apt install openjdk-17-jre-headless): the tests, then runs whose
# workers, executors and drivers are killed at random.  Start it again to go on where it was.
SPARK ?= --events 50000000 --runs 7 --minutes 60
spark: .venv/ready $(KERNELS).so
	$(BIN)/python -m pip install --quiet --editable '.[spark]'
	$(BIN)/python -m pytest -rs tests/distributed/test_spark.py
	$(BIN)/python benchmarks/quality/spark.py $(SPARK) --form parquet --json build/spark.json
	$(BIN)/python benchmarks/quality/spark.py $(SPARK) --form jsonl --json build/spark_lines.json
	$(BIN)/python benchmarks/quality/spark.py $(SPARK) --form stream --json build/spark_stream.json

# A small log with one kill, in about a minute; where there is no Java it says so, and nothing is tried.
spark-short: .venv/ready $(KERNELS).so
	@if command -v java > /dev/null; then \
		$(BIN)/python -m pip install --quiet --editable '.[spark]' && \
		$(BIN)/python benchmarks/quality/spark.py --events 50000 --runs 1 --form jsonl --json build/spark.json; \
	else \
		echo "spark: skipped, as there is no Java (Debian, Ubuntu: apt install openjdk-17-jre-headless)"; \
	fi

# The transform on Beam's local runner.
beam: .venv/ready $(KERNELS).so
	$(BIN)/python -m pip install --quiet --editable '.[beam]'
	$(BIN)/python -m pytest -rs tests/distributed/test_beam.py

figures-check: .venv/ready
	$(BIN)/python benchmarks/figures.py

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

# Mutated files of all kinds, then models, plans and options: is any of them no answer, or a slow one?
FUZZ ?= --inputs 20000
fuzz: .venv/ready $(KERNELS).so
	$(BIN)/python benchmarks/quality/fuzz.py $(FUZZ) --json build/fuzz.json
	$(BIN)/python benchmarks/quality/fuzz_models.py $(FUZZ) --json build/fuzz_models.json

# Runs killed at random moments: does each go on from its checkpoint as if nothing had happened?
KILL ?= --kills 200
kill: .venv/ready $(KERNELS).so
	$(BIN)/python benchmarks/quality/kill.py $(KILL) --json build/kill.json

# A followed stream whose log rotates and whose outputs fail: is every line learned once, in memory that does not grow?
SOAK ?= --seconds 600
soak: .venv/ready $(KERNELS).so
	$(BIN)/python benchmarks/quality/soak.py $(SOAK) --json build/soak.json

# Off-by-ones planted in the sources of the kernels: do their tests on the checked library catch them?
kernel-mutants: .venv/ready
	$(BIN)/python benchmarks/quality/kernel_mutants.py --json build/kernel_mutants.json

# The gallery of docs/pictures.md and the picture of the README.
pictures: .venv/ready $(KERNELS).so
	$(BIN)/python benchmarks/quality/pictures.py --json benchmarks/results/quality/pictures.json
	$(BIN)/flexstream learn datasets/events.csv --svg docs/pictures/line.svg

# All tests on kernels that look at every index, and on kernels that the compiler's sanitisers watch.
check-kernels: .venv/ready
	$(BUILD) checked
	FLEXSTREAM_KERNELS=checked $(BIN)/python -m pytest

sanitize-kernels: .venv/ready
	$(BUILD) sanitized
	FLEXSTREAM_KERNELS=sanitized LD_PRELOAD="$$($(BUILD) --sanitizer)" ASAN_OPTIONS=detect_leaks=0 \
		UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1 $(BIN)/python -m pytest -s

.venv/ready: pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed: make PYTHON=python3.11 ..." if sys.version_info < (3, 11) else 0)'
	$(PYTHON) -c 'import ensurepip, venv' || { echo "Python's venv is missing: install it (Debian, Ubuntu: apt install python3-venv)" >&2; exit 1; }
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --quiet --editable '.[dev]'
	touch $@

# The installation has built them; here they are built again where a source has changed.
$(KERNELS).so: $(SOURCES) | .venv/ready
	$(BUILD) || $(BIN)/python -m pip install --quiet --no-deps --editable .

clean:
	rm -rf .venv demo-out build dist docs/reference *.egg-info
	rm -f $(KERNELS)*.so
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
