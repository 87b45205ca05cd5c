# Two commands do everything on a fresh Debian 12 or 13: `make demo` and `make test`. `make help` lists the rest.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
MAKEFLAGS += --no-print-directory
.DEFAULT_GOAL := help

ARGS ?=
PREFIX ?= /usr/local
DESTDIR ?=
JOBS ?= $(shell nproc)
FUZZ_SECONDS ?= 20
FUZZ_SEED ?= 1
export JOBS ONNXRUNTIME_ROOT
export PYTHONDONTWRITEBYTECODE := 1
python := .deps/python/bin/python
pytest := $(python) -m pytest -q -p no:cacheprovider
ctest := setup/ctest.sh
step := @setup/step.sh # NAME COMMAND: says the name, keeps the time for .ci/run
ruff := $(python) -m ruff
of_python := --quiet --no-cache --config prep/pyproject.toml prep tests fuzz bench plugin
rooms := base int8/network int8 image bundle samples infer judge inspect gate control record incident line line/gpio line/shared boards station session selftest sim rig
threaded := base control record incident line line/gpio line/shared station session selftest image/FramePool int8/CInterface # rooms, or tests of one: the others of image and int8 need no thread but minutes
emulated := base int8/network int8 image infer judge line line/gpio line/shared # what has arithmetic, atomics or the system's own structures
tests_of = $(patsubst %,taktgate_%_test,$(subst /,_,$(patsubst %/FramePool,%,$(patsubst %/CInterface,%,$(1)))))
avx2 := qemu-x86_64 -cpu Haswell-noTSX,-pcid,-x2apic,-tsc-deadline,-invpcid # no AVX-512, no VNNI; less what qemu lacks
either = $(subst $(space),|,$(strip $(1)))
space := $(subst ,, )
cxx_files = $(shell find include src bench fuzz plugin tests -name '*.cc' -o -name '*.h')

.PHONY: help demo test mutants linesim asan fuzz tsan arm64 arm64-counts lint arrows nightly format bench bench-engines onnxruntime-plugin demo-model install clean \
  setup setup-demo setup-test setup-lint setup-arm64

help: ## this list
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
	@echo "  ARGS=...          arguments for demo, test (pytest), bench (Google Benchmark); PREFIX=, DESTDIR= for install;"
	@echo "  ONNXRUNTIME_ROOT= a folder of your own with include/ and lib/; JOBS= processes at once"

demo: setup-demo ## build the release and run a simulated line for 30 s
	@setup/build.sh release taktgate
	@build/release/taktgate demo $(ARGS)

test: setup-test ## unit tests (gcc), tests of prep, system tests
	$(step) "dev: compile" setup/build.sh dev
	$(step) "dev: unit tests" $(ctest) build/dev
	$(step) "tests of prep" $(pytest) -rs prep/tests --rootdir prep -c prep/pyproject.toml
	$(step) "system tests, with the figures they print" $(pytest) -rsP tests --ignore tests/test_arm64.py --ignore tests/test_instruction_counts.py $(ARGS)

mutants: setup-test ## break what decides in one place after the other: tests must notice (ARGS=--help)
	@setup/build.sh dev taktgate_gate_test taktgate_judge_test taktgate_inspect_test taktgate_sim_test taktgate_control_test taktgate_record_test taktgate_station_test
	@PYTHONDONTWRITEBYTECODE=1 PYTHONPATH=tests $(python) -m mutants $(ARGS)

linesim: setup-test ## the simulated line: 10^6 parts nominal, 10^5 with each fault, 0 violations
	@setup/build.sh release taktgate
	@TAKTGATE_NIGHTLY=1 TAKTGATE_PROGRAM=build/release/taktgate $(pytest) -s tests/test_linesim.py $(ARGS)

asan: setup-lint ## unit tests under the address and undefined behaviour sanitizers
	$(step) "asan: compile" setup/build.sh asan unit_tests
	$(step) "asan: unit tests" $(ctest) build/asan

fuzz: setup-lint ## libFuzzer against every reader of files and words (FUZZ_SECONDS=20 each, FUZZ_SEED=1)
	$(step) "fuzz: compile" setup/build.sh asan fuzz_targets
	$(step) "fuzz: $(FUZZ_SECONDS) s for each reader" fuzz/run.sh build/asan $(FUZZ_SECONDS) $(FUZZ_SEED)

