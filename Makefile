# `make run` opens the bank, `make test` proves it, `make check` keeps the house clean.

CARGO ?= cargo
ARGS ?=
# The profile that tests, checks and the demo are built in. With BUILD=emulate they share one build with the proofs, as CI does.
BUILD ?= dev
BUILT = target/$(BUILD:dev=debug)
# Examples are among the targets so that dependencies have the features that they have for tests, and are built once.
BINARIES = $(CARGO) build --quiet --workspace --bins --examples --profile
# What runs the bank many times is built optimised, with every check of the arithmetic left in.
PROOF = $(BINARIES) emulate && target/emulate/proof
ifeq ($(BUILD),dev)
BANK = $(CARGO) run --quiet --package granary --
else
BANK = $(BINARIES) $(BUILD) && $(BUILT)/granary
endif
STATEMENTS_USED = $(CURDIR)/target/statements-used
SEED ?= 1
SCOPE ?= onboarding
SIGN_UPS ?= 10000
RUNS ?= 20
WEEKS ?= 3
ENGINE ?= local
NODE_FITS = node -e 'const [a, b] = process.versions.node.split("."); process.exit(+a > 20 || (+a === 20 && +b >= 19) ? 0 : 1)' 2>/dev/null
CONSOLE = console/dist/index.html
CONSOLE_SOURCES = $(shell find console -path console/node_modules -prune -o -path console/dist -prune -o -path console/e2e -prune -o -type f -print)
NEXTEST := $(shell $(CARGO) nextest --version >/dev/null 2>&1 && echo yes)

.PHONY: run demo verify trial-balance rebuild test check bench schemas fetch sim planted prove crash-points restart permissions conformance emulate traps console check-console e2e

run: ## the bank on 127.0.0.1:4000; ARGS=--in-memory keeps nothing
	@if $(NODE_FITS); then $(MAKE) --no-print-directory console || echo "The console could not be built. The bank runs without it."; \
	else echo "Node 20.19 or newer is not here, so the console is not built. The bank runs without it."; fi
	@$(BANK) run $(ARGS)

demo: ## a customer's story, from the sign-up to the first payout
	@$(BANK) demo $(ARGS)

verify: ## folds every stream again and walks every hash chain of ./.granary
	@$(BANK) verify $(ARGS)

trial-balance: ## adds up every posting of ./.granary again
	@$(BANK) trial-balance $(ARGS)

rebuild: ## writes a projection of ./.granary anew; NAME=customers, applications, accounts, operations or savings
	@$(BANK) rebuild $(NAME) $(ARGS)

fetch: ## everything that is needed to work offline afterwards
	$(CARGO) fetch --locked
	python3 infra/lint/lint.py --prepare
	@if $(NODE_FITS); then $(MAKE) --no-print-directory console/node_modules/.package-lock.json; fi

test: export GRANARY_STATEMENTS_USED = $(STATEMENTS_USED)
test: ## everything; with nextest if it is there
	@rm -rf $(STATEMENTS_USED)
ifeq ($(NEXTEST),yes)
	$(CARGO) nextest run --workspace --cargo-profile $(BUILD) $(ARGS)
else
	$(CARGO) test --workspace --profile $(BUILD) $(ARGS)
endif

check: ## format, lints, committed schemas and graph, template and state machines
	$(CARGO) fmt --all -- --check
	$(CARGO) clippy --workspace --all-targets -- -D warnings
	$(CARGO) build --quiet --workspace --examples --profile $(BUILD)
	$(BUILT)/examples/sdl | diff -u schema.graphql -
	$(BUILT)/examples/sdl back-office | diff -u backoffice.graphql -
	$(BUILT)/examples/names | diff -u events/names.json -
	rm -rf target/schemas && mkdir -p target/schemas
	$(BUILT)/examples/schemas target/schemas
	diff -ru events/schemas target/schemas
	python3 infra/lint/lint.py
	@if $(NODE_FITS); then $(MAKE) --no-print-directory check-console; else echo "The console is not checked: that needs Node 20.19 or newer."; fi

check-console: console/node_modules/.package-lock.json ## the console's types, lints, format, unit tests, and that it speaks the graph's language
	@! grep -n '"resolved"' console/package-lock.json || { echo "The lock names where packages were fetched from."; exit 1; }
	cd console && npm run --silent check

console: $(CONSOLE) ## builds the page at /console; needs Node 20.19
	@:

$(CONSOLE): $(CONSOLE_SOURCES) console/node_modules/.package-lock.json
	@echo "Building the console."
	@cd console && npm run --silent build -- --logLevel warn

console/node_modules/.package-lock.json: console/package.json console/package-lock.json
	@echo "Fetching what the console is built with."
	@cd console && npm ci --loglevel=error
	@touch $@

e2e: export GRANARY := $(CURDIR)/$(BUILT)/granary
e2e: $(CONSOLE) ## people in a browser, from the log-in to the decision; needs Node and Chromium
	$(BINARIES) $(BUILD)
	console/scripts/chromium.sh
	cd console && npm run --silent e2e

sim: ## virtual weeks under seeded faults, audited: SEED= RUNS= WEEKS=; ARGS=--twice runs each seed again
	@$(PROOF) sim --seed $(SEED) --runs $(RUNS) --weeks $(WEEKS) $(ARGS)

planted: ## seven bugs, each planted in a copy and found by a proof
	@python3 tests/proof/planted/run.py

prove: ## SCOPE=onboarding: every task broken, planted personal data, a burst of applications, a flood of sign-ups
ifeq ($(SCOPE),onboarding)
	$(PROOF) breaking $(ARGS)
ifeq ($(NEXTEST),yes)
	$(CARGO) nextest run --workspace --cargo-profile $(BUILD) vault::
else
	$(CARGO) test --workspace --profile $(BUILD) vault::
endif
	target/emulate/proof burst
	target/emulate/proof flood --sign-ups $(SIGN_UPS)
else
	@echo "There is SCOPE=onboarding."; exit 2
endif

crash-points: ## every call of every function, with the function dying before it and after it
	@$(PROOF) crash-points $(ARGS)

restart: ## kill -9 of the bank while people use it, fifty times
	@$(PROOF) restart $(ARGS)

permissions: ## every statement of the template removed in turn
	@$(PROOF) permissions $(ARGS)

conformance: ## the same questions to an engine: ENGINE=local, emulator or aws
	@$(PROOF) conformance --engine $(ENGINE) $(if $(PROFILE),--profile $(PROFILE)) $(ARGS)

emulate: ## the same bank on an AWS that we did not write
	@$(PROOF) emulate $(ARGS)

traps: ## sixteen bugs, each planted in a copy of the template and found by the lint
	@python3 tests/traps/run.py

bench: ## what commands cost: time, and capacity units
	$(CARGO) bench --package benches

schemas: ## writes the schemas of what leaves a boundary, and the graph's
	$(CARGO) build --quiet --workspace --examples --profile $(BUILD)
	$(BUILT)/examples/schemas events/schemas
	$(BUILT)/examples/sdl > schema.graphql
	$(BUILT)/examples/sdl back-office > backoffice.graphql
	$(BUILT)/examples/names > events/names.json
	@if $(NODE_FITS); then $(MAKE) --no-print-directory console/node_modules/.package-lock.json && cd console && npm run --silent codegen; fi
