#!/usr/bin/env bash
# tests/beside_hogs.sh [unit|prep|system]...
#
# The tests on one core, beside three programs that want all of it: none may depend on how fast the
# machine is or on what else it does. Without arguments all three kinds, of what build/dev holds.
# HOGS= and CORE= choose otherwise; PYTEST_ADDOPTS= (as pytest reads it) picks tests.
set -euo pipefail
cd "$(dirname "$0")/.."

hogs=${HOGS:-3}
core=${CORE:-0}
python=.deps/python/bin/python
pytest=("$python" -m pytest -q -rs -p no:cacheprovider -n 0)
export PYTHONDONTWRITEBYTECODE=1 JOBS=1

taskset -cp "$core" $$ >/dev/null # and all that is started from here
started=()
stop() { kill "${started[@]}" 2>/dev/null || true; }
trap stop EXIT
for ((k = 0; k < hogs; ++k)); do
  (while :; do :; done) &
  started+=($!)
done

for kind in "${@:-unit prep system}"; do
  for one in $kind; do
    echo "[hogs] $one: one core, beside $hogs busy loops"
    began=$SECONDS
    case $one in
      unit) setup/ctest.sh build/dev --timeout 1800 ;;
      prep) "${pytest[@]}" prep/tests --rootdir prep -c prep/pyproject.toml ;;
      system) "${pytest[@]}" tests --ignore tests/test_arm64.py ;;
      *)
        echo "beside_hogs.sh: expected unit, prep or system, got $one" >&2
        exit 2
        ;;
    esac
    echo "[hogs] $one: done in $((SECONDS - began)) s"
  done
done
