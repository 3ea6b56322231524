# Each step leaves a stamp in .venv, so that a second call does only what is left.
# DATABASE=postgres and SCALE=10 are for `make bench`; anything else is in `parvis --help`.

PYTHON   ?= python3
DATABASE ?= sqlite
SCALE    ?= 1
UV_VERSION = 0.13.9
# The last that judges installing: 12 has no such category.
LIGHTHOUSE = 11.7.1

BIN     = .venv/bin
UV      = $(BIN)/uv
RUNTIME = .venv/.runtime
DEV     = .venv/.dev
SYSTEM  = .venv/.system
NODE    = node_modules/.stamp
AUDIT   = .venv/lighthouse-$(LIGHTHOUSE)
# Tests start hundreds of processes, each of which would compile all that it imports again.
unexport PYTHONDONTWRITEBYTECODE
INSTALL = $(UV) pip sync --quiet --require-hashes --compile-bytecode
CEPH    = ceph-mon ceph-osd ceph-common radosgw
# What tests run, and the Debian package it is in.
PROGRAMS = chromium:chromium firefox-esr:firefox-esr WebKitWebDriver:webkit2gtk-driver Xvfb:xvfb dbus-daemon:dbus-daemon \
           notify-send:libnotify-bin ffmpeg:ffmpeg exiftool:libimage-exiftool-perl \
           faketime:faketime node:nodejs $(foreach one,$(CEPH),$(subst ceph-common,ceph,$(one)):$(one))
LOCK    = $(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
          --custom-compile-command "make lock" pyproject.toml

.PHONY: install run test check format messages bench audit screens ceph lock clean help
.DEFAULT_GOAL = help

help:
	@echo "make install  what serving needs, into .venv"
	@echo "make run      serve on http://127.0.0.1:8000, with the data in var/"
	@echo "make test     install what the tests need, then run them all"
	@echo "make check    style, types, imports, templates"
	@echo "make format   format and fix what a tool can"
	@echo "make messages extract messages into web/locale/*.po"
	@echo "make bench    measure (DATABASE=postgres, SCALE=10)"
	@echo "make audit    have Lighthouse judge home, a thread and a profile"
	@echo "make screens  screenshots of every page"
	@echo "make ceph     a Ceph on this machine, to keep pictures in (docs/operations.md)"
	@echo "make lock     new lock files (UPGRADE=1 for newest versions)"
	@echo "make clean    delete .venv and caches, not var/"

# Compiled now: the account that serves may not be one that can write here.
install: $(RUNTIME)
	@$(BIN)/python -m compileall -q $(filter-out node_modules/ tests/ e2e/ var/,$(wildcard */)) $(wildcard *.py)
	@$(BIN)/python -m web.compile_templates

run: $(RUNTIME)
	@command -v ffmpeg >/dev/null || sh ops/packages.sh ffmpeg || echo "Without ffmpeg there are no videos and sounds."
	$(BIN)/parvis migrate
	exec $(BIN)/parvis serve

ceph: $(RUNTIME)
	@command -v radosgw >/dev/null || sh ops/packages.sh $(CEPH)
	exec $(BIN)/python -m ops.rigs.ceph_cluster

# What was just installed goes to the disk first: whoever else writes would wait for it in the midst of a test.
# A file's stories share a server. Files come by their names: the longest is the first, and none is left for the end.
test: $(DEV) $(SYSTEM)
	@sync
	$(if $(ARGS),,node --test tests/js/*.test.mjs)
	$(BIN)/pytest $(or $(ARGS),--numprocesses 2 --dist loadgroup tests)
	$(if $(ARGS),,$(BIN)/pytest --numprocesses 2 --dist loadfile --no-loadscope-reorder e2e)

# djlint lints and does not format: the space it would add between tags is sent with every post.
check: $(DEV) $(NODE)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/djlint web/templates --lint --quiet
	node_modules/.bin/eslint .
	node_modules/.bin/stylelint "web/static/css/*.css"
	$(BIN)/pytest --quiet --no-header tests/test_styles.py

format: $(DEV)
	$(BIN)/ruff check --fix-only --quiet .
	$(BIN)/ruff format .

messages: $(RUNTIME)
	$(BIN)/python -m ops.messages

bench: $(RUNTIME)
	@command -v wrk >/dev/null || sh ops/packages.sh wrk
	@command -v radosgw >/dev/null || sh ops/packages.sh $(CEPH)
	@test $(DATABASE) = sqlite || ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || sh ops/packages.sh postgresql
	$(BIN)/parvis bench --database $(DATABASE) --scale $(SCALE) $(ARGS)

audit: $(DEV) $(SYSTEM)
	@command -v npm >/dev/null || sh ops/packages.sh npm
	@test -x $(AUDIT)/node_modules/.bin/lighthouse || \
	  npm install --prefix $(AUDIT) --no-save --no-package-lock --no-audit --no-fund --silent lighthouse@$(LIGHTHOUSE)
	$(BIN)/python -m e2e.audit --lighthouse $(AUDIT)/node_modules/.bin/lighthouse $(ARGS)

screens: $(DEV) $(SYSTEM)
	$(BIN)/python -m e2e.screens $(ARGS)

lock: $(UV)
	$(LOCK) $(if $(UPGRADE),--upgrade) -o requirements.lock
	$(LOCK) $(if $(UPGRADE),--upgrade) --extra dev -c requirements.lock -o requirements-dev.lock

clean:
	rm -rf .venv node_modules .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis build dist *.egg-info
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(UV):
	sh ops/venv.sh $(PYTHON) $(UV_VERSION)

# A venv that has the tools for tests keeps them: `make run` after `make test` takes nothing away.
$(RUNTIME): requirements.lock pyproject.toml | $(UV)
	$(INSTALL) $(if $(wildcard $(DEV)),requirements-dev.lock,requirements.lock)
	$(UV) pip install --quiet --no-deps --editable .
	@touch $@

$(DEV): requirements-dev.lock requirements.lock pyproject.toml | $(UV)
	$(INSTALL) requirements-dev.lock
	$(UV) pip install --quiet --no-deps --editable .
	@touch $(RUNTIME) $@

# Linters of scripts and style: package.json has their exact versions. A lock file would name the host they came from.
$(NODE): package.json
	@command -v npm >/dev/null || sh ops/packages.sh npm
	npm install --no-package-lock --no-audit --no-fund --silent
	@touch $@

# A test needs one more package: it is named here, and whoever has the others gets it.
$(SYSTEM): Makefile | $(UV)
	@ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || command -v initdb >/dev/null || sh ops/packages.sh postgresql
	@missing=""; for one in $(PROGRAMS); do \
	  command -v $${one%:*} >/dev/null || missing="$$missing $${one#*:}"; done; \
	  test -z "$$missing" || sh ops/packages.sh $$missing
	@touch $@
