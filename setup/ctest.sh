#!/usr/bin/env bash
# setup/ctest.sh FOLDER [CTEST_ARGUMENT...]: runs the unit tests of a build folder; of the tests that
# pass only the count is shown.
set -euo pipefail

folder=$1
shift
echo "[test] $folder ${QEMU_CPU:-}"
ctest --test-dir "$folder" --parallel "${JOBS:-2}" --timeout 300 --output-on-failure "$@" |
  awk '/^ *Start +[0-9]+: / || / Test +#[0-9]+: .* Passed / { next } /^ *$/ && !shown { next } { shown = 1; print; fflush() }'
