#!/usr/bin/env bash
# Makes demo/demo.tgb with the project's own commands: boards from the simulator, a MobileNetV3-Small
# trained on them, INT8, packed with its certificate, and tried on 10,000 parts it has never seen.
# Takes about 15 minutes on 2 idle cores. Needs what `make test` installs (torch).
set -euo pipefail
cd "$(dirname "$0")/.."
program=build/release/taktgate
prep=.deps/python/bin/taktgate-prep
work=build/demo-model
seed_train=1001
seed_unseen=2002

rm -rf "$work"
mkdir -p "$work"
echo "demo model: rendering boards"
"$program" sim --out "$work/boards" --parts 10000 --seed $seed_train --defect-share 0.7 \
  --windows --val 0.08 --test 0.08
echo "demo model: training"
"$prep" train --data "$work/boards/windows.tsv" --size 64 --seed 1 --epochs 14 --threads 2 --out "$work/model.onnx"
echo "demo model: quantising"
"$prep" quantize "$work/model.onnx" --data "$work/boards/windows.tsv" --out "$work/model.int8.onnx"
"$prep" evaluate "$work/model.onnx" "$work/model.int8.onnx" --data "$work/boards/windows.tsv" \
  --split test --json "$work/report.json"
echo "demo model: packing"
"$prep" pack "$work/model.int8.onnx" --data "$work/boards/windows.tsv" --recipe demo/recipe.json \
  --golden "$work/boards/golden.png" --name demo-board --version 1 --certificate "$work/report.json" \
  --out "$work/demo.tgb"
echo "demo model: 10,000 parts it has never seen"
"$program" sim --out "$work/unseen" --parts 10000 --seed $seed_unseen --defect-share 0.5
"$program" inspect "$work/demo.tgb" --data "$work/unseen/parts.tsv" | tail -n 16
cp "$work/demo.tgb" demo/demo.tgb
ls -l demo/demo.tgb
