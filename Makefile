# The whole interface. Each command sets up what it needs first; a second run does not wait for it.
#
#   make run                open Lorarium            make run ARGS="--database team.db"
#   make demo               open a sample library in a throw-away folder
#   make test               every test               make test ARGS="tests/house -x"
#   make lint               ruff, mypy, import-linter
#   make bench              benchmarks
#
# PYTHON=/path/to/python3 picks the Python that .venv is made with.

BIN := .venv/bin
ARGS ?=

.PHONY: help run demo test lint bench ready-to-run ready-to-test

help:
	@sed -n 's/^#   \(make .*\)/\1/p' Makefile

run: ready-to-run
	@$(BIN)/python -m desktop.main $(ARGS)

demo: ready-to-run
	@$(BIN)/python -m desktop.main --demo $(ARGS)

test: ready-to-test
	QT_QPA_PLATFORM=offscreen $(BIN)/python -m pytest $(ARGS)

lint: ready-to-test
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: ready-to-test
	QT_QPA_PLATFORM=offscreen $(BIN)/python -m bench $(ARGS)

# Both may run at once under "make -j": tools/setup waits for itself.
ready-to-run:
	@tools/setup run

ready-to-test:
	@tools/setup test
