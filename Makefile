# Every task of this project is a target; `make` alone lists them.
VENV := .venv
BIN := $(VENV)/bin
SETUP := pyproject.toml constraints.txt Makefile scripts/environment.sh
JOBS ?= auto

.DEFAULT_GOAL := help
.PHONY: help demo test test-fast check lint format types contracts docs site site-serve bench peers clean

help: ## List the targets
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  make \1|\2/' | awk -F'|' '{printf "%-18s %s\n", $$1, $$2}'

$(VENV)/.train: $(SETUP)
	scripts/environment.sh train
	@touch $@

$(VENV)/.test: $(SETUP)
	scripts/environment.sh test
	@touch $@ $(VENV)/.train

demo: $(VENV)/.train ## Set up and run the main job on the embedded digits (a minute and a half on 2 cores)
	$(BIN)/swither demo

test: $(VENV)/.test ## Set up and run every test
	$(BIN)/python -m pytest -n $(JOBS) --dist worksteal tests

test-fast: $(VENV)/.test ## Run the tests that take seconds
	$(BIN)/python -m pytest -n $(JOBS) --dist worksteal -m "not slow" tests

check: lint types contracts docs ## Run every check that is not a test

lint: $(VENV)/.test ## Check style and format (ruff)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

format: $(VENV)/.test ## Rewrite the code in the project's format
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

types: $(VENV)/.test ## Check types (mypy, strict)
	$(BIN)/mypy

contracts: $(VENV)/.test ## Check which room may import which (import-linter)
	$(BIN)/lint-imports --no-cache

docs: $(VENV)/.test ## Check links, examples and commands in the docs, and that the site builds
	$(BIN)/python -m pytest -n $(JOBS) tests/docs

site: $(VENV)/.test ## Build the documentation as a site, into build/site
	NO_MKDOCS_2_WARNING=1 $(BIN)/python -m mkdocs build --strict

site-serve: $(VENV)/.test ## Show the site while you write, on http://127.0.0.1:8000
	NO_MKDOCS_2_WARNING=1 $(BIN)/python -m mkdocs serve

bench: $(VENV)/.test ## Run the benchmarks and write results/bench.json
	$(BIN)/python benchmarks/run.py

peers: $(VENV)/.test ## Install what the benchmarks compare with, into an environment of its own
	scripts/peers.sh

clean: ## Remove the environment and everything that was built
	rm -rf $(VENV) build dist .pytest_cache .mypy_cache .ruff_cache .import_linter_cache
