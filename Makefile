# sim77: everything happens in .venv; nothing else on the machine is touched.
.DEFAULT_GOAL := help
SHELL := /bin/bash
BIN := .venv/bin
# Where an environment forbids Python to keep compiled modules, each command compiles sim77 again.
export PYTHONDONTWRITEBYTECODE :=
INSTALLED := .venv/.installed
READY := .venv/.ready

.PHONY: help setup run test test-long wheel coverage weight mutants bench experiments lint types web web-build docs app clean

help: ## show this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  make \1\t\2/' | expand -t 20

setup: $(READY) ## make .venv with the locked libraries and compile the inner loops

# The newest Python that works: a name may exist and still be a launcher for nothing.
$(INSTALLED): requirements.lock pyproject.toml
	@python=; for name in python3.13 python3.12 python3.11 python3 /usr/bin/python3; do \
	  if $$name -c 'import sys, venv, ensurepip; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' \
	    >/dev/null 2>&1; then python=$$name; break; fi; \
	done; \
	if $(BIN)/python -c 'import sys, pip; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then :; \
	elif [ -z "$$python" ]; then \
	  echo "sim77 needs Python 3.11, 3.12 or 3.13 with its venv module, and none was found." >&2; exit 1; \
	else echo "Making .venv with $$($$python --version)"; rm -rf .venv; $$python -m venv .venv; fi
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --editable .
	@touch $@

$(READY): $(INSTALLED)
	$(BIN)/python -m sim77 warm-up
	@touch $@

run: $(READY) ## simulate the network of 2014 at full scale into out/network-2014
	$(BIN)/sim77 run network-2014 --out out/network-2014 --overwrite

test: $(READY) ## run the tests (minutes)
	$(BIN)/python -m sim77 warm-up  # several workers would compile changed kernels each
	$(BIN)/python -m tests.built  # and those of a build
	$(BIN)/python -m pytest -q -n 4 --dist loadfile --no-loadscope-reorder -m 'not long' \
	  --junitxml=out/tests.xml $(ARGS)

test-long: $(READY) ## run the long tests (tens of minutes)
	$(BIN)/python -m pytest -q -n 3 --dist loadfile --no-loadscope-reorder -m long

wheel: $(INSTALLED) ## build the wheel and try it in clean environments, bare and with each extra
	$(BIN)/python tools/try_wheel.py

coverage: ## run the tests and print what they cover, compiled kernels aside
	$(MAKE) test ARGS=--cov

weight: $(INSTALLED) ## lines of code, complexity, time of the last `make test`, words of documents
	$(BIN)/python tools/weight.py

mutants: $(READY) ## break the package in small ways and count what the tests notice (an hour; needs Python 3.12)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --group mutants
	$(BIN)/python -m tools.mutants

bench: $(READY) ## measure speed and memory
	$(BIN)/python -m benchmarks.engine
	$(BIN)/python -m benchmarks.sweep
	$(BIN)/python -m benchmarks.app_stages
	$(BIN)/python -m benchmarks.app_memory
	$(BIN)/python -m benchmarks.app

experiments: $(READY) ## run all studies and write their reports (over an hour; ARGS=--dry-run)
	PATH="$(CURDIR)/$(BIN):$$PATH" experiments/study.sh $(ARGS) all

lint: $(INSTALLED) ## check style, format and the layers of imports
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports

types: $(INSTALLED) ## check types
	$(BIN)/mypy

# Node is for whoever changes the app's JavaScript: what it builds ships in sim77/app/static.
NODE_READY := web/node_modules/.package-lock.json
$(NODE_READY): web/package-lock.json
	cd web && npm ci --ignore-scripts --no-audit --no-fund

web: $(NODE_READY) ## check the app's JavaScript: build, style, types, tests (needs Node 18)
	cd web && npm run --silent check

web-build: $(NODE_READY) ## build the app's script from web/src (needs Node 18)
	cd web && npm run --silent build

docs: $(INSTALLED) ## build the documentation site into docs/_build/html
	rm -rf docs/api  # pages of modules that are gone
	$(BIN)/python -m sphinx --fail-on-warning --keep-going --quiet --jobs 2 docs docs/_build/html

app: $(READY) ## open the app in the browser
	$(BIN)/sim77 app

clean: ## remove .venv, caches and out/
	rm -rf .venv web/node_modules out docs/_build docs/api .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
