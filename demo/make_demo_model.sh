#!/usr/bin/env bash
# Makes demo/demo.tgb with the project's own commands: boards from the simulator, a MobileNetV3-Small
# trained on them, INT8, its thresholds, packed with its certificate, and tried on 10,000 parts it
# has never seen. Only a release that is accurate and small enough there takes the old one's place.
# Takes about 15 minutes on 2 idle cores. Needs what `make test` installs (torch).
set -euo pipefail
cd "$(dirname "$0")/.."
program=build/release/taktgate
python=.deps/python/bin/python
prep=.deps/python/bin/taktgate-prep
work=build/demo-model
seed_train=1001
seed_unseen=2002
cost=4:1 # of a missed defect and of a false reject
least_accuracy=0.992 # good or defect, by verdict, over the unseen parts
most_bytes=2700000 # ONNX model and compiled network

die() {
  echo "demo model: $*; demo/demo.tgb is left as it was" >&2
  exit 1
}

# accurate_enough SUMMARY: prints what `taktgate inspect --json` says at its end
accurate_enough() {
  "$python" - "$1" "$least_accuracy" <<'PYTHON'
import json
import sys

summary, least = json.loads(sys.argv[1]), float(sys.argv[2])
low, high = summary["binary_accuracy_95"]
print(f"good or defect {100 * summary['binary_accuracy']:.3f} % of {summary['labelled']} "
      f"(95 % interval {100 * low:.3f} to {100 * high:.3f}), at least {100 * least:g} % is needed")
print(f"missed {summary['missed']}, false rejects {summary['false_rejects']}, "
      f"class {100 * summary['accuracy']:.3f} %")
print("confusion (rows: truth, columns: class)", *summary["confusion"], sep="\n  ")
sys.exit(summary["binary_accuracy"] < least)
PYTHON
}

rm -rf "$work"
mkdir -p "$work"
echo "demo model: rendering boards"
"$program" sim --out "$work/boards" --parts 12000 --seed $seed_train --defect-share 0.7 \
  --windows --val 0.1 --test 0.17
echo "demo model: training"
"$prep" train --data "$work/boards/windows.tsv" --size 64 --seed 1 --epochs 30 --threads 2 \
  --out "$work/model.onnx"
echo "demo model: quantising"
"$prep" quantise "$work/model.onnx" --data "$work/boards/windows.tsv" --out "$work/model.int8.onnx"
echo "demo model: thresholds"
"$prep" thresholds "$work/model.int8.onnx" --data "$work/boards/windows.tsv" --cost $cost \
  --out "$work/thresholds.json"
"$prep" evaluate "$work/model.onnx" "$work/model.int8.onnx" --data "$work/boards/windows.tsv" \
  --split test --thresholds "$work/thresholds.json" --json "$work/report.json"
echo "demo model: packing"
"$prep" pack "$work/model.int8.onnx" --data "$work/boards/windows.tsv" --recipe demo/recipe.json \
  --golden "$work/boards/golden.png" --name demo-board --version 1 \
  --thresholds "$work/thresholds.json" --certificate "$work/report.json" --out "$work/demo.tgb"
echo "demo model: 10,000 parts it has never seen"
"$program" sim --out "$work/unseen" --parts 10000 --seed $seed_unseen --defect-share 0.5
summary=$("$program" inspect "$work/demo.tgb" --data "$work/unseen/parts.tsv" --json | tail -n 1) ||
  die "some of the unseen parts could not be judged; the lines above say which"
accurate_enough "$summary" ||
  die "expected an accuracy of at least $least_accuracy on unseen parts, got what the lines above say:" \
    "train longer or look at $work"
bytes=$(stat --format %s "$work/demo.tgb")
[ "$bytes" -le $most_bytes ] ||
  die "expected a bundle of at most $most_bytes bytes, got $bytes: use a smaller network"
cp "$work/demo.tgb" demo/demo.tgb.new
mv demo/demo.tgb.new demo/demo.tgb
ls -l demo/demo.tgb
