# Two commands do everything on a fresh Debian 12 or 13: `make demo` and `make test`. `make help` lists the rest.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
MAKEFLAGS += --no-print-directory
.DEFAULT_GOAL := help

ARGS ?=
PREFIX ?= /usr/local
DESTDIR ?=
JOBS ?= $(shell nproc)
export JOBS ONNXRUNTIME_ROOT
python := .deps/python/bin/python
pytest := PYTHONDONTWRITEBYTECODE=1 $(python) -m pytest -q -p no:cacheprovider
ctest := setup/ctest.sh
ruff := $(python) -m ruff check --quiet --no-cache
cxx_files = $(shell find src bench tests -name '*.cc' -o -name '*.h')

.PHONY: help demo test mutants linesim asan tsan arm64 lint format bench demo-model install clean \
  setup setup-demo setup-test setup-lint setup-arm64

help: ## this list
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
	@echo "  ARGS=...          arguments for demo, test (pytest), bench (Google Benchmark); PREFIX=, DESTDIR= for install;"
	@echo "  ONNXRUNTIME_ROOT= a folder of your own with include/ and lib/; JOBS= processes at once"

demo: setup-demo ## build the release and run a simulated line for 30 s
	@setup/build.sh release taktgate
	@build/release/taktgate demo $(ARGS)

test: setup-test ## unit tests (gcc), tests of prep, system tests
	@setup/build.sh dev
	@$(ctest) build/dev
	@echo "[test] prep"; $(pytest) -rs prep/tests --rootdir prep -c prep/pyproject.toml
	@echo "[test] system, with the figures that the tests print"; $(pytest) -rsP tests --ignore tests/test_arm64.py $(ARGS)

mutants: setup-test ## break what decides in one place after the other: tests must notice (ARGS=--help)
	@setup/build.sh dev taktgate_gate_test taktgate_judge_test taktgate_sim_test taktgate_station_test
	@PYTHONDONTWRITEBYTECODE=1 PYTHONPATH=tests $(python) -m mutants $(ARGS)

linesim: setup-test ## the simulated line: 10^6 parts nominal, 10^5 with each fault, 0 violations
	@setup/build.sh release taktgate
	@TAKTGATE_PROGRAM=build/release/taktgate $(pytest) -s tests/test_linesim.py $(ARGS)

asan: setup-test ## unit tests under the address and undefined behaviour sanitizers
	@setup/build.sh asan
	@$(ctest) build/asan

tsan: setup-test ## unit tests under the thread sanitizer
	@setup/build.sh tsan
	@$(ctest) build/tsan

arm64: setup-test setup-arm64 ## cross build for aarch64, its tests under emulation of two cores
	@setup/build.sh arm64
	@QEMU_CPU=cortex-a53 $(ctest) build/arm64
	@QEMU_CPU=cortex-a76 $(ctest) build/arm64 -R '^(image|infer|judge|station)/' # where the core matters
	@setup/build.sh dev taktgate
	@$(pytest) -rs -s tests/test_arm64.py

lint: setup-lint ## formatting, clang's warnings, ruff, mypy, shellcheck, include arrows
	@echo "[lint] clang-format"; clang-format --dry-run -Werror $(cxx_files)
	@setup/build.sh clang
	@echo "[lint] ruff"; $(ruff) prep; $(ruff) --config prep/pyproject.toml tests
	@echo "[lint] mypy"; $(python) -m mypy --config-file prep/pyproject.toml --no-error-summary
	@echo "[lint] shellcheck"; shellcheck --external-sources setup/*.sh .ci/run bench/*.sh demo/*.sh
	@echo "[lint] include arrows"; $(pytest) tests/test_include_arrows.py

format: setup-lint ## rewrite the sources in the project's format
	@clang-format -i $(cxx_files)
	@$(ruff) --fix prep; $(ruff) --fix --config prep/pyproject.toml tests

bench: setup-test ## benchmarks: figures with machine, number and method
	@setup/build.sh bench taktgate bench_programs
	@bench/run.sh $(ARGS)

demo-model: setup-test ## make the demo release again, from simulated boards (about 15 minutes on 2 idle cores)
	@setup/build.sh release taktgate
	@demo/make_demo_model.sh $(ARGS)

install: setup-demo ## install the program, ONNX Runtime and the demo release under PREFIX
	@setup/build.sh release taktgate
	@DESTDIR="$(DESTDIR)" cmake --install build/release --prefix "$(PREFIX)" --strip

clean: ## remove what was built (.deps/ stays)
	@rm -rf build

setup: setup-test ## install what demo and test need, and nothing else
setup-demo:
	@setup/packages.sh demo
	@setup/onnxruntime.sh
setup-test:
	@setup/packages.sh test
	@setup/onnxruntime.sh
	@setup/python.sh dev
setup-lint: setup-test
	@setup/packages.sh lint
setup-arm64:
	@setup/arm64.sh
