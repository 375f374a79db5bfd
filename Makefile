# make setup   everything that undrift and its tests need, in .venv
# make test    all checks and all tests (with a seeded part of the long rounds)
# make demo    the main job end to end on real servers, in about two minutes
# make bench   the figures of benchmarks/results.md, measured anew

# PYTHON=... names one; else it is looked for when it is needed: scripts/packages may have installed it by then.
FOUND := $${PYTHON:-$$(scripts/find-python)}
VENV := .venv
BIN := $(VENV)/bin
STAMPS := .stamps
PYTEST := $(BIN)/python -m pytest

.NOTPARALLEL:
.PHONY: setup packages check unit test long demo bench clean

setup: $(STAMPS)/setup

$(STAMPS)/setup: requirements/dev.txt pyproject.toml
	@scripts/packages python
	@mkdir -p $(STAMPS)
	test -x $(BIN)/pip || $(FOUND) -m venv --clear $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

$(STAMPS)/collections: requirements/collections.txt $(STAMPS)/setup
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes \
	    --upgrade --target .collections -r requirements/collections.txt
	@touch $@

$(STAMPS)/bench: requirements/bench.txt $(STAMPS)/setup
	test -x .venv-bench/bin/python || $(FOUND) -m venv .venv-bench
	.venv-bench/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/bench.txt
	@touch $@

packages:
	@scripts/packages

check: setup
	$(BIN)/ruff format --check src tests benchmarks
	$(BIN)/ruff check src tests benchmarks
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/vermin --quiet --target=3.6- --no-eval-annotations --violations --backport typing src/undrift/agent

unit: setup
	$(PYTEST) tests/unit -n 2

test: packages setup $(STAMPS)/collections check
	$(PYTEST) tests -m "not long"

long: packages setup $(STAMPS)/collections
	$(PYTEST) tests

demo: packages setup
	@scripts/demo

bench: packages setup $(STAMPS)/bench
	$(BIN)/python benchmarks/run.py
	$(BIN)/python benchmarks/controller.py

clean:
	rm -rf $(VENV) .venv-bench .collections $(STAMPS)
