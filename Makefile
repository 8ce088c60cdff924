# `make run` opens the bank, `make test` proves it, `make check` keeps the house clean.

CARGO ?= cargo
ARGS ?=
NEXTEST := $(shell $(CARGO) nextest --version >/dev/null 2>&1 && echo yes)

.PHONY: run demo verify trial-balance rebuild test check bench schemas fetch

run: ## the bank on 127.0.0.1:4000; ARGS=--in-memory keeps nothing
	@$(CARGO) run --quiet --package granary -- run $(ARGS)

demo: ## a customer's story, from the sign-up to the first payout
	@$(CARGO) run --quiet --package granary -- demo $(ARGS)

verify: ## folds every stream again and walks every hash chain of ./.granary
	@$(CARGO) run --quiet --package granary -- verify $(ARGS)

trial-balance: ## adds up every posting of ./.granary again
	@$(CARGO) run --quiet --package granary -- trial-balance $(ARGS)

rebuild: ## writes a projection of ./.granary anew; NAME=customers, applications, accounts, operations or savings
	@$(CARGO) run --quiet --package granary -- rebuild $(NAME) $(ARGS)

fetch: ## everything that is needed to work offline afterwards
	$(CARGO) fetch --locked

test: ## everything; with nextest if it is there
ifeq ($(NEXTEST),yes)
	$(CARGO) nextest run --workspace $(ARGS)
else
	$(CARGO) test --workspace $(ARGS)
endif

check: ## format, lints, committed schemas and graph, template and state machines
	$(CARGO) fmt --all -- --check
	$(CARGO) clippy --workspace --all-targets -- -D warnings
	$(CARGO) run --quiet --package graph --example sdl | diff -u schema.graphql -
	rm -rf target/schemas && mkdir -p target/schemas
	$(CARGO) run --quiet --package contracts --example schemas target/schemas
	diff -ru events/schemas target/schemas
	python3 infra/lint/lint.py

bench: ## what commands cost: time, and capacity units
	$(CARGO) bench --package benches

schemas: ## writes the schemas of what leaves a boundary, and the graph's
	$(CARGO) run --quiet --package contracts --example schemas events/schemas
	$(CARGO) run --quiet --package graph --example sdl > schema.graphql
