# make demo   installs what is missing, builds, and regresses real data at 4 bits
# make test   the same set-up, then all tests
# make bench  all benchmarks with their rivals, from a virtual environment
.PHONY: deps build demo test bench examples check lint format sanitize emulate emulate-deps

SWIFT ?= swift
PACKAGES = liblapacke-dev libopenblas-dev libsuitesparse-dev libzstd-dev zlib1g-dev
SOURCES = Package.swift Sources Tests

deps:
	@missing=""; for p in $(PACKAGES); do dpkg -s $$p >/dev/null 2>&1 || missing="$$missing $$p"; done; \
	if [ -n "$$missing" ]; then \
		run=""; [ "$$(id -u)" = 0 ] || run=sudo; \
		echo "installing$$missing"; \
		$$run apt-get update -q && $$run apt-get install -q -y --no-install-recommends $$missing; \
	fi

build: deps
	$(SWIFT) build -c release --product qls

demo: build
	$(SWIFT) run -c release --skip-build qls solve Datasets/regression/california_housing.csv \
		--response median_house_value --reference

# make test TRAITS=--disable-default-traits tests the package without SuiteSparse.
test: deps
	$(SWIFT) build --build-tests $(TRAITS)
	$(SWIFT) test --skip-build $(TRAITS)

# Needs python3 with venv (Debian: python3-venv) and a network for the rivals. Writes Documentation/benchmarks.md from
# .build/benchmarks.json, where BENCH="speed accuracy" measures only these parts anew. BENCH=--quick checks the program.
bench: build
	python3 Benchmarks/bench.py $(BENCH) --json .build/benchmarks.json --page Documentation/benchmarks.md

# Runs every program of Snippets, and every command of README.md and the articles, whose Swift blocks are from Snippets.
# Some of the commands draw with gnuplot.
examples: deps
	command -v gnuplot >/dev/null || $(MAKE) --no-print-directory deps PACKAGES=gnuplot-nox
	$(SWIFT) build
	@for s in Snippets/*.swift; do name=$$(basename $$s .swift); echo "== $$name"; \
		$(SWIFT) run --skip-build $$name > /dev/null || exit 1; done
	python3 Tests/Documentation/run_blocks.py --qls .build/debug/qls

lint:
	$(SWIFT) format lint --strict --recursive $(SOURCES)

# The C kernels against their scalar definition, under the address and undefined-behaviour sanitizers.
KERNELS = Sources/CQuantizedKernels
sanitize:
	@mkdir -p .build
	clang -O1 -g -fsanitize=address,undefined -fno-sanitize-recover=all -Wno-initializer-overrides \
		-I $(KERNELS)/include Tests/Sanitizers/kernels.c $(KERNELS)/*.c -lm -fuse-ld=lld -o .build/sanitized-kernels
	.build/sanitized-kernels

# The kernels for AVX-512 and NEON against their scalar definition on an x86-64 processor with neither: the first compiled
# through SIMDe, the second for AArch64 and run by QEMU.
EMULATION_PACKAGES = gcc-aarch64-linux-gnu libc6-dev-arm64-cross libsimde-dev qemu-user-static
emulate: emulate-deps
	Tests/Emulation/run.sh

emulate-deps:
	@$(MAKE) --no-print-directory deps PACKAGES="$(EMULATION_PACKAGES)"

check: lint test examples sanitize emulate
	$(SWIFT) test -c release
	$(MAKE) test TRAITS="--disable-default-traits --scratch-path .build-without-suitesparse"

format:
	$(SWIFT) format --in-place --recursive $(SOURCES)
