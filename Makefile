# Every build, test and check of authcore has its target here; `make help` lists them.

# All caches: the Rust target, the cargo-built tools, the Python environment, npm, pip, the logs.
AUTHCORE_CACHE ?= $(if $(XDG_CACHE_HOME),$(XDG_CACHE_HOME),$(HOME)/.cache)/authcore
CARGO_TARGET_DIR ?= $(AUTHCORE_CACHE)/target
PYTHON ?= python3
export AUTHCORE_CACHE CARGO_TARGET_DIR PYTHON
export npm_config_cache := $(AUTHCORE_CACHE)/npm
export PIP_CACHE_DIR := $(AUTHCORE_CACHE)/pip
export WRANGLER_SEND_METRICS := false
# Otherwise the local Worker asks the network where it is.
export CLOUDFLARE_CF_FETCH_ENABLED := false

TOOLS := node worker/scripts/tools.mjs
ENVIRONMENT := $(PYTHON) tests/environment.py
BIOME := tests/node_modules/.bin/biome
AARCH64 := aarch64-unknown-linux-musl
WRANGLER := node_modules/.bin/wrangler
# With CI set, wrangler does not ask whether to go on.
MIGRATE := cd worker && CI=1 $(WRANGLER) d1 migrations apply DB --local

.DEFAULT_GOAL := help
.PHONY: help dev test check lint fmt deps coverage size build clean deploy-check offline cold supply wasm \
	python fuzz geiger timing provenance instructions aarch64 bench bench-native bench-wasm bench-worker \
	bench-growth bench-before bench-smoke

help: ## list the targets
	@sed -n 's/^\([a-z0-9-]*\):[^#]*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 20

dev: ## install what is missing, build, migrate, serve http://localhost:8787
	@tests/deps.sh dev
	@$(TOOLS) install
	@$(MAKE) --no-print-directory worker/node_modules/.installed
	@node worker/scripts/dev-vars.mjs
	@$(MIGRATE)
	@cd worker && exec $(WRANGLER) dev

test: worker/node_modules/.installed tests/node_modules/.installed ## run every suite, with one closing count
	@$(TOOLS) install
	@$(ENVIRONMENT) tests/run.py

check: lint ## the linters and quick tests: the inner loop
	@$(ENVIRONMENT) tests/run.py core

lint: tests/node_modules/.installed ## formatting and linters, every warning an error
	@$(ENVIRONMENT) tests/lint.py

fmt: tests/node_modules/.installed ## format everything
	cargo fmt --all
	$(ENVIRONMENT) -m ruff check --fix .
	$(ENVIRONMENT) -m ruff format .
	$(BIOME) check --write --colors=off

deps: ## say what the machine lacks; install tools, packages, local data
	@tests/deps.sh test
	@$(TOOLS) install
	@$(MAKE) --no-print-directory worker/node_modules/.installed tests/node_modules/.installed
	@node worker/scripts/dev-vars.mjs
	@$(MIGRATE)
	@$(ENVIRONMENT) --version

coverage: tests/node_modules/.installed ## one figure of covered lines over Rust and Python
	@$(TOOLS) install cargo-llvm-cov
	@$(ENVIRONMENT) tests/coverage_figure.py

size: worker/node_modules/.installed ## the size of what is shipped, and its bounds
	@$(TOOLS) install
	@$(ENVIRONMENT) tests/size.py --build

build: worker/node_modules/.installed python ## the release artefacts: Worker, npm package, wheel
	@$(TOOLS) install
	cd worker && node scripts/build.mjs
	$(if $(wildcard bindings-wasm/build.mjs),node bindings-wasm/build.mjs)

python: ## the wheel alone; says where it is
	$(ENVIRONMENT) -m maturin build --release --locked \
		--manifest-path bindings-python/Cargo.toml --out $(CARGO_TARGET_DIR)/wheels

wasm: worker/node_modules/.installed ## the npm package alone
	@$(TOOLS) install wasm-bindgen
	node bindings-wasm/build.mjs

clean: ## remove what was built; keep tools, packages, secrets and the local database
	cargo clean
	rm -rf worker/build worker/build-test-clock bindings-wasm/pkg bindings-wasm/pkg-test-clock
	find bindings-python -name '*.so' -delete

