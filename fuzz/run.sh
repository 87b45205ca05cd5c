#!/usr/bin/env bash
# fuzz/run.sh BUILD SECONDS [SEED]: runs every target of BUILD/fuzz for so many seconds, JOBS at once
# (network three times as long: it also computes); first what was found earlier and the seeds. One
# line for each; the first input that breaks a target is kept, and the run fails.
set -euo pipefail
here="$(cd "$(dirname "$0")" && pwd)"
[ $# -ge 2 ] || {
  echo "expected a build folder and seconds, got $# arguments: call fuzz/run.sh build/asan 20" >&2
  exit 2
}
build=$(cd "$1" && pwd)
export seconds=$2 seed=${3:-$RANDOM} here build
export work="$build/fuzz/run"
rm -rf "$work"
mkdir -p "$work/seeds" "$work/broken"

# run_target NAME
run_target() {
  local name=$1 time=$seconds corpus="$work/corpus/$1" log="$work/$1.log" folders=()
  if [ "$name" = network ]; then time=$((3 * seconds)); fi
  mkdir -p "$corpus"
  for folder in "$here/findings/$name" "$work/seeds/$name"; do
    if [ -d "$folder" ]; then folders+=("$folder"); fi
  done
  if ASAN_OPTIONS=quarantine_size_mb=16 "$build/fuzz/${name}_fuzz" "$corpus" "${folders[@]}" \
    -seed="$seed" -max_total_time="$time" -timeout=120 -rss_limit_mb=3000 -print_final_stats=1 \
    -artifact_prefix="$work/broken/$name-" >"$log" 2>&1; then
    awk -v name="$name" '/ cov: / {
        for (i = 1; i < NF; ++i) { if ($i == "cov:") covered = $(i + 1); if ($i == "corp:") kept = $(i + 1) } }
      /number_of_executed_units/ { inputs = $2 }
      END { printf "%-14s %9d inputs, %5d places reached, %s inputs kept\n", name, inputs, covered, kept }' "$log"
  else
    grep -v -E '^#[0-9]+\s' "$log" | tail -n 40
    echo "$name: BROKEN by an input; again: $build/fuzz/${name}_fuzz $work/broken/$name-*"
    return 1
  fi
}
export -f run_target

"$here/../.deps/python/bin/python" "$here/seeds.py" "$work/seeds" "$build"
echo "[fuzz] $seconds s for each target, seed $seed"
names=$(find "$build/fuzz" -maxdepth 1 -name '*_fuzz' -printf '%f\n' | sed 's/_fuzz$//' | sort)
{ echo network; grep -vx network <<<"$names"; } | # the longest first
  xargs -P "${JOBS:-$(nproc)}" -I{} bash -euo pipefail -c 'run_target {}'
