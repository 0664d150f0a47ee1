# CoS Desk. `make setup`, then `make demo`, `make test`, `make local`.
SERVES := import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 15))
PYTHONS := python3.11 python3 python3.12 python3.13 python3.14
ifndef PYTHON
# the first that starts: pyenv puts names onto the path that do not
PYTHON := $(or $(shell for p in $(PYTHONS); do $$p -c '$(SERVES)' 2>/dev/null && echo $$p && break; done),python3)
endif
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
DEV_STAMP := $(VENV)/.installed-dev
NODE_STAMP := $(if $(and $(shell command -v node),$(shell command -v npm)),,$(VENV)/.installed-node)
AUDIT := .venvs/audit
MUTANTS := .venvs/mutants
export PIP_DISABLE_PIP_VERSION_CHECK := 1
# a machine that keeps no compiled files makes every start of a command take seconds
unexport PYTHONDONTWRITEBYTECODE

.PHONY: setup which demo local test test-all quick pythons check torture fuzz mutants bench england audit sbom lock clean

setup: $(STAMP)

$(VENV)/bin/python:
	@"$(PYTHON)" -c '$(SERVES)' 2>/dev/null || \
		{ echo "Python 3.11 to 3.14 is needed; $(PYTHON) is another or does not start. Set PYTHON=/path/to/python3.11."; exit 1; }
	@"$(PYTHON)" -m service.this_machine
	"$(PYTHON)" -m venv $(VENV)

$(STAMP): requirements.lock pyproject.toml | $(VENV)/bin/python
	@echo "Installing the locked versions (a few minutes the first time) ..."
	$(BIN)/python -m pip install --quiet --no-compile --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

$(DEV_STAMP): requirements-dev.lock $(STAMP)
	$(BIN)/python -m pip install --quiet --no-compile --require-hashes -r requirements-dev.lock
	@touch $@

# Node comes as a wheel where the system has none
$(VENV)/.installed-node: requirements-node.lock $(STAMP)
	$(BIN)/python -m pip install --quiet --no-compile --require-hashes -r requirements-node.lock
	@touch $@

$(AUDIT)/.installed: requirements-audit.lock $(DEV_STAMP)
	$(BIN)/uv venv --quiet --clear --python $(BIN)/python $(AUDIT)
	$(BIN)/uv pip install --system-certs --quiet --python $(AUDIT)/bin/python --require-hashes -r requirements-audit.lock
	@touch $@

$(MUTANTS)/.installed: requirements-mutants.lock $(DEV_STAMP)
	$(BIN)/uv venv --quiet --clear --python $(BIN)/python $(MUTANTS)
	$(BIN)/uv pip install --system-certs --quiet --python $(MUTANTS)/bin/python --require-hashes -r requirements-mutants.lock
	@touch $@

which:
	@echo "$(PYTHON)"

demo: $(STAMP)
	$(BIN)/cos demo --out demo-out

local: $(STAMP) $(NODE_STAMP)
	$(BIN)/cos local

test: $(DEV_STAMP) $(NODE_STAMP)
	$(BIN)/python -m tests.left_out
	$(BIN)/python -m pytest -n 3 --dist worksteal -m "not long"

# the year, torture, races, outages, sequences and malformed input, each at length; hours rather than minutes
test-all: $(DEV_STAMP) $(NODE_STAMP)
	$(BIN)/python -m tests.left_out
	COS_COMMUNITIES=53 COS_SEQUENCES=10000 COS_RACES=500 COS_GONE_S=600 COS_FROZEN_S=300 $(BIN)/python -m pytest -n 2 --dist worksteal
	$(BIN)/python -m tests.torture
	$(BIN)/python -m tests.fuzzing

quick: $(DEV_STAMP)
	$(BIN)/python -m pytest -n 2 --dist worksteal @tests/quick.txt

# the quick tests on every further Python there is
pythons: $(DEV_STAMP)
	$(BIN)/python -m tests.pythons

fuzz: $(DEV_STAMP)
	$(BIN)/python -m tests.fuzzing

torture: $(DEV_STAMP)
	$(BIN)/python -m tests.torture

# changes the rules in one place at a time and asks whether tests/rules notices; MODULES="money clocks" for some
mutants: $(MUTANTS)/.installed
	$(MUTANTS)/bin/python -m tests.mutants $(MODULES)

check: $(DEV_STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache
	$(BIN)/deptry .

bench: $(DEV_STAMP)
	@for name in workers agenda ingest reading idle status turns notifying flood resting; do \
		$(BIN)/python -m benchmarks.$$name || exit 1; done
	$(BIN)/python -m benchmarks.england --councils 2 --days 6

england: $(DEV_STAMP)
	$(BIN)/python -m benchmarks.england

audit: $(AUDIT)/.installed
	$(AUDIT)/bin/pip-audit -r requirements.lock --require-hashes --disable-pip

sbom: $(AUDIT)/.installed
	$(BIN)/python -m tests.sbom

COMPILE = $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --no-header --no-annotate
NPM_LOCK = npm install --package-lock-only --omit-lockfile-registry-resolved --ignore-scripts --no-audit --no-fund --silent

# Whatever is locked stays as it is while pyproject.toml and package.json allow it.
lock: $(DEV_STAMP)
	$(COMPILE) pyproject.toml --group build -o requirements.lock
	$(COMPILE) pyproject.toml --group build --group dev -o requirements-dev.lock
	$(COMPILE) --group audit -o requirements-audit.lock
	$(COMPILE) --group mutants --constraint requirements-dev.lock -o requirements-mutants.lock
	$(COMPILE) --group node -o requirements-node.lock
	cd manifests/playground && $(NPM_LOCK)
	cd tests/node && $(NPM_LOCK)

clean:
	rm -rf $(VENV) .venvs demo-out .cos
