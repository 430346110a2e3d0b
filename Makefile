.DEFAULT_GOAL := help
SHELL := /bin/sh
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
JOBS ?= 2

.PHONY: help up test venv check format prove bench docs clean pins

help: ## Show this help
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

up: venv ## Set everything up and start the console: it scans this very machine and says where to sign in
	@$(BIN)/rightshift up

venv: $(VENV)/ready ## Make .venv with the package and all its extras

$(VENV)/ready: pyproject.toml requirements/all.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "rightshift needs Python 3.11 or later; say which with PYTHON=…"; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { echo "python3 -m venv failed: on Debian, apt-get install python3-venv"; exit 1; }
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/all.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

test: venv ## Run all checks and all tests; installs the system packages that they need, as root on Debian
	@sh tests/system_packages.sh
	@sh tests/real_programs.sh
	@$(MAKE) --no-print-directory check
	@$(BIN)/python -m pytest -n $(JOBS) --dist worksteal -m "not prove"

check: venv ## Lint, types, layers
	@$(BIN)/ruff check --quiet src tests benchmarks
	@$(BIN)/ruff format --quiet --check src tests benchmarks
	@$(BIN)/mypy --no-error-summary
	@$(BIN)/lint-imports --no-cache > .import-linter.log 2>&1 || { cat .import-linter.log; rm -f .import-linter.log; exit 1; }; rm -f .import-linter.log

format: venv ## Format the code and mend what can be mended by itself
	@$(BIN)/ruff check --quiet --fix src tests benchmarks || true
	@$(BIN)/ruff format --quiet src tests benchmarks

prove: venv ## The long runs: kills, loads, faults, fuzzing, millions of files (about 20 minutes)
	@sh tests/system_packages.sh
	@$(BIN)/python -m pytest -m prove -p no:randomly

bench: venv ## Measure beside syft and trivy on the same inputs; the ratios go into docs/explanation/performance.md
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/bench.txt
	@sh tests/system_packages.sh
	@$(BIN)/python -m benchmarks

docs: venv ## Build the documentation into site/
	@$(BIN)/mkdocs build --strict

pins: venv ## Renew the pinned versions and hashes after a change of dependencies
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check pip-tools
	@sh requirements/renew.sh $(BIN)

clean: ## Remove everything that was made here
	@rm -rf $(VENV) build dist site .mypy_cache .ruff_cache .pytest_cache .hypothesis src/*.egg-info
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
