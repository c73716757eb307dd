# make run     the product on http://127.0.0.1:8000/ (another port: PORT=8001 make run)
# make test    everything that has to hold, on SQLite and on PostgreSQL
# make bench   how fast the pages are beside an empty one; never part of make test
# make messages  new Japanese strings into the English catalogue
# Behind a proxy, without the internet, as a service: docs/operations.md

PYTHON := .venv/bin/python

.PHONY: run test messages bench setup setup-test clean

run: setup
	@$(PYTHON) -m config.local

test: setup-test
	@$(PYTHON) -m tests

bench: setup-test
	@$(PYTHON) -m tests.bench

messages: setup-test
	@$(PYTHON) -m tests.catalogue

setup:
	@sh config/setup.sh requirements.txt

setup-test:
	@sh config/setup.sh requirements-dev.txt

# What was built, never what was entered: var/ and .env stay.
clean:
	rm -rf .venv staticfiles .mypy_cache .ruff_cache .pytest_cache .hypothesis
