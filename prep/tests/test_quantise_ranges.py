"""Calibration: draws, histograms, calibrators."""

from __future__ import annotations

from pathlib import Path

import nets
import numpy as np
import pytest
import quantise_sets

from taktgate_prep.data.sample import Sample
from taktgate_prep.errors import InputError
from taktgate_prep.quantise.draws import draws, missing_classes
from taktgate_prep.quantise.observe import BINS, Histogram, observe, watch
from taktgate_prep.quantise.ranges import clipped, mse_range, percentile_range


def histogram(values: np.ndarray) -> Histogram:
    low, high = float(values.min()), float(values.max())
    start, width = min(low, 0.0), (max(high, 0.0) - min(low, 0.0)) / BINS
    counts = np.bincount(np.clip((values - start) / width, 0, BINS - 1).astype(int), minlength=BINS)
    return Histogram(low, high, counts, start, width)


def test_draws_of_one_pass_equal_draws_alone(tmp_path: Path) -> None:
    graph, calibration, _ = quantise_sets.balanced_graph(tmp_path)
    together = observe(graph, calibration.windows, calibration.draws, lambda _: None)
    run = watch(graph, graph.activations())
    for draw, found in zip(calibration.draws, together, strict=True):
        values = [run(calibration.windows.tensor(row)) for row in draw]
        for k, name in enumerate(graph.activations()):
            assert found[name].low == min(float(row[k].min()) for row in values)
            assert found[name].high == max(float(row[k].max()) for row in values)
            assert found[name].counts.sum() == sum(row[k].size for row in values)


def test_percentile_cuts_the_tails_it_says() -> None:
    values = np.random.default_rng(0).normal(0, 1, 200_000)
    low, high = percentile_range(histogram(values), 99.0)
    assert low == pytest.approx(np.percentile(values, 0.5), abs=0.02)
    assert high == pytest.approx(np.percentile(values, 99.5), abs=0.02)
    assert percentile_range(histogram(values), 100.0) == pytest.approx((values.min(), values.max()))


def rounding_error(values: np.ndarray, ends: tuple[float, float]) -> float:
    step = (max(ends[1], 0) - min(ends[0], 0)) / 255
    zero = np.round(-min(ends[0], 0) / step)
    codes = np.clip(np.round(values / step) + zero, 0, 255)
    return float(np.square((codes - zero) * step - values).mean())


def test_mse_beats_both_ends_of_the_percentiles_on_heavy_tails() -> None:
    values = np.random.default_rng(1).standard_t(4, 100_000)
    found = histogram(values)
    best = rounding_error(values, mse_range(found))
    assert best < 0.9 * rounding_error(values, (found.low, found.high))
    assert best < 0.9 * rounding_error(values, percentile_range(found, 99.0))


def test_what_a_gate_never_sees_is_clipped_before(tmp_path: Path) -> None:
    graph, _, _ = quantise_sets.balanced_graph(tmp_path)
    gates = [node for node in graph.proto.graph.node if node.op_type == "HardSigmoid"]
    swish = next(node for node in gates if len(graph.users[node.input[0]]) == 2)
    alone = next(node for node in gates if len(graph.users[node.input[0]]) == 1)
    assert graph.useful_range(swish.input[0]) == pytest.approx((-3.0, np.inf))
    assert graph.useful_range(alone.input[0]) == pytest.approx((-3.0, 3.0))
    assert graph.useful_range(swish.output[0]) == (0.0, 1.0)
    assert graph.useful_range("input") == (-np.inf, np.inf)
    found = histogram(np.linspace(-8, 8, 1001))
    inside = clipped(found, (-3.0, np.inf))
    assert (inside.low, inside.high) == (-3.0, 8.0)
    assert inside.counts.sum() == 1001
    assert percentile_range(inside, 99.0)[0] == pytest.approx(-3.0, abs=0.01)


def samples(labels: list[str | None]) -> list[Sample]:
    return [Sample(Path("a"), None, None, label, str(i), "train", None, i + 1, "l") for i, label in enumerate(labels)]


def test_draws_are_balanced_seeded_and_leave_something_out() -> None:
    contract = nets.contract_for(names=("good", "dot", "rare"))
    rows = samples(["good"] * 500 + ["dot"] * 300 + ["rare"] * 5 + [None] * 50)
    drawn = draws(rows, contract, 100, 3, 0)
    for draw in drawn:
        counts = {label: sum(rows[i].label == label for i in draw) for label in contract.label_names}
        assert counts == {"good": 50, "dot": 45, "rare": 5}  # and none without a label
        assert len(set(draw)) == 100
    assert drawn[0] != drawn[1]
    assert drawn == draws(rows, contract, 100, 3, 0)
    assert drawn != draws(rows, contract, 100, 3, 1)
    assert len(draws(rows, contract, 10_000, 1, 0)[0]) == 603  # three quarters: some stay for bias correction
    assert missing_classes(rows[:500], contract) == ["dot", "rare"]
    with pytest.raises(InputError, match="expected labelled samples of split train"):
        draws(samples([None]), contract, 10, 1, 0)
