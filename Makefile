# `make` lists the targets. Needs python3 (3.11 or newer) and make; everything else comes from uv.

export UV_PYTHON_DOWNLOADS := never

PYTHON ?= python3
BIN := .venv/bin
# A uv that runs (a version manager's empty shim does not), else our own in .tools.
UV := $(shell uv --version >/dev/null 2>&1 && command -v uv || echo .tools/bin/uv)
TEST_WORKERS ?= 2
ICONS := 1.95.1

.DEFAULT_GOAL := help
.PHONY: help run test check lint types templates bench senders demo demo-upstreams key refresh renew-recordings record-history icons clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-18s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: .venv/run.stamp ## the site with worker and beat at http://127.0.0.1:8000 (HOST, PORT)
	@exec $(BIN)/python manage.py serve

test: .venv/dev.stamp ## the whole suite, on SQLite and on PostgreSQL
	@exec $(BIN)/python tests/run.py --workers $(TEST_WORKERS)

check: lint types templates ## format, lint, types, templates, tests
	@$(MAKE) --no-print-directory test

lint: .venv/dev.stamp ## format and lint, nothing is changed
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .

types: .venv/dev.stamp ## mypy, strict
	$(BIN)/mypy .

templates: .venv/dev.stamp ## template style
	@find templates -name '*.html' -print0 | xargs -0 $(BIN)/djade --check --target-version 5.2

demo: .venv/dev.stamp ## a site of made-up models that are really measured, with a database of its own
	@exec $(BIN)/python -m tests.demo

demo-upstreams: .venv/dev.stamp ## the site on simulated sources, with a database of its own
	@exec $(BIN)/python -m tests.upstreams

bench: .venv/dev.stamp ## how fast pages and refreshes are, as ratios to nginx
	@exec $(BIN)/python -m bench

senders: .venv/dev.stamp ## LiteLLM, an OpenTelemetry SDK and a collector report to a site of their own
	@exec $(BIN)/python -m bench.senders

key: ## print a new SECRET_KEY
	@$(PYTHON) -c "import secrets; print(secrets.token_urlsafe(50))"

refresh: .venv/run.stamp ## read every source now (SOURCES='litellm zenmux' for some)
	@$(BIN)/python manage.py migrate -v0
	@exec $(BIN)/python manage.py refresh $(SOURCES)

renew-recordings: .venv/dev.stamp ## fetch new recorded answers into fixtures/sources
	@exec $(BIN)/python manage.py renew_recordings $(SOURCES)

record-history: .venv/dev.stamp ## make fixtures/history afresh (SOURCES, ANSWERS: a folder to keep)
	@exec $(BIN)/python manage.py record_history $(SOURCES) $(if $(ANSWERS),--answers $(ANSWERS))

icons: .venv/dev.stamp ## rebuild the icon sprite from the public icon set
	@set -e; folder=$$(mktemp -d); trap 'rm -rf "$$folder"' EXIT; \
	npm pack --silent --pack-destination "$$folder" @lobehub/icons-static-svg@$(ICONS) >/dev/null; \
	tar -xzf "$$folder"/*.tgz -C "$$folder"; \
	$(BIN)/python manage.py build_icons "$$folder/package"

clean: ## remove what can be made again; the database in var/ stays
	rm -rf .venv .tools .mypy_cache .ruff_cache .pytest_cache .hypothesis var/static var/*.stamp
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# -- what the targets stand on --------------------------------------------------------------------

# --inexact: running the site must not take the developer's tools away.
# --compile-bytecode: once now, or each of the three processes would do it at each start.
.venv/run.stamp: uv.lock pyproject.toml | $(UV)
	@$(UV) sync --frozen --no-dev --inexact --compile-bytecode --quiet
	@touch $@

.venv/dev.stamp: uv.lock pyproject.toml | $(UV)
	@$(UV) sync --frozen --compile-bytecode --quiet
	@touch $@ .venv/run.stamp

# Where python3 comes without venv or pip in it, the user's own pip is asked.
.tools/bin/uv:
	@echo "uv is missing: installing it into .tools with pip"
	@$(PYTHON) -m venv .tools && .tools/bin/python -m pip install --quiet uv \
		|| { rm -rf .tools; mkdir -p .tools/bin; $(PYTHON) -m pip install --quiet --user uv \
		&& ln -sf "$$($(PYTHON) -m site --user-base)/bin/uv" .tools/bin/uv; }
