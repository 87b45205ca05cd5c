#!/usr/bin/env bash
# setup/build.sh PRESET [TARGET...]: configures build/PRESET and builds it, one line per step.
set -euo pipefail
# shellcheck source=setup/steps.sh
. "$(dirname "$0")/steps.sh"

[ $# -gt 0 ] || die "expected a preset of CMakePresets.json, got none"
preset=$1
shift
folder="$root/build/$preset"
mkdir -p "$folder"
printf '[build] %s: configure\n' "$preset"
(cd "$root" && cmake --preset "$preset") >"$folder/configure.log" 2>&1 || {
  cat "$folder/configure.log" >&2
  exit 1
}
targets=()
if [ $# -gt 0 ]; then targets=(--target "$@"); fi
printf '[build] %s: compile %s\n' "$preset" "${*:-everything}"
quiet=()
if [ ! -t 1 ]; then quiet=(-- --quiet); fi # a terminal shows one moving line, a log shows none
cmake --build "$folder" --parallel "${JOBS:-$(nproc)}" "${targets[@]}" "${quiet[@]}"
