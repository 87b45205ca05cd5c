"""Real boards, all the way: quantise the reference network, pack it, judge every test window in C++.

Needs the DeepPCB data (never part of this repository); skipped where it is absent.
"""

import csv
import json
import tarfile

import deeppcb
import numpy as np
import pytest
from forms import form
from int8_twins import compare, of_engine
from program import json_lines, must, prep, taktgate

from taktgate_prep.contract.contract import Contract, contract_path
from taktgate_prep.data.load import load_samples
from taktgate_prep.model.model_file import load_model
from taktgate_prep.model.runtime import open_session, run_one
from taktgate_prep.quantise.windows import read
from taktgate_prep.terminal.progress import Progress

pytestmark = pytest.mark.skipif(not deeppcb.DEEPPCB.is_dir(), reason=deeppcb.ABSENT)


@pytest.fixture(scope="module")
def measured(tmp_path_factory):
    """Everything the tests below look at, made once."""
    folder = tmp_path_factory.mktemp("deeppcb")
    made = deeppcb.make(folder)
    must(
        prep(
            *("evaluate", made.fp32, made.int8, "--data", made.data, "--split", "test"),
            *("--contract", made.contract),
            *("--json", folder / "report.json", "--scores", folder / "scores.tsv"),
        )
    )
    done = taktgate("inspect", made.bundle, "--data", made.data, "--split", "test", "--json")
    lines = json_lines(must(done))
    with (folder / "scores.tsv").open() as table:
        python = list(csv.DictReader(table, delimiter="\t"))
    return {
        "made": made,
        "report": json.loads((folder / "report.json").read_text()),
        "record": json.loads(made.int8.with_suffix(".quantise.json").read_text()),
        "python": python,
        "images": lines[:-1],
        "summary": lines[-1],
        "fp32_bytes": made.fp32.stat().st_size,
        "int8_bytes": made.int8.stat().st_size,
        "bundle_bytes": made.bundle.stat().st_size,
    }


def stored_network(bundle) -> int:
    """The bytes of the compiled network as the bundle holds it."""
    with tarfile.open(bundle) as tar:
        return tar.getmember("network.tgn.zst").size


def test_all_test_windows_are_judged(measured):
    assert measured["summary"]["images"] == 5252
    assert len(measured["images"]) == 5252


def test_python_and_cpp_give_the_same_verdict(measured):
    by_row = {int(row["row"]): row for row in measured["python"]}
    same = sum(by_row[line["row"]]["verdict"] == line["verdict"] for line in measured["images"])
    print(f"same verdict in Python and C++: {same} of {len(measured['images'])}")
    assert same >= 0.9995 * len(measured["images"])


def test_int8_loses_less_than_the_promise(measured):
    report = measured["report"]
    print("report:", {k: v for k, v in report.items() if k != "confusion"})
    summary = measured["summary"]
    right = summary["labelled"] - summary["missed"] - summary["false_rejects"]
    fp32_right = report["fp32"]["binary"]["right"]
    loss = 100 * (fp32_right - right) / summary["labelled"]
    low, high = summary["binary_accuracy_95"]
    print(
        f"binary accuracy INT8 in C++: {100 * summary['binary_accuracy']:.3f} % "
        f"(95 % {100 * low:.3f} to {100 * high:.3f}), loss against FP32 {loss:.3f} points"
    )
    print(
        f"model {measured['fp32_bytes']} -> {measured['int8_bytes']} bytes, bundle "
        f"{measured['bundle_bytes']} bytes ({100 * measured['bundle_bytes'] / measured['fp32_bytes']:.1f} %); "
        f"per window {summary['image_us_p50']:.1f} us image, {summary['infer_us_p50']:.1f} us model"
    )
    paired = report["paired"]["binary"]
    print(f"paired: {paired}")
    assert loss <= 0.1
    assert paired["interval95_points"][1] < 0.3
    assert report["size"]["zstd_cut_percent"] >= 75
    assert summary["binary_accuracy"] > 0.985


def test_the_int8_engine_gives_the_same_bytes_everywhere_and_the_class_of_onnx_runtime(measured, tmp_path):
    made, file = measured["made"], tmp_path / "network.tgn"
    print(must(prep("compile", made.int8, "--out", file)))
    contract = Contract.load(contract_path(made.int8, None))
    samples = [sample for sample in load_samples(made.data) if sample.split == "test"]
    count = form("real windows", 1000, len(samples))
    chosen = read([samples[k * len(samples) // count] for k in range(count)], contract, "windows", Progress())
    network, ran = compare(file, pixels=chosen.pixels)
    ours = np.frombuffer(
        b"".join(parts[-1] for parts in of_engine(file, network, chosen.pixels, "scalar")), np.float32
    ).reshape(count, -1)
    session = open_session(load_model(made.int8, contract).to_bytes())
    theirs = np.stack([run_one(session, chosen.tensor(i)) for i in range(count)])
    same = (ours.argmax(axis=1) == theirs.argmax(axis=1)).mean()
    print(
        f"{count} real windows: same bytes by NumPy, plain C++ and {', '.join(ran)}; same class as ONNX Runtime "
        f"{100 * same:.2f} %, same bits of the logits {100 * (ours == theirs).mean():.2f} %"
    )
    stored = stored_network(made.bundle)
    print(f"network.tgn.zst: {stored:,} bytes, {100 * (1 - stored / measured['fp32_bytes']):.2f} % cut")
    assert network.weight_bits == 7
    assert stored <= 0.20 * measured["fp32_bytes"]
    assert len(np.unique(ours.argmax(axis=1))) > 1
    assert same >= 0.998


def test_the_search_is_on_record(measured):
    record = measured["record"]
    chosen = [trial for trial in record["search"] if trial["chosen"]]
    print(f"{len(record['search'])} trials, chosen: {chosen}")
    assert len(chosen) == 1
    assert chosen[0]["float_nodes"] == 0 or chosen[0]["hard_swish"] == "float"
    assert record["nodes"]["optimised"]["QLinearConv"] == 52
    assert record["nodes"]["optimised"]["QGemm"] == 2
    assert record["extra_outputs"]["outputs"] == ["channel_means", "embedding", "class_map"]
