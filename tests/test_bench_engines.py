"""The logic of `make bench-engines`: its processes, figures and tables. No peer is needed and no time counts."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper
from program import ROOT

sys.path.insert(0, str(ROOT / "bench"))

from engines import figures, goals, page, pauses, report, rows
from engines.networks import Network, named
from engines.pauses import Paused
from engines.rounds import Outcome, measure
from engines.rows import TO_BEAT, Row

NETWORK = Network("tiny", "small", 8, 1, 3)


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A convolution and a fully connected layer with what the workers read beside it."""
    folder = tmp_path_factory.mktemp("tiny")
    rng = np.random.default_rng(1)
    weights = {
        "w": rng.normal(0, 1, (4, 1, 3, 3)),
        "v": rng.normal(0, 1, (3, 4)),
        "b": rng.normal(0, 1, 3),
    }
    nodes = [
        helper.make_node("Conv", ["input", "w"], ["maps"], kernel_shape=[3, 3], strides=[2, 2], pads=[0, 0, 1, 1]),
        helper.make_node("GlobalAveragePool", ["maps"], ["pooled"]),
        helper.make_node("Flatten", ["pooled"], ["vector"]),
        helper.make_node("Gemm", ["vector", "v", "b"], ["logits"], transB=1),
    ]
    graph = helper.make_graph(
        nodes,
        "tiny",
        [helper.make_tensor_value_info("input", TensorProto.FLOAT, [1, 1, 8, 8])],
        [helper.make_tensor_value_info("logits", TensorProto.FLOAT, [1, 3])],
        [numpy_helper.from_array(value.astype(np.float32), name) for name, value in weights.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.save(model, str(folder / "fp32.onnx"))
    tensors = rng.normal(0, 1, (4, 1, 8, 8)).astype(np.float32)
    padded = np.pad(tensors[:, 0], ((0, 0), (0, 1), (0, 1)))
    taps = sum(
        padded[:, None, y : y + 7 : 2, x : x + 7 : 2] * weights["w"][None, :, 0, y, x, None, None]
        for y in range(3)
        for x in range(3)
    )
    np.save(folder / "tensors.npy", tensors)
    np.save(folder / "reference.npy", taps.mean(axis=(2, 3)) @ weights["v"].T + weights["b"])
    return folder


def test_each_row_has_a_process_and_a_broken_one_does_not_stop_the_others(tiny: Path) -> None:
    python = Path(sys.executable)
    given = [
        Row("first", "onnxruntime", python, "", {"form": "fp32"}),
        Row("broken", "onnxruntime", python, "", {"form": "missing"}),
        Row("second", "onnxruntime", python, "", {"form": "fp32", "exact": "yes"}),
    ]
    said: list[str] = []
    outcomes, failed = measure(given, tiny, min(os.sched_getaffinity(0)), 3, 5, said.append)
    assert list(failed) == ["broken"]
    assert "missing.onnx" in failed["broken"]
    for outcome in outcomes.values():
        assert [len(one) for one in outcome.rounds] == [5, 5, 5]
        assert np.allclose(outcome.logits, np.load(tiny / "reference.npy"), atol=1e-4)
    assert list(outcomes) == ["first", "second"]


def test_multiplications_are_those_of_convolutions_and_fully_connected_layers(tiny: Path) -> None:
    assert report.multiplications(tiny) == 4 * 4 * 4 * 9 + 3 * 4


def test_a_run_that_was_held_up_changes_no_ratio() -> None:
    other = [[100, 110, 120] for _ in range(9)]
    ours = [[50, 55, 60] for _ in range(9)]
    ours[4] = [50, 5000, 9000]
    found = figures.ratio(ours, other)
    assert (found.median, found.low, found.high, found.least) == (0.5, 0.5, 0.5, 0.5)


def test_the_interval_holds_the_median_and_grows_with_what_rounds_differ_by() -> None:
    other = [[100]] * 30
    calm, wild = ([[int(50 + k % 5 * width)] for k in range(30)] for width in (1, 10))
    narrow, wide = figures.ratio(calm, other), figures.ratio(wild, other)
    for found in (narrow, wide):
        assert found.low <= found.median <= found.high
    assert wide.high - wide.low > narrow.high - narrow.low > 0


def test_times_are_of_all_runs() -> None:
    assert figures.times([[2_000_000, 1_000_000], [3_000_000, 9_000_000]]) == figures.Times(4, 1.0, 3.0, 9.0)


def test_what_all_images_share_does_not_make_answers_alike() -> None:
    reference = np.random.default_rng(2).normal(0, 1, (20, 5))
    assert figures.similarity(3 * reference + 7, reference) == pytest.approx(1)
    assert figures.similarity(-reference, reference) == pytest.approx(-1)
    assert figures.similarity(np.ones((20, 5)), reference) == 0


def test_the_peak_bounds_what_the_core_does() -> None:
    assert figures.percent_of_peak(50_000_000, 1.0, 1e11) == 50
    assert figures.percent_of_peak(50_000_000, 1.0, None) is None


def test_everyone_goes_first_in_turns() -> None:
    assert [figures.rotated(["a", "b", "c"], turn)[0] for turn in range(4)] == ["a", "b", "c", "a"]


def test_the_table_has_the_fastest_first_and_says_what_did_not_run() -> None:
    reference = np.arange(12.0).reshape(4, 3)
    given = [Row(TO_BEAT, "litert", Path("x"), "best"), Row("taktgate, avx2", "taktgate", Path("x"), "avx2")]
    slow, fast = [[1_000_000] * 3] * 4, [[400_000] * 3] * 4
    outcomes = {TO_BEAT: Outcome("1", reference, slow), "taktgate, avx2": Outcome("avx2", reference, fast)}
    found = report.lines(given, outcomes, 10_000_000, reference, {"best": 0.0, "avx2": 1e11})
    assert [line.name for line in found] == ["taktgate, avx2", TO_BEAT]
    text = report.table(NETWORK, 10_000_000, found, {"taktgate, neon": "this CPU does not have it"})
    assert "| taktgate, avx2 | 0.4000 | 0.4000 | 0.4000 | 0.400 [0.400, 0.400] | 0.400 | 25 | 1.000 |" in text
    assert "| taktgate, neon | *not run here*: this CPU does not have it |" in text
    widths = {line.count("|") for line in text.splitlines() if line.startswith("|")}
    assert len(widths) == 1
    assert report.as_json(NETWORK, 10_000_000, found, {})["rows"][0]["ratio"]["median"] == 0.4


def test_the_floor_is_the_network_at_the_peak_of_the_core() -> None:
    text = report.floors({"avx2": 4e11, "scalar": 0.0}, 100_000_000)
    assert text.endswith("(this network at the peak): avx2 400 (0.250 ms).")


def of_small_224(times: dict[str, float], alike: dict[str, float] | None = None) -> dict[str, Any]:
    """What the bench found, as report.as_json gives it; alike: of rows whose answers are not the network's."""
    rows = [
        {"name": name, "times": {"least": least}, "alike": (alike or {}).get(name, 0.95)}
        for name, least in times.items()
    ]
    return {"network": {"name": "small-224"}, "rows": rows}


def test_goals_are_against_the_fastest_form_of_a_runtime() -> None:
    times = {
        "taktgate, avx512-vnni": 0.24,
        "LiteRT INT8, as converted": 2.8,
        TO_BEAT: 0.5,
        "ONNX Runtime INT8": 1.1,
        "ONNX Runtime INT8, integer gates": 0.9,
    }
    text = goals.table([of_small_224(times)])
    assert f"| small-224 | taktgate, avx512-vnni | 0.5 | {TO_BEAT} | 0.480 | yes |" in text
    assert "| small-224 | taktgate, avx512-vnni | 0.25 | ONNX Runtime INT8, integer gates | 0.267 | no |" in text
    assert "| small-224 | taktgate, avx2 | 0.5 | the fastest of all others | *not run here* | |" in text
    assert len(text.splitlines()) == 2 + len(goals.GOALS)


def test_a_row_with_other_answers_is_marked_and_no_goal_is_against_it() -> None:
    times = {"taktgate, avx2": 0.3, "OpenVINO INT8": 0.4, "LiteRT FP32": 1.0, "OpenVINO FP32, true, AVX2": 0.5}
    text = goals.table([of_small_224(times, {"OpenVINO INT8": 0.79})])
    assert "| small-224 | taktgate, avx2 | 0.5 | OpenVINO FP32, true, AVX2 | 0.600 | no |" in text
    text = goals.table([of_small_224(times, {"OpenVINO INT8": 0.8})])
    assert "| small-224 | taktgate, avx2 | 0.5 | OpenVINO INT8 | 0.750 | no |" in text
    text = goals.table([of_small_224(times, {"taktgate, avx2": 0.1})])
    assert "| small-224 | taktgate, avx2 | 0.5 | the fastest of all others | *other answers* | no |" in text

    reference = np.random.default_rng(3).normal(0, 1, (20, 3))
    given = [Row("same", "ncnn", Path("x"), ""), Row("other", "ncnn", Path("x"), "")]
    once = [[1_000_000]]
    outcomes = {"same": Outcome("1", reference, once), "other": Outcome("1", reference[::-1].copy(), once)}
    said = report.table(NETWORK, 1, report.lines(given, outcomes, 1, reference, {}), {}).splitlines()
    assert ["other answers" in line for line in said if line.startswith(("| same", "| other"))] == [False, True]


def test_avx2_has_goals_against_peers_that_are_held_to_avx2_too() -> None:
    times = {"taktgate, avx2": 0.3, "LiteRT FP32": 0.4, "OpenVINO FP32, true, AVX2": 0.75}
    text = goals.table([of_small_224(times)])
    assert "| small-224 | taktgate, avx2 | 0.5 | LiteRT FP32 | 0.750 | no |" in text
    assert "| small-224 | taktgate, avx2 | 0.5 | OpenVINO FP32, true, AVX2 | 0.400 | yes |" in text


def test_a_first_run_is_compared_with_runs_back_to_back() -> None:
    found = {"ours": Paused([[100_000, 120_000, 900_000]] * 3, [[150_000, 180_000, 800_000]] * 3)}
    text = pauses.table(NETWORK, 10, found)
    assert "| ours | 0.1000 | 0.1200 | 0.1500 | 0.1800 | 1.50 | 1.50 |" in text
    assert len({line.count("|") for line in text.splitlines() if line.startswith("|")}) == 1


def test_runs_after_a_pause_are_measured_in_the_same_processes(tiny: Path) -> None:
    row = Row("first", "onnxruntime", Path(sys.executable), "", {"form": "fp32"})
    found = pauses.measure([row], tiny, min(os.sched_getaffinity(0)), 2, 4, 1, lambda _: None)
    assert [len(one) for one in found["first"].back_to_back] == [4, 4]
    assert [len(one) for one in found["first"].after_pause] == [pauses.RUNS, pauses.RUNS]


def test_a_network_that_there_is_not_is_refused() -> None:
    assert [network.name for network in named("small-224,large-224")] == ["small-224", "large-224"]
    with pytest.raises(SystemExit, match="got small-1"):
        named("small-1")


def test_8_bit_weights_have_a_row_where_they_need_kernels_of_their_own() -> None:
    names = [row.name for row in rows.ours(["avx512-vnni", "avx2"])]
    assert names == ["taktgate, avx512-vnni", "taktgate, avx2", "taktgate, avx2, 8-bit weights"]


def test_only_what_is_measured_is_written_anew(tmp_path: Path) -> None:
    file = tmp_path / "page.md"
    file.write_text("# Page\n<!-- a: measured -->\n\nold\n\n<!-- a: end -->\nrest\n", encoding="utf-8")
    for _ in range(2):
        page.write_page(file, "a", ["new", "table"])
    assert file.read_text(encoding="utf-8") == (
        "# Page\n<!-- a: measured -->\n\nnew\n\ntable\n\n<!-- a: end -->\nrest\n"
    )
    with pytest.raises(SystemExit, match="b: measured"):
        page.write_page(file, "b", ["new"])
    for part in ("goals", "engines", "pauses", "layers"):  # the page has them
        kept = (ROOT / "docs" / "performance.md").read_text(encoding="utf-8")
        assert kept.count(f"<!-- {part}: measured -->") == kept.count(f"<!-- {part}: end -->") == 1


def test_prose_of_the_page_is_as_wide_as_pages_are() -> None:
    assert max(len(line) for line in page.wrapped("word " * 90).splitlines()) <= 100
    table = f"| {'a' * 120} |\n|---|"
    assert page.wrapped(table) == table


def test_a_table_without_what_lines_it_up() -> None:
    assert page.squeezed("| kind   |  us |\n|---|---|\n| add    | 1.0 |") == "| kind | us |\n|---|---|\n| add | 1.0 |"
