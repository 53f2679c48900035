# The two commands that people need are `make run` and `make test`; `make help` lists the rest.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory
# Only `make build` asks git; elsewhere a checkout that belongs to another user would make the go command fail.
export GOFLAGS := -buildvcs=false $(GOFLAGS)

# How the program is built is how all is built that needs no race detector: one compilation of each package serves the program, vet,
# staticcheck and the programs of the tests.
AS_BUILT := CGO_ENABLED=0 GOFLAGS="$(GOFLAGS) -trimpath"

# The program carries its commit, unless git has none to give (an archive, or a checkout of another user).
VCS := $(shell git rev-parse -q --verify HEAD >/dev/null 2>&1 && echo true || echo false)
FUZZTIME ?= 60s
ARGS ?=

# The web application is built again when one of its sources is newer than the last build.
WEB_SOURCES := $(shell find web -path web/node_modules -prune -o -path web/dist -prune -o -path web/e2e -prune -o -path web/test-results -prune -o -type f -print 2>/dev/null)

.PHONY: help run test build web generate check-generated lint lint-go lint-web fmt test-go test-web e2e screenshots chaos chaos-short soak fuzz bench clean

help: ## List the commands
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / {printf "  make %-16s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: ## Build everything and start it with demo data (ARGS="-listen 127.0.0.1:9000 ..." adds settings)
	@scripts/setup run
	@$(MAKE) build
	@exec bin/lianzhen serve -demo -log-format text $(ARGS)

test: ## Check everything: lint, generated code, unit, integration, fault and browser tests
	@scripts/setup test
	@$(MAKE) check-generated
	@$(MAKE) build
	@scripts/side-by-side chaos-short "lint-go lint-web test-web test-go"
	@$(MAKE) e2e
	@echo "make test: all checks passed"

build: web ## Build bin/lianzhen, the web application inside
	@$(AS_BUILT) go build -buildvcs=$(VCS) -ldflags '-s -w' -o bin/lianzhen .

web: web/dist/index.html ## Build the web application

web/dist/index.html: $(WEB_SOURCES)
	@scripts/web-deps
	npm --prefix web run --silent build
	@touch $@

generate: ## Regenerate code from the API contract and the SQL queries
	@scripts/generate

check-generated: ## Regenerate, and fail when that changes anything
	@scripts/generate -check

lint: lint-go lint-web ## Check format, vet, staticcheck, and the web application's rules and types

lint-go:
	@unformatted=$$(git ls-files -co --exclude-standard '*.go' | xargs -r ls 2>/dev/null | xargs -r gofmt -l); \
		if [ -n "$$unformatted" ]; then echo "not formatted (make fmt):"; echo "$$unformatted"; exit 1; fi
	$(AS_BUILT) go vet ./...
	$(AS_BUILT) scripts/tool staticcheck ./...

lint-web:
	@scripts/web-deps
	npm --prefix web run --silent format:check
	npm --prefix web run --silent lint
	npm --prefix web run --silent check

fmt: ## Format all sources
	@git ls-files -co --exclude-standard '*.go' | xargs -r ls 2>/dev/null | xargs -r gofmt -w
	@scripts/web-deps
	npm --prefix web run --silent format

# Packages that wait come first, beside those that are still compiled.
test-go: ## Go tests with the race detector, on real PostgreSQL and Redis (lint-go has vetted them)
	$(AS_BUILT) go run ./internal/testdb/cmd/testcluster env CGO_ENABLED=1 GOFLAGS="$(GOFLAGS)" go test -race -vet=off -p 3 -timeout 20m ./media/... ./scheduler/... ./...

test-web: ## The web application's unit tests
	@scripts/web-deps
	npm --prefix web run --silent test

e2e: build ## Browser tests in Chromium against the built server
	@scripts/web-deps
	scripts/e2e $(ARGS)

screenshots: build ## Take the pictures of docs/screenshots anew
	@scripts/web-deps
	UPDATE_SCREENSHOTS=1 scripts/e2e screens.spec.ts -g zh-CN

chaos: build ## Break real servers under load and check that nothing is lost or doubled (ARGS="-seed 7 -duration 60s -only F1,F3")
	$(AS_BUILT) scripts/chaos $(ARGS)

chaos-short: build
	$(AS_BUILT) scripts/chaos -short

soak: ## Fifty clients want the same appointment, ROUNDS (500) times each: of a doctor, for a resident, across the way
	go run ./internal/testdb/cmd/testcluster env BOOKING_ROUNDS=$(or $(ROUNDS),500) go test ./internal/api -run TestFiftyClients -timeout 60m -v

fuzz: ## Each fuzz target for FUZZTIME (60s)
	go run ./internal/testdb/cmd/testcluster env FUZZTIME=$(FUZZTIME) scripts/fuzz

bench: build ## Go benchmarks, then the year of records (ARGS="-consultations 5000000 -dir FOLDER"); internal/store/BENCHMARKS.md explains it
	go run ./internal/testdb/cmd/testcluster go test -run '^$$' -bench . -benchmem ./...
	bin/lianzhen bench records $(ARGS)

clean: ## Remove what was built; the data in .lianzhen stay
	rm -rf bin .tools .run web/dist/assets web/dist/index.html web/node_modules web/test-results web/playwright-report
