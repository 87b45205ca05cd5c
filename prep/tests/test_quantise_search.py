"""The search: its rule, its stages, its last resorts; the same model for the same seed."""

from __future__ import annotations

import itertools
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import quantise_sets

from taktgate_prep.compile.compiler import compiled
from taktgate_prep.engine.deciding import INT8_ENGINE, ONNX_RUNTIME, Runtime
from taktgate_prep.errors import InputError
from taktgate_prep.model.model_file import Model
from taktgate_prep.quantise import choose, last_resort, stages
from taktgate_prep.quantise.bench import Bench
from taktgate_prep.quantise.bias import bias_shifts
from taktgate_prep.quantise.equalise import groups
from taktgate_prep.quantise.float_graph import FloatGraph
from taktgate_prep.quantise.left_float import Counts
from taktgate_prep.quantise.observe import observe
from taktgate_prep.quantise.plan import Plan
from taktgate_prep.quantise.qdq import write
from taktgate_prep.quantise.ranges import ranges
from taktgate_prep.quantise.refine import refine_ranges
from taktgate_prep.quantise.refit import refit
from taktgate_prep.quantise.score import Paired, Validation, decibel, logits_of, pair
from taktgate_prep.quantise.search import Found, Wish, search
from taktgate_prep.quantise.stages import Calibration
from taktgate_prep.quantise.trial import Reference, Setting, Trial, reference, try_setting
from taktgate_prep.quantise.weight_bits import seven_bits
from taktgate_prep.terminal.progress import Progress

Ready = tuple[FloatGraph, Calibration, Validation]
SHORT = ("minmax", "percentile 99.9")


@pytest.fixture(scope="module")
def ready(tmp_path_factory: pytest.TempPathFactory) -> Ready:
    return quantise_sets.balanced_graph(tmp_path_factory.mktemp("net"))


@pytest.fixture(scope="module")
def found(ready: Ready) -> Found:
    return search(*ready, Wish("integer", max_loss=5, calibrators=SHORT), Progress())


def observed(graph: FloatGraph, calibration: Calibration) -> Plan:
    return Plan(ranges(graph, observe(graph, calibration.windows, calibration.draws[:1], lambda _: None)[0], "minmax"))


def sqnr(ready: Ready, graph: FloatGraph, plan: Plan) -> float:
    windows = ready[2].windows
    wanted = logits_of(ready[0].proto.SerializeToString(), "float", windows)
    return decibel(wanted, logits_of(write(graph, plan).SerializeToString(), "int8", windows))


def trial(calibrator: str, draw: int, lost: int, won: int, sqnr_db: float, refused: str = "") -> Trial:
    """A trial of 1,000 windows of which the float model has the last 50 wrong."""
    right = np.arange(1000) < 950
    after = right.copy()
    after[:lost] = False
    after[1000 - won :] = True
    return Trial(
        "calibrator",
        Setting(calibrator, draw),
        None,
        Plan({}),
        np.zeros((0, 2), np.float32),
        after,
        pair(right, after),
        sqnr_db,
        None,
        Runtime(INT8_ENGINE, "the INT8 engine"),
        refused,
    )


def test_a_loss_beyond_chance_outweighs_clean_logits() -> None:
    bad = [trial("clean", draw, 15, 0, 30.0) for draw in (0, 1)]
    good = [trial("noisy", draw, 1, 1, 20.0) for draw in (0, 1)]
    assert choose.best([*bad, *good]) is good[0]


def test_within_chance_the_mean_over_draws_decides_then_the_draw() -> None:
    lucky = [trial("lucky", 0, 0, 0, 28.0), trial("lucky", 1, 1, 0, 18.0)]
    steady = [trial("steady", 0, 2, 1, 25.0), trial("steady", 1, 1, 1, 26.0)]
    assert choose.best([*lucky, *steady]) is steady[1]


def test_a_collapse_on_one_draw_and_refused_trials_are_not_taken() -> None:
    refused = trial("float", 0, 0, 0, 60.0, "a Conv stays float")
    collapsed = [trial("entropy", 0, 300, 0, 24.0), trial("entropy", 1, 250, 5, 24.0)]
    fine = [trial("minmax", 0, 3, 2, 22.0), trial("minmax", 1, 2, 2, 21.0)]
    assert choose.best([refused, *collapsed, *fine]) is fine[0]
    assert choose.best([refused]) is None