tsan: setup-test ## unit tests of the rooms with threads under the thread sanitizer
	$(step) "tsan: compile" setup/build.sh tsan $(call tests_of,$(threaded))
	$(step) "tsan: unit tests" $(ctest) build/tsan -R '^($(call either,$(threaded)))[/.]'

arm64: setup-test setup-arm64 ## cross build for aarch64; where the core matters, tests under emulation of two cores
	$(step) "arm64: compile" setup/build.sh arm64 taktgate picture_tool int8_runs $(call tests_of,$(emulated))
	$(step) "arm64: unit tests, Cortex-A53" env QEMU_CPU=cortex-a53 $(ctest) build/arm64 -R '^($(call either,$(emulated)))/'
	$(step) "arm64: unit tests, Cortex-A76" env QEMU_CPU=cortex-a76 $(ctest) build/arm64 -R '^(int8|image|infer|judge)/'
	$(step) "arm64: unit tests of the engine, all kernels" env QEMU_CPU=max $(ctest) build/arm64 -R '^int8/(Engine|All/EngineOnEveryIsa|LayerAgreement)'
	@setup/build.sh dev taktgate picture_tool
	$(step) "arm64: the program" $(pytest) -rs -s tests/test_arm64.py
	$(step) "arm64: instruction counts" $(pytest) -rs -s tests/test_instruction_counts.py

arm64-counts: setup-test setup-arm64 ## instructions of one run of the INT8 engine on emulated ARM cores (ARGS=--update, --calls)
	@setup/build.sh arm64 int8_runs
	@$(python) tests/instruction_counts.py $(ARGS)

