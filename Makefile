# `make help` lists what there is. REDLINE_VAR (data directory) and PORT let several instances run side by side.
SHELL := /bin/sh
VENV := .venv
PY := $(VENV)/bin/python
RUN := $(PY) -m governance.config.launcher
WORKERS ?= 2

.DEFAULT_GOAL := help
.PHONY: bench mlflow-client help demo serve stop clean-demo test chaos lint programs diagrams schema requirements third-party

help:  ## Show this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1|\2/p' $(MAKEFILE_LIST) | awk -F'|' '{printf "%-22s %s\n", $$1, $$2}'

$(VENV)/.base: requirements/base.txt
	@sh tools/make_venv.sh $(VENV)
	@echo "Installing the requirements ..."
	@$(PY) -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/base.txt
	@touch $@

$(VENV)/.dev: requirements/dev.txt $(VENV)/.base
	@echo "Installing what the tests need ..."
	@$(PY) -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	@touch $@

demo: $(VENV)/.base  ## Start the demo; DETACH=1 returns when its address answers; EMPTY=1 without its company
	@exec $(RUN) demo $(if $(DETACH),--detach) $(if $(EMPTY),--empty)

serve: $(VENV)/.base  ## Run the production shape against DATABASE_URL and BROKER_URL
	@exec $(RUN) serve

stop:  ## Stop what runs in REDLINE_VAR
	@if test -x $(PY); then $(RUN) stop; else echo "Nothing runs here: nothing is installed yet."; fi

clean-demo:  ## Delete the demo's data
	@if test -x $(PY); then $(RUN) clean; else echo "Nothing is here: nothing is installed yet."; fi

programs:
	@sh tools/find_programs.sh

lint: $(VENV)/.dev  ## Check style, types and who imports whom
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	REDLINE_MODE=test $(VENV)/bin/mypy
	$(VENV)/bin/lint-imports --no-logo

test: $(VENV)/.dev programs mlflow-client lint  ## Install what is needed and run every check and test
	REDLINE_MODE=test $(PY) manage.py check
	REDLINE_MODE=test $(PY) -W ignore manage.py makemigrations --check --dry-run
	$(PY) -m pytest -n $(WORKERS) --dist worksteal

mlflow-client: .venv-mlflow/.made .venv-mlflow-earlier/.made  ## Install stock mlflows apart, for the tests and the bench of the registry

.venv-%/.made: requirements/%.txt
	@sh tools/make_venv.sh .venv-$*
	@echo "Installing $* ..."
	@.venv-$*/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $<
	@touch $@

chaos: $(VENV)/.dev  ## Kill processes at random while events arrive; KILLS=20 of each, EVENTS=5000
	$(PY) -m tests.chaos.storm --kills $(or $(KILLS),20) --events $(or $(EVENTS),5000) $(if $(SEED),--seed $(SEED))

bench: $(VENV)/.dev  ## Measure speed and cost against the goals; FULL=1 with ten million rows, see bench/README.md
	@$(PY) -m bench

requirements: $(VENV)/.dev  ## Pin the requirements again, with hashes
	cd requirements && for name in dev base; do ../$(VENV)/bin/pip-compile --quiet --upgrade --generate-hashes \
		--no-emit-find-links --no-emit-index-url --no-emit-trusted-host --strip-extras --allow-unsafe \
		$$(test $$name = base && echo --constraint=dev.txt) --output-file=$$name.txt $$name.in; done

diagrams: $(VENV)/.base  ## Write what docs/reference takes from the code: diagrams of states, metrics
	$(PY) tools/reference.py

schema: $(VENV)/.base  ## Write down the tables of an empty database, so that new instances need no migrations
	$(PY) tools/schema.py

third-party: $(VENV)/.dev mlflow-client  ## Write THIRD_PARTY.md from what is installed
	$(PY) tools/third_party.py > THIRD_PARTY.md