@pytest.mark.parametrize(
    ("lost", "won", "count", "short"),
    [
        (3, 0, 1000, False),
        (4, 0, 1000, True),
        (10, 7, 1000, False),
        (1, 0, 100, False),
        (3, 2, 100, False),
        (3, 1, 100, True),
        (3, 0, 33, True),
    ],
)  # few windows: one net
def test_what_falls_short(lost: int, won: int, count: int, short: bool) -> None:
    assert choose.falls_short(Paired(lost, won, count), 0.3) is short


def test_every_stage_leaves_its_rows(found: Found) -> None:
    rows = [trial.row(trial is found.chosen) for trial in found.trials]
    assert {row["stage"] for row in rows} >= {
        "calibrator",
        "equalisation",
        "last layer",
        "bias correction",
        "7-bit weights",
        "hard-swish",
    }
    assert {row["runtime"] for row in rows} == {INT8_ENGINE}
    assert sum(row["chosen"] for row in rows) == 1
    assert len({(row["calibrator"], row["draw"]) for row in rows if row["stage"] == "calibrator"}) == 4
    assert rows[-1]["hard_swish"] == "integer"
    assert rows[-1]["float_nodes"] == 0
    for row in rows:
        assert row["interval95_points"][0] <= row["loss_points"] <= row["interval95_points"][1]


def test_same_seed_same_model(ready: Ready, found: Found) -> None:
    again = search(*ready, Wish("integer", max_loss=5, calibrators=SHORT), Progress())
    assert again.chosen.setting == found.chosen.setting
    models = [write(one.chosen.graph, one.chosen.plan).SerializeToString(deterministic=True) for one in (found, again)]
    assert models[0] == models[1]


@pytest.mark.parametrize("ratio", [0.01, 100.0])
def test_no_measured_time_enters_the_choice(ready: Ready, monkeypatch: pytest.MonkeyPatch, ratio: float) -> None:
    """Whether the integer form measures as far faster or far slower, the same form is taken, and the time is told."""
    calm = search(*ready, Wish("auto", max_loss=5, calibrators=SHORT), Progress())
    monkeypatch.setattr(stages, "time_ratio", lambda *_: ratio)
    busy = search(*ready, Wish("auto", max_loss=5, calibrators=SHORT), Progress())
    assert busy.chosen.setting == calm.chosen.setting
    assert calm.gates is not None and busy.gates is not None
    assert (busy.gates.taken, busy.gates.time_ratio) == (calm.gates.taken, ratio)


def test_a_search_that_takes_days_is_the_same_search(
    ready: Ready, found: Found, monkeypatch: pytest.MonkeyPatch
) -> None:
    days = itertools.count(step=86_400)
    monkeypatch.setattr(time, "monotonic", lambda: float(next(days)))
    slow = search(*ready, Wish("integer", max_loss=5, calibrators=SHORT), Progress())
    assert [one.row(one is slow.chosen) for one in slow.trials] == [
        one.row(one is found.chosen) for one in found.trials
    ]


@pytest.mark.parametrize(
    ("lost", "won", "sqnr_db", "over_draws", "against"),
    [
        (0, 0, 25.0, False, ""),
        (3, 0, 25.0, False, ""),  # within chance
        (0, 0, 23.0, False, ""),
        (0, 0, 22.9, False, "logits -2.1 dB"),
        (9, 0, 25.0, False, "9 validation windows lost and 0 won against 8 bits, more than chance; "
         "9 windows lost and 0 won against the float model"),
        (5, 2, 25.0, False, ""),
        (6, 2, 25.0, False, "6 windows lost and 2 won against the float model"),
        (0, 0, 25.0, True, "over the draws more windows lost than chance allows"),
    ],
)  # fmt: skip
def test_what_speaks_against_seven_bits(lost: int, won: int, sqnr_db: float, over_draws: bool, against: str) -> None:
    plain, narrow = trial("a", 0, 0, 0, 25.0), trial("a", 0, lost, won, sqnr_db)
    assert choose.against_seven_bits(narrow, plain, over_draws, 0.3) == against


def test_clean_logits_may_become_noisier() -> None:
    assert choose.against_seven_bits(trial("a", 0, 0, 0, 35.5), trial("a", 0, 0, 0, 45.0), False, 0.3) == ""


def largest_weight(found: Found, ready: Ready) -> int:
    proto = write(found.chosen.graph, found.chosen.plan)
    network = compiled(Model(proto, Path("net"), 0, "", ()), ready[2].windows.contract)
    sizes = [int(np.abs(one.weights.astype(int)).max(initial=0)) for one in network.operations]
    assert network.weight_bits == (7 if max(sizes) <= 64 else 8)
    return max(sizes)


