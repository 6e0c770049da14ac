# make run    the demo on http://127.0.0.1:8080      make test   every test but the slow campaigns
# make lint   ruff, mypy, import contracts           make bench  the benchmarks
#
# The first call sets up .venv from the locked requirements. Another interpreter: make run PYTHON=python3.12

PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
TYPED := engine adapters web upheld clients/python

# Stamps say what .venv holds.
RUN := .venv/.holds-run
DEV := .venv/.holds-dev
BENCH := .venv/.holds-bench
APP := .venv/.holds-upheld

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help run test lint bench campaign lock migration clean

help:
	@sed -n 's/^# \{0,1\}//p;/^$$/q' Makefile

run: $(RUN) $(APP)
	$(BIN)/upheld demo

test: $(DEV) $(APP)
	$(BIN)/python -m pytest -n 2 --dist worksteal $(ARGS)

campaign: $(DEV) $(APP)
	$(BIN)/python -m pytest -m campaign $(ARGS)

lint: $(DEV) $(APP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy $(TYPED)
	$(BIN)/lint-imports

# The peers that a decision is compared with are no part of Upheld: without them the rest is measured.
bench: $(DEV) $(APP)
	@$(MAKE) --no-print-directory $(BENCH) || true
	$(BIN)/python -m bench $(ARGS)

# Write the revision that brings the database from the newest migration to what the tables declare.
migration: $(DEV) $(APP)
	@test -n "$(m)" || { echo 'say what it is for: make migration m="keep receipts"' >&2; exit 2; }
	$(BIN)/python -m engine.store.migrations "$(m)"
	$(BIN)/ruff check --quiet --fix-only engine/store/migrations/versions
	$(BIN)/ruff format --quiet engine/store/migrations/versions

# Renew the locks after a change of the dependencies; `make lock ARGS=--upgrade` takes the newest of all.
LOCK := $(PYTHON) -m uv pip compile --quiet --universal --generate-hashes --no-header --no-annotate \
	-p 3.11
WHOLE := pyproject.toml --extra queue
lock:
	@$(PYTHON) -m uv --version >/dev/null 2>&1 || { \
		echo 'locking needs uv; install it: $(PYTHON) -m pip install uv' >&2; exit 1; }
	$(LOCK) $(WHOLE) --group dev -o requirements/dev.txt $(ARGS)
	$(LOCK) $(WHOLE) -c requirements/dev.txt -o requirements/run.txt
	$(LOCK) --group pyproject.toml:bench -c requirements/dev.txt -o requirements/bench.txt

clean:
	rm -rf .venv build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache

# pip comes last into a new environment: where it is, the environment is whole.
$(BIN)/pip:
	@command -v $(PYTHON) >/dev/null || { \
		echo 'upheld needs Python 3.11 or newer and finds no `$(PYTHON)`; name one: make PYTHON=/path/to/python' >&2; \
		exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "upheld needs Python 3.11 or newer, \`$(PYTHON)\` is $$($(PYTHON) -V); name another: make PYTHON=python3.12" >&2; \
		exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
		echo '`$(PYTHON)` cannot make virtual environments; install that part, on Debian: apt-get install python3-venv' >&2; \
		exit 1; }
	@echo 'setting up .venv'
	@$(PYTHON) -m venv --clear .venv

$(RUN): requirements/run.txt | $(BIN)/pip
	@echo 'installing what running needs'
	@$(PIP) install --require-hashes -r $<
	@touch $@

$(DEV): requirements/dev.txt | $(RUN)
	@echo 'installing what development needs'
	@$(PIP) install --require-hashes -r $<
	@touch $@

$(BENCH): requirements/bench.txt | $(DEV)
	@echo 'installing the peers that the benchmark compares with'
	@$(PIP) install --require-hashes -r $<
	@touch $@

$(APP): pyproject.toml | $(RUN)
	@$(PIP) install --no-build-isolation --no-deps --editable .
	@touch $@
