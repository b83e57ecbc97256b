# Two commands to remember: `make run` and `make test`. Each makes the environment it needs.

PYTHON ?= python3
PORT ?= 8000
BIN := .venv/bin

# What Python has compiled is kept, whatever the machine prefers: tests start hundreds of processes.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help setup run test check fmt bench screenshots

help:
	@echo "make run          the reference application on http://127.0.0.1:$(PORT) (PORT=... for another)"
	@echo "make test         every test, on both databases and in a browser"
	@echo "make check        format, lint, types, directions of imports"
	@echo "make fmt          format, and fix what can be fixed"
	@echo "make bench        the measurements of bench/"
	@echo "make screenshots  pictures of the pages into screenshots/"
	@echo "make setup        .venv with the engine command in it (all of the above do this by themselves)"

setup:
	@$(PYTHON) tools/dev.py

run: setup
	@$(BIN)/engine serve --apply --demo --port $(PORT)

# Without a Chromium the browser tests are skipped, loudly; with CI=true they fail.
test: setup
	@$(PYTHON) tools/chromium.py --install > /dev/null || true
	@$(PYTHON) tools/slapd.py --install > /dev/null || true
	@$(BIN)/pytest -n 2 --dist worksteal

check: setup
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/pytest -q tests/test_house.py

fmt: setup
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

bench: setup
	@$(BIN)/python -m bench

screenshots: setup
	@$(PYTHON) tools/chromium.py --install > /dev/null
	@$(BIN)/python -m tools.screenshots