def test_seven_bits_are_taken_where_validation_shows_no_loss(ready: Ready, found: Found) -> None:
    assert found.weights is not None and found.weights.taken and found.weights.reason == ""
    assert found.chosen.setting.weight_bits == 7 and largest_weight(found, ready) == 64
    of_stage = [one for one in found.trials if one.stage == "7-bit weights"]
    assert {(one.setting.draw, one.setting.weight_bits) for one in of_stage} >= {(0, 7), (1, 7)}
    assert found.weights.draws.count == 2 * found.weights.paired.count
    assert {one.setting.refitted for one in of_stage} == {found.chosen.setting.refitted}


def test_eight_bits_stay_where_seven_lose(ready: Ready, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(choose, "against_seven_bits", lambda *_: "it loses")
    wide = search(*ready, Wish("integer", max_loss=5, calibrators=SHORT), Progress())
    assert wide.weights is not None and (wide.weights.taken, wide.weights.reason) == (False, "it loses")
    assert wide.chosen.setting.weight_bits == 8 and largest_weight(wide, ready) == 127
    asked = search(*ready, Wish("integer", "7", max_loss=5, calibrators=SHORT), Progress())
    assert asked.weights is not None and asked.weights.taken and asked.chosen.setting.weight_bits == 7


def test_weight_bits_that_are_given_are_not_searched(ready: Ready) -> None:
    for bits, fixed, came in (("8", False, 8), ("auto", True, 8), ("7", True, 7)):
        given = search(*ready, Wish("float", bits, max_loss=5, calibrators=("minmax",), fixed=fixed), Progress())
        assert given.chosen.setting.weight_bits == came
        assert (given.weights is None) == (came == 8)


def test_biases_are_corrected_for_seven_bits_anew(ready: Ready) -> None:
    graph, calibration, validation = ready
    bench = Bench(reference(graph, validation), Progress())
    stages.calibrate(bench, graph, calibration, ("minmax",))
    base = bench.trials[0]
    plan = stages.corrected(bench, base, base.plan, calibration)
    assert plan is not None
    plain = bench.try_("bias correction", replace(base.setting, bias_correction=True), graph, plan)
    narrow, proof = seven_bits(bench, plain, calibration, 5, True)
    assert proof.taken and narrow.setting.bias_correction and narrow.setting.weight_bits == 7
    assert narrow.plan.bias_shifts.keys() == plan.bias_shifts.keys()
    assert any(not np.array_equal(narrow.plan.bias_shifts[name], plan.bias_shifts[name]) for name in plan.bias_shifts)


def test_a_trial_that_the_engine_does_not_take_says_so(ready: Ready) -> None:
    graph, calibration, validation = ready
    plan = replace(observed(graph, calibration), left_float=frozenset({graph.heavy[0].name}))
    mixed = try_setting("last resort", Setting("minmax", 0), graph, plan, reference(graph, validation))
    assert mixed.runtime.name == ONNX_RUNTIME and mixed.runtime.why_not.startswith("node ")
    assert mixed.row(False)["runtime"] == ONNX_RUNTIME


def test_of_equals_the_first_is_taken_and_no_count_of_operators_decides() -> None:
    """How many operators a runtime makes of a graph depends on its version and on the CPU."""
    few, many = (Counts({}, {"QLinearConv": count}) for count in (1, 9))
    first, second = (replace(trial(name, 0, 0, 0, 25.0), counts=counts) for name, counts in (("a", many), ("b", few)))
    assert choose.cleanest_of_equals([first, second]) is first
    assert choose.cleanest_of_equals([second, first]) is second


def test_equalisation_stops_at_hard_swish(ready: Ready) -> None:
    graph = ready[0]
    tensors = {name for group in groups(graph) for name in group.tensors}
    for node in graph.proto.graph.node:
        if node.op_type == "HardSigmoid":
            assert not {node.input[0], node.output[0]} & tensors
    assert not {"input", "logits"} & tensors


def test_bias_correction_takes_a_shift_back(ready: Ready) -> None:
    """A plan whose first layer is moved on purpose: correction finds the shift."""
    graph, calibration, _ = ready
    plan = observed(graph, calibration)
    shifts = bias_shifts(graph, plan, calibration.windows.take(range(64, 96)), lambda _: None)
    assert set(shifts) == {node.name for node in graph.heavy}
    first = graph.heavy[0]
    moved = {name: value - 0.3 if name == first.input[2] else value for name, value in graph.weights.items()}
    found = bias_shifts(
        graph,
        replace(plan, refitted={first.input[2]: moved[first.input[2]]}),
        calibration.windows.take(range(64, 96)),
        lambda _: None,
    )
    assert found[first.name] - shifts[first.name] == pytest.approx(0.3, abs=0.02)


def test_refitting_the_last_layer_takes_a_distortion_back(ready: Ready) -> None:
    graph, calibration, _ = ready
    plan = observed(graph, calibration)
    first = graph.result_of(graph.heavy[0])
    narrow = replace(plan, ranges={**plan.ranges, first: (plan.ranges[first][0], plan.ranges[first][1] / 4)})
    fitted = replace(narrow, refitted=refit(graph, narrow, calibration.windows, calibration.float_logits(graph)))
    assert sqnr(ready, graph, fitted) > sqnr(ready, graph, narrow)


def test_ranges_tensor_by_tensor_make_the_logits_cleaner(ready: Ready) -> None:
    graph, calibration, _ = ready
    full = observed(graph, calibration)
    broken = graph.result_of(graph.heavy[0])
    narrow = replace(full, ranges={**full.ranges, broken: (full.ranges[broken][0], full.ranges[broken][1] / 20)})
    best = refine_ranges(graph, narrow, [full.ranges], calibration.windows.take(range(24)), lambda _: None)
    assert best[broken] == full.ranges[broken]
    assert sqnr(ready, graph, Plan(best)) > sqnr(ready, graph, narrow) + 3


def harmed(ready: Ready) -> tuple[Bench, Trial]:
    """A bench with one trial, whose ranges are far too narrow in one layer."""
    graph, calibration, validation = ready
    bench = Bench(reference(graph, validation), Progress())
    plan = observed(graph, calibration)
    broken = graph.result_of(graph.heavy[0])
    plan = replace(plan, ranges={**plan.ranges, broken: (plan.ranges[broken][0] / 50, plan.ranges[broken][1] / 50)})
    return bench, bench.try_("calibrator", Setting("broken", 0), graph, plan)


def test_a_refusal_names_the_layers_that_cost_most(ready: Ready, monkeypatch: pytest.MonkeyPatch) -> None:
    bench, bad = harmed(ready)
    assert choose.falls_short(bad.paired, 0.3)
    monkeypatch.setattr(last_resort, "_LAYERS", ())
    with pytest.raises(InputError) as error:
        last_resort.rescue(bench, bad, ready[1], 0.3)
    first = ready[0].heavy[0].name
    assert f"quantised: {first} (" in str(error.value)
    assert "expected a setting that loses at most 0.3 points" in str(error.value)
    assert "validation windows" in str(error.value)


def test_the_costliest_layers_stay_float_where_that_helps(ready: Ready) -> None:
    bench, bad = harmed(ready)
    saved = last_resort.rescue(bench, bad, ready[1], 5)
    assert 0 < saved.setting.left_float < len(ready[0].heavy)
    assert ready[0].heavy[0].name in saved.plan.left_float
    assert not choose.falls_short(saved.paired, 5)
    assert "stay in float" in bench.notes[-1]
    assert saved.counts is not None
    assert saved.counts.optimised["QLinearConv"] < 7


def test_a_trial_with_a_layer_in_float_by_accident_is_refused(ready: Ready, monkeypatch: pytest.MonkeyPatch) -> None:
    graph, calibration, validation = ready
    against: Reference = reference(graph, validation)

    def accident(*_: object) -> None:
        raise InputError("m.onnx: expected integers, got a Conv in float: look")

    monkeypatch.setattr("taktgate_prep.quantise.trial.count_nodes", accident)
    row = try_setting("calibrator", Setting("minmax", 0), graph, observed(graph, calibration), against).row(False)
    assert "a Conv in float" in row["note"]


def test_windows_without_labels_count_for_noise_alone(ready: Ready) -> None:
    graph, calibration, validation = ready
    silent = Validation(validation.windows, np.full_like(validation.labels, -1))
    found = search(graph, calibration, silent, Wish("float", calibrators=("minmax",), fixed=True), Progress())
    assert found.chosen.paired == Paired(0, 0, 0)
    assert found.chosen.row(True)["loss_points"] is None
    assert found.chosen.sqnr_db > 15
