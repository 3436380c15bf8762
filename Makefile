# Everything a newcomer runs. `make` alone lists it.
PORT ?= 8000
SECONDS ?= 60
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
export PATH := $(CURDIR)/$(BIN):$(PATH)

.DEFAULT_GOAL := help
.PHONY: help run test lint format docs bench chaos fuzz screenshots pictures requirements clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-13s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: $(VENV)/.run ## serve http://127.0.0.1:8000 (PORT=...) with worker and beat; Ctrl-C stops it all
	@python manage.py migrate --verbosity 0
	@python manage.py load_demo --if-empty
	@exec python -m thaw.serve $(PORT)

test: $(VENV)/.test ## run the tests; REQUIRE_SERVICES=1 makes a missing service a failure
	@python -m tests $(ARGS)

lint: $(VENV)/.lint ## format, rules, types, the floors of the house, tables in pages
	ruff format --check .
	ruff check .
	mypy
	lint-imports
	python manage.py makemigrations --check --dry-run
	cog --check --diff -P --verbosity=0 -I docs docs/*.md

format: $(VENV)/.lint ## let ruff format and mend
	ruff check --fix-only .
	ruff format .

docs: $(VENV)/.lint $(VENV)/.docs ## write the tables into the pages of docs/ and build docs/_build/html
	cog -r -P --verbosity=0 -I docs docs/*.md
	sphinx-build --quiet --fresh-env --fail-on-warning --keep-going docs docs/_build/html

bench: $(VENV)/.test ## print the table of speed ratios
	@python -m bench $(ARGS)

fuzz: $(VENV)/.test ## throw ever new logs at the importer for a minute (SECONDS=60)
	@python -m tests.fuzz $(SECONDS)

chaos: $(VENV)/.test ## kill workers for minutes and count what arrives
	@python -m tests.chaos

screenshots: $(VENV)/.test ## draw the main pages of the demo into var/screenshots/
	@python -m tests.browser.screenshots $(ARGS)

pictures: $(VENV)/.test ## draw the pictures of the documentation anew, from the demo
	@python -m tests.browser.pictures $(ARGS)

requirements: ## compile the pinned requirements from pyproject.toml (needs uv)
	uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --custom-compile-command "make requirements" -o requirements.txt
	uv pip compile pyproject.toml --group test --group lint -c requirements.txt --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --custom-compile-command "make requirements" -o tests/requirements.txt
	uv pip compile --group docs -c requirements.txt -c tests/requirements.txt --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --custom-compile-command "make requirements" -o docs/requirements.txt

clean: ## remove what was built; var/ (the data) stays
	rm -rf $(VENV) docs/_build .mypy_cache .ruff_cache .pytest_cache

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/.run: requirements.txt | $(VENV)/bin/python
	@echo "Installing what Thaw needs into $(VENV) ..."
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --require-hashes -r requirements.txt
	@touch $@

$(VENV)/.test $(VENV)/.lint: tests/requirements.txt | $(VENV)/bin/python
	@echo "Installing what the tests need into $(VENV) ..."
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --require-hashes -r tests/requirements.txt
	@touch $(VENV)/.test $(VENV)/.lint

$(VENV)/.docs: docs/requirements.txt | $(VENV)/bin/python
	@echo "Installing what the documentation needs into $(VENV) ..."
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --require-hashes -r docs/requirements.txt
	@touch $@
