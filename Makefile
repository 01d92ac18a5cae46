# Everything Lookfors needs is set up by the first of these you call: Python 3.11+, make and a package index are enough.
PYTHON ?= python3
BIN := .venv/bin
WEB_NODE := PATH="$(CURDIR)/$(BIN):$$PATH"

.DEFAULT_GOAL := help
.PHONY: help run test check e2e bench demo-data api-client setup setup-dev

help: ## Show these commands
	@grep -hE '^[a-z0-9-]+:.*##' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "  make %-12s %s\n", $$1, $$2}'

setup:
	@$(PYTHON) scripts/setup.py run

setup-dev:
	@$(PYTHON) scripts/setup.py dev

run: setup ## Set up, load the sample, serve on 127.0.0.1 and print a sign-in link
	@$(BIN)/lookfors serve

test: setup-dev ## Set up and run every test, the browser's included
	@$(PYTHON) scripts/setup.py browser
	@cd web && $(WEB_NODE) npm test --silent
	@$(BIN)/python -m pytest

check: setup-dev ## Types, linters and import rules, Python and front end
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@cd web && $(WEB_NODE) npm run --silent check && $(WEB_NODE) npm run --silent lint

e2e: setup-dev ## Only the tests that drive a real browser
	@$(PYTHON) scripts/setup.py browser
	@$(BIN)/python -m pytest -m e2e

bench: setup-dev ## Print every benchmark: ratios measured side by side, nothing asserted
	@$(PYTHON) scripts/setup.py browser
	@for bench in training/benchmarks/[a-z]*.py; do echo "== $$bench"; $(BIN)/python -m $$(echo $${bench%.py} | tr / .) || exit 1; done
	@cd web && $(WEB_NODE) npm run --silent weigh

demo-data: ## Rebuild the sample scene from its script (fetches the voices once)
	@$(PYTHON) scripts/setup.py run
	@$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[demo]'
	@$(BIN)/python -m training.scenes build sample/scene.toml sample/

api-client: setup-dev ## Write the OpenAPI document and the front end's types from it
	@$(BIN)/python scripts/openapi.py
	@cd web && $(WEB_NODE) npm run --silent api
