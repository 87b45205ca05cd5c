#!/usr/bin/env bash
# bench/run.sh [GOOGLE_BENCHMARK_OPTION...]: the figures that the documents quote: what a release costs
# on this machine at 64, 160 and 224 px beside the bare runtime and beside FP32, the demo release in a
# closed loop, and the image room alone. The networks of the three sizes have one epoch of training:
# speed does not depend on what they know. `make bench` builds what this needs and runs it.
set -euo pipefail
cd "$(dirname "$0")/.."
program=build/bench/taktgate
prep=.deps/python/bin/taktgate-prep
work=build/bench-models
seconds=${SECONDS_OF_LINE:-20}

shopt -s nullglob
benches=(build/bench/bench/*_bench)
shopt -u nullglob
for needed in "$program" "$prep" "${benches[0]:-build/bench/bench/image_bench}"; do
  if [ ! -x "$needed" ]; then
    echo "[bench] expected $needed, got none: run \`make bench\`, which builds and installs it" >&2
    exit 1
  fi
done

make_release() {
  local size=$1 stem=$work/$1
  [ ! -s "$stem.tgb" ] || return 0
  echo "[bench] making a network of $size px"
  "$prep" train --data "$work/boards/parts.tsv" --size "$size" --golden no --epochs 1 --out "$stem.onnx" >/dev/null
  "$prep" quantise "$stem.onnx" --data "$work/boards/parts.tsv" --out "$stem.int8.onnx" \
    --calibration-samples 32 >/dev/null
  "$prep" pack "$stem.int8.onnx" --data "$work/boards/parts.tsv" --name "bench-$size" --out "$stem.tgb" >/dev/null
}

mkdir -p "$work"
[ -s "$work/boards/parts.tsv" ] ||
  "$program" sim --out "$work/boards" --parts 240 --seed 5 --defect-share 0.5 --val 0.2
for size in 64 160 224; do
  make_release "$size"
  echo
  echo "== $size px"
  "$program" bench "$work/$size.tgb" --fp32 "$work/$size.onnx" --seconds 0
done
echo
echo "== demo release, closed loop"
"$program" bench demo/demo.tgb --seconds "$seconds"
for bench in "${benches[@]}"; do
  echo
  echo "== $(basename "$bench")"
  "$bench" --benchmark_color=false "$@"
done
