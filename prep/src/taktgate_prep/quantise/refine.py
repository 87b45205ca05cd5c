"""Ranges chosen tensor by tensor: for networks that no single calibrator suits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from taktgate_prep.quantise.float_graph import FloatGraph
from taktgate_prep.quantise.observe import Report
from taktgate_prep.quantise.plan import Plan, Range
from taktgate_prep.quantise.qdq import write
from taktgate_prep.quantise.score import decibel, decided, logits_of
from taktgate_prep.quantise.windows import Windows

_GAIN_DB = 0.01  # less is noise


def refine_ranges(
    graph: FloatGraph, plan: Plan, others: Sequence[Mapping[str, Range]], windows: Windows, report: Report
) -> dict[str, Range]:
    """One descent over the tensors in order: each takes, of its ranges by the other calibrators, the one that makes the
    logits on the (training) windows cleanest. `report` may stop it by raising."""
    wanted = logits_of(graph.proto.SerializeToString(), graph.path, windows)

    def ratio(tried: dict[str, Range]) -> float:
        return decibel(wanted, decided(write(graph, replace(plan, ranges=tried)), graph.path, windows)[0])

    best = dict(plan.ranges)
    reached = ratio(best)
    names = graph.activations()
    for i, name in enumerate(names):
        for other in dict.fromkeys(ranges[name] for ranges in others):
            if other == best[name]:
                continue
            came = ratio({**best, name: other})
            if came > reached + _GAIN_DB:
                reached, best[name] = came, other
        report((i + 1) / len(names))
    return best