lint: setup-lint ## formatting, warnings of clang and clang-tidy, ruff, mypy, shellcheck, include arrows
	$(step) "lint: clang-format" clang-format --dry-run -Werror $(cxx_files)
	$(step) "lint: clang, clang-tidy" setup/build.sh clang all bench_programs
	$(step) "lint: ruff" $(ruff) check $(of_python)
	$(step) "lint: ruff format" $(ruff) format --check $(of_python)
	$(step) "lint: mypy" $(python) -m mypy --config-file prep/pyproject.toml --no-error-summary
	$(step) "lint: shellcheck" shellcheck --external-sources setup/*.sh .ci/run bench/*.sh demo/*.sh fuzz/*.sh tests/*.sh
	@$(MAKE) arrows

arrows: setup-test ## the arrows of docs/architecture.md hold in the sources
	$(step) "lint: include arrows" $(pytest) tests/test_include_arrows.py

# What takes too long for each change. TAKTGATE_NIGHTLY=1 gives a test its long form; the list says
# what each line adds to .ci/run. Go on after a failure: `make -k nightly`.
nightly: nightly-linesim nightly-forms nightly-hogs nightly-mutants nightly-fuzz nightly-tsan nightly-arm64 nightly-avx2 nightly-alone nightly-plugin nightly-tidy ## the long proofs, one after the other
nightly-linesim: # 10^6 parts nominal, 10^5 with each fault
	@$(MAKE) linesim
nightly-forms: setup-test # what else has two forms: the small world, the frame pool, runs of the engine, lines drawn at random, deaths, kills, changes of the release, mode r, layers and networks of the INT8 engine
	@setup/build.sh dev taktgate $(call tests_of,int8 gate image sim record station) network_dump
	@TAKTGATE_NIGHTLY=1 build/dev/src/gate/taktgate_gate_test --gtest_filter='SmallWorld.*'
	@TAKTGATE_NIGHTLY=1 build/dev/src/image/taktgate_image_test --gtest_filter='FramePool.*'
	@TAKTGATE_NIGHTLY=1 build/dev/src/int8/taktgate_int8_test --gtest_filter='Steadiness.*'
	@TAKTGATE_NIGHTLY=1 build/dev/src/sim/taktgate_sim_test --gtest_filter='RandomLine.*'
	@TAKTGATE_NIGHTLY=1 build/dev/src/station/taktgate_station_test --gtest_filter='LastCatchDeathTest.*'
	@TAKTGATE_NIGHTLY=1 build/dev/src/station/taktgate_station_test --gtest_filter='ReleaseSwaps.*'
	@TAKTGATE_NIGHTLY=1 build/dev/src/record/taktgate_record_test --gtest_filter='RunsTest.*'
	@TAKTGATE_NIGHTLY=1 $(pytest) -s tests/test_line_process.py
	@TAKTGATE_NIGHTLY=1 $(pytest) -s tests/test_change_release.py
	@TAKTGATE_NIGHTLY=1 build/dev/src/int8/taktgate_int8_test --gtest_filter='LayerAgreement.*'
	@TAKTGATE_NIGHTLY=1 $(pytest) -s tests/test_int8_twins.py
	@TAKTGATE_NIGHTLY=1 $(pytest) -s tests/test_deeppcb.py
	@TAKTGATE_NIGHTLY=1 $(pytest) -s prep/tests/test_compile_forms.py --rootdir prep -c prep/pyproject.toml
nightly-hogs: setup-test # all tests on one core beside three that spin
	@setup/build.sh dev
	@tests/beside_hogs.sh
nightly-mutants: # every mutant
	@$(MAKE) mutants ARGS=--all
nightly-fuzz: # ten minutes for each reader, from another seed each day
	@$(MAKE) fuzz FUZZ_SECONDS=600 FUZZ_SEED=$(shell date +%Y%m%d)
nightly-tsan: # all rooms, and 1,000 changes of the release
	@$(MAKE) tsan threaded='$(rooms)'
	@TAKTGATE_NIGHTLY=1 build/tsan/src/station/taktgate_station_test --gtest_filter='ReleaseSwaps.*'
nightly-arm64: # all rooms; 1,000 windows on each core; 10^4 tensors of each layer shape, on the core that has all kernels (an hour)
	@$(MAKE) arm64 emulated='$(rooms)'
	@TAKTGATE_NIGHTLY=1 $(pytest) -s tests/test_arm64.py
	@TAKTGATE_NIGHTLY=1 qemu-aarch64 -L .deps/arm64/qemu -cpu max build/arm64/src/int8/taktgate_int8_test --gtest_filter='LayerAgreement.*'
nightly-avx2: setup-test # infer, and the sessions of prep, on a CPU with AVX2 at most, where INT8 products could saturate
	@setup/packages.sh arm64
	@setup/build.sh dev taktgate_infer_test
	$(step) "AVX2 at most: infer" $(avx2) build/dev/src/infer/taktgate_infer_test --gtest_brief=1
	$(step) "AVX2 at most: prep" $(avx2) $(pytest) -n 0 prep/tests/test_runtime.py prep/tests/test_extra_outputs.py --rootdir prep -c prep/pyproject.toml
nightly-alone: setup-test # the whole program without ONNX Runtime
	@TAKTGATE_NIGHTLY=1 $(pytest) -s -n 0 tests/test_without_onnxruntime.py
nightly-plugin: # the execution provider of ONNX Runtime, whose headers no Debian release has yet
	@$(MAKE) onnxruntime-plugin
nightly-tidy: setup-lint # clang-tidy over all rooms
	$(step) "clang-tidy, all rooms" setup/build.sh tidy

format: setup-lint ## rewrite the sources in the project's format
	@clang-format -i $(cxx_files)
	@$(ruff) check --fix $(of_python); $(ruff) format $(of_python)

bench: setup-test ## benchmarks: figures with machine, number and method
	@setup/build.sh bench taktgate bench_programs
	@bench/run.sh $(ARGS)

bench-engines: setup-test ## the INT8 engine beside other runtimes, in turns on one core (about 15 minutes, ARGS=--help)
	@setup/peers.sh
	@setup/build.sh bench engine_peak int8_layers
	@PYTHONPATH=bench $(python) -m engines $(ARGS)

onnxruntime-plugin: setup-test # the INT8 engine as an execution provider of ONNX Runtime, with its tests (plugin/README.md)
	@setup/onnxruntime_plugin.sh
	@$(pytest) tests/test_onnxruntime_plugin.py

demo-model: setup-test ## make the demo release again, from simulated boards (about 15 minutes on 2 idle cores)
	@setup/build.sh release taktgate
	@demo/make_demo_model.sh $(ARGS)

install: setup-demo ## install the program, ONNX Runtime, the INT8 engine and the demo release under PREFIX
	@setup/build.sh release taktgate taktgate_int8_shared
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
	@setup/decoder.sh
	@setup/engine.sh
setup-lint: setup-test
	@setup/packages.sh lint
setup-arm64:
	@setup/arm64.sh
