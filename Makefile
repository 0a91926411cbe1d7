# `make run` serves a demonstration; `make check` and `make test` are what has to pass.
PYTHON ?= python3
BIN := .venv/bin
TYPESCRIPT := tests/contract/clients/typescript
AXE := tests/reports/browser
DESCRIPTION := $(CURDIR)/openapi/openapi.json
COVER ?= --cov --cov-report=term
PYTEST := $(BIN)/python -m pytest -n auto --dist worksteal
# These try thousands of times what other tests have tried. To watch for coverage would make them three
# times slower and find nothing new, so they are run by themselves; the longest begin.
THOROUGH := tests/contract/test_schemathesis.py \
  $(foreach name,oracle behind paper as_at membership told reconciles suppression,tests/stats/test_$(name).py)
# Faults that are judged by the clock have the machine to themselves; of the others the longest begin.
OF_FAULTS := -p no:randomly -m fault
TIMED := $(foreach name,overload restarts exhaustion,tests/faults/test_$(name).py)
LONGEST := $(foreach name,workflow_model replay clock every_call_of_reports order kills every_call,tests/faults/test_$(name).py)
OTHERS := $(LONGEST) $(filter-out $(LONGEST) $(TIMED),$(sort $(wildcard tests/faults/test_*.py)))
.DEFAULT_GOAL := help
.PHONY: help run test test-server test-tools check check-code check-types check-imports check-openapi check-migrations check-contract contract openapi lock format bench faults soak image image-test drill

help: ## Show this list
	@sed -n 's/^\([a-z-]*\):.*## /  make \1	/p' $(MAKEFILE_LIST) | expand -t 26

run: .venv/installed ## Serve on HOST and PORT (http://127.0.0.1:8000), with a demonstration
	@exec $(BIN)/python -m app serve

test: .venv/installed-dev ## Run the tests, and hold coverage at what pyproject.toml says
	$(PYTEST) $(COVER) $(THOROUGH:%=--ignore=%)
	$(PYTEST) $(THOROUGH)

# The contract is not tried again: it is the same whatever the Postgres.
test-server: .venv/installed-dev ## Run what needs a database on the server of TEST_DATABASE_URL, an administrator's address
	$(PYTEST) --ignore=tests/contract

test-tools: .venv/installed-dev $(AXE)/node_modules/.package-lock.json ## Run the tests that need Chromium, Node, bash and curl
	$(BIN)/python -m pytest -m "browser or tools"

bench: .venv/installed-dev ## Measure speed against Postgres itself; docs/performance.md explains
	$(BIN)/python -m tests.bench

faults: .venv/installed-dev ## Kill, flood and starve the service, and count what it loses (root, faketime; 10 minutes)
	$(BIN)/python -m pytest -q $(OF_FAULTS) -n 2 --dist loadfile --no-loadscope-reorder $(OTHERS)
	$(BIN)/python -m pytest -q -s $(OF_FAULTS) $(TIMED)

soak: .venv/installed-dev ## The same, longer (hours)
	FAULTS=long $(BIN)/python -m pytest -s $(OF_FAULTS) $(OTHERS) $(TIMED)

drill: .venv/installed-dev ## Rehearse a replica, an upgrade and a restore (4 minutes)
	$(BIN)/python -m pytest -m drill tests/operations

contract: check-contract $(TYPESCRIPT)/node_modules/.package-lock.json ## Lint the API description and try generated clients (needs Node 20)
	cd $(TYPESCRIPT) && export REDOCLY_TELEMETRY=off && \
	  node_modules/.bin/redocly lint --config redocly.yaml --max-problems 1000 $(DESCRIPTION) && \
	  node_modules/.bin/spectral lint -r spectral.yaml -F hint $(DESCRIPTION)
	$(BIN)/python -m pytest -q -m clients tests/contract/clients

check: check-code check-types check-imports check-openapi check-migrations check-contract ## Lint, types, import contracts, API description, migrations

check-code: .venv/installed-dev
	$(BIN)/ruff check
	$(BIN)/ruff format --check

check-types: .venv/installed-dev
	$(BIN)/mypy

check-imports: .venv/installed-dev
	$(BIN)/lint-imports --no-logo

check-openapi: .venv/installed-dev ## Fail if openapi/openapi.json is not what the code says
	$(BIN)/python -m app openapi --check

check-migrations: .venv/installed-dev ## Fail if tables as declared and as migrated differ
	$(BIN)/python -m pytest -q tests/test_migrations.py

check-contract: .venv/installed-dev ## Fail on breaking changes since the last version, unless the changelog names them
	$(BIN)/python -m tests.contract.breaking

openapi: .venv/installed-dev ## Write openapi/openapi.json
	$(BIN)/python -m app openapi

format: .venv/installed-dev ## Put the code in its usual form
	$(BIN)/ruff format
	$(BIN)/ruff check --fix

image: ## Build the container image with buildah; the same commit gives the same image
	buildah build --format docker --timestamp "$$(git log -1 --format=%ct)" \
	  --build-arg REVISION="$$(git rev-parse HEAD)" \
	  --tag council-feedback:"$$(sed -n 's/^version = "\(.*\)"/\1/p' pyproject.toml)" .

image-test: .venv/installed-dev ## Build the image from Debian packages and run it (needs root; 3 minutes)
	$(BIN)/python -m pytest -q tests/packaging/built_image.py

lock: ## Pin the newest versions that pyproject.toml allows (needs uv)
	uv pip compile --universal --generate-hashes --no-strip-extras --no-header --upgrade -q \
	  --extra embedded pyproject.toml -o requirements.lock
	uv pip compile --universal --generate-hashes --no-strip-extras --no-header --upgrade -q \
	  -c requirements.lock pyproject.toml -o requirements-server.lock
	uv pip compile --universal --generate-hashes --no-strip-extras --no-header --upgrade -q \
	  --extra dev --extra embedded -c requirements.lock pyproject.toml -o requirements-dev.lock

# Every package is checked against its hash in the lock. The service is run from this folder,
# which a line in site-packages makes known, so that nothing has to be built.
.venv/installed: requirements.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo 'Python 3.11 or newer is needed; name one: make $(MAKECMDGOALS) PYTHON=…'; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $<
	@echo '$(CURDIR)' > "$$($(BIN)/python -c 'import sysconfig as s; print(s.get_path("purelib"))')/here.pth"
	@printf '#!/bin/sh\nexec "$(CURDIR)/$(BIN)/python" -m app "$$@"\n' > $(BIN)/council-feedback
	@chmod +x $(BIN)/council-feedback
	@touch $@

.venv/installed-dev: requirements-dev.lock .venv/installed
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $<
	@touch $@

%/node_modules/.package-lock.json: %/package-lock.json
	cd $* && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