deploy-check: worker/node_modules/.installed ## wrangler deploy --dry-run
	@$(TOOLS) install
	cd worker && CI=1 $(WRANGLER) deploy --dry-run

offline: ## a whole flow on each host and by `wrangler dev` where there is no network; needs root
	unshare --net sh -c 'ip link set lo up && \
		$(ENVIRONMENT) -m pytest -q tests/offline_dev.py && \
		$(ENVIRONMENT) -m pytest -q tests/blackbox/test_flow.py --host worker && \
		$(ENVIRONMENT) -m pytest -q tests/blackbox/test_flow.py --host python'

cold: ## from nothing: a clone with empty caches serves and tests itself, each within its time; over an hour
	@python3 tests/cold.py

supply: ## bans, licences and version floors of the lock files; advisories where reachable
	@$(TOOLS) install cargo-deny
	@$(ENVIRONMENT) tests/supply.py

instructions: ## instructions of the hot operations, against those on record; RECORD=1 writes them
	@$(ENVIRONMENT) tests/instructions.py $(if $(RECORD),--record)

# The vendor's linker, and a C library that is linked in: no other tools of that processor.
aarch64: ## the kernels of aarch64, linted and tested under qemu-user
	@rustup target add $(AARCH64)
	cargo clippy --locked --package authcore-argon2id --lib --tests --target $(AARCH64) \
		-- -D warnings
	CARGO_TARGET_AARCH64_UNKNOWN_LINUX_MUSL_LINKER=rust-lld \
		CARGO_TARGET_AARCH64_UNKNOWN_LINUX_MUSL_RUNNER=qemu-aarch64 \
		cargo test --locked --no-fail-fast --package authcore-argon2id --lib --tests \
		--target $(AARCH64)

bench: bench-native bench-wasm bench-worker bench-growth ## authcore beside its peers, side by side; writes docs/benchmarks.md

bench-native: ## the Python module beside its peers, and what core's operations take
	cargo bench --locked --package authcore-cost --package authcore-argon2id \
		--bench operations --bench argon2id
	@$(ENVIRONMENT) tests/bench/run.py native

bench-wasm: worker/node_modules/.installed ## the npm package in Node beside its peers
	@$(TOOLS) install wasm-bindgen
	@$(ENVIRONMENT) tests/bench/run.py wasm

bench-worker: worker/node_modules/.installed ## the Worker in workerd: CPU of requests, start, size
	@$(TOOLS) install
	@$(ENVIRONMENT) tests/bench/run.py worker

bench-growth: worker/node_modules/.installed ## requests with 10^3, 10^5 and 10^6 accounts, on SQLite and PostgreSQL; takes 8 GB of disk
	@$(ENVIRONMENT) tests/bench/run.py growth

bench-before: worker/node_modules/.installed ## the Worker before the work on speed and now, side by side
	@$(TOOLS) install
	@$(ENVIRONMENT) tests/bench/run.py before

bench-smoke: worker/node_modules/.installed ## one round of every benchmark, to see that it runs
	@$(TOOLS) install
	@$(ENVIRONMENT) tests/bench/run.py --smoke

provenance: build ## where the release artefacts come from: an in-toto statement with their digests
	@$(ENVIRONMENT) tests/provenance.py

# FUZZ_SECONDS=3600 for a long run, FUZZ_JOBS=2 for two at once, FUZZ_TARGETS="handle names" for
# some of them, RECORD=1 to write docs/fuzzing.md.
fuzz: ## coverage-guided fuzzing, five minutes a target; needs a nightly compiler
	@$(ENVIRONMENT) tests/fuzz/run.py $(if $(FUZZ_SECONDS),--seconds $(FUZZ_SECONDS)) \
		$(if $(FUZZ_JOBS),--jobs $(FUZZ_JOBS)) $(if $(RECORD),--record) $(FUZZ_TARGETS)

geiger: ## unsafe code in our packages and their dependencies; writes docs/unsafe.md
	@$(TOOLS) install cargo-geiger
	@$(ENVIRONMENT) tests/geiger.py

timing: ## medians of failing logins, t of comparisons; for docs/timing.md, on a quiet machine
	cargo run --release --locked --package authcore-timing

# npm's install scripts are not needed: every binary used here comes inside a package.
%/node_modules/.installed: %/package.json %/package-lock.json
	cd $* && npm ci --ignore-scripts --no-audit --no-fund --prefer-offline
	@touch $@
