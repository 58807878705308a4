# make demo    install the clinic side into .venv and assess the portrait in examples/
# make test    install what the tests need and run them with coverage
# make check   every static check
# make minimal build the wheel, install it alone in a fresh environment, assess one photograph
# make bench   measure again and rewrite the tables in docs (FACIALIS_DATA names the photographs)
# make docs    write docs/cli.md from the commands' own help
# make clean   remove what the others made, and .venv

VENV := .venv
BIN := $(VENV)/bin
CANDIDATES := python3 python3.12 python3.11 python
FITS := import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 13))
PYTHON ?= $(shell for p in $(CANDIDATES); do $$p -c '$(FITS)' 2>/dev/null && echo $$p && break; done)
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt
SOURCES := $(shell find src -name '*.py')

.PHONY: demo test check minimal bench docs clean
.DEFAULT_GOAL := demo

$(BIN)/python:
	@test -n "$(PYTHON)" || { echo "Facialis needs Python 3.11 or 3.12; install one, or name it: make PYTHON=/path/to/python3.12" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.clinic: pyproject.toml constraints.txt | $(BIN)/python
	$(PIP) --editable .
	@touch $@

$(VENV)/.dev: pyproject.toml constraints.txt | $(BIN)/python
	$(PIP) --editable '.[dev,train]'
	@touch $@ $(VENV)/.clinic

demo: $(VENV)/.clinic
	@$(BIN)/facialis assess examples/astronaut.jpg --movement smile --out demo --format json,html,pdf,csv
	@echo "HTML: $(CURDIR)/demo/astronaut/report.html"
	@echo "PDF:  $(CURDIR)/demo/astronaut/report.pdf"

test: $(VENV)/.dev
	@OMP_NUM_THREADS=1 $(BIN)/python -m pytest --numprocesses auto --dist loadfile --cov --cov-report=term

check: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/interrogate --quiet src
	$(BIN)/deptry .

minimal: $(VENV)/.dev
	@$(BIN)/python -m pytest -m minimal --run-minimal tests/test_minimal_install.py

bench: $(VENV)/.dev
	@for name in landmark_agreement leaky_split pose_robustness iris_scale false_alarms quality_limits memory speed \
	  simulation_weakness simulation_patients simulation_untouched simulation_cohort video networks training_steps method_robustness rendered_heads examination_grades asymmetry_shown; do \
	  $(BIN)/python -m benchmarks.$$name || exit 1; done

docs: docs/cli.md
docs/cli.md: $(SOURCES) | $(VENV)/.dev
	$(BIN)/python -m facialis.cli.reference > $@

clean:
	rm -rf demo build dist .coverage .coverage.* .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
	rm -rf $(VENV)
