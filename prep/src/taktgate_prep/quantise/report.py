"""What `quantise` prints: the search in short, what became integer, sizes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from taktgate_prep.quantise import choose
from taktgate_prep.quantise.finish import Finished, Sizes
from taktgate_prep.quantise.search import Found, Wish
from taktgate_prep.quantise.trial import Trial
from taktgate_prep.terminal.text_table import columns

_SHOWN = 3  # of a stage


def search_table(found: Found, wish: Wish) -> Iterator[str]:
    """The best of every stage, the chosen one marked."""
    rows = [("stage", "setting", "lost/won", "95 % interval", "logits", "")]
    for stage in dict.fromkeys(trial.stage for trial in found.trials):
        trials = [trial for trial in found.trials if trial.stage == stage]
        shown = sorted(trials, key=lambda trial: -trial.sqnr_db)[:_SHOWN]
        if found.chosen in trials and not any(trial is found.chosen for trial in shown):
            shown.append(found.chosen)
        rows += [_cells(trial, trial is found.chosen) for trial in shown]
        if len(trials) > len(shown):
            rows.append(("", f"and {len(trials) - len(shown)} more", "", "", "", ""))
    yield from columns(rows, right=(2, 3, 4))
    count = found.chosen.paired.count
    if choose.few(count, wish.max_loss):
        yield (
            f"only {count} labelled validation windows: one is {100 / max(1, count):.2g} points, so a loss under "
            "that cannot be seen; at most one was let go, and the signal-to-noise ratio of the logits decided"
        )
    yield f"validation windows: {found.chosen.runtime.line()}"
    yield from found.notes


def nodes_table(finished: Finished) -> Iterator[str]:
    """Operators before and after ONNX Runtime's optimiser."""
    floats, after = finished.counts.float_model, finished.counts.optimised
    rows = [("operator", "float model", "after optimisation")]
    for old, new, left in (
        ("Conv", "QLinearConv", ("Conv", "FusedConv")),
        ("Gemm, MatMul", "QGemm, QLinearMatMul", ("Gemm", "FusedGemm", "MatMul")),
    ):
        before = sum(floats.get(name, 0) for name in old.split(", "))
        now = sum(after.get(name, 0) for name in new.split(", "))
        rows.append((old, str(before), f"{now} {new}, {sum(after.get(name, 0) for name in left)} float"))
    rest = {name: count for name, count in after.items() if name not in ("QLinearConv", "QGemm", "QLinearMatMul")}
    others = sum(floats.values()) - sum(floats.get(name, 0) for name in ("Conv", "Gemm", "MatMul"))
    rows.append(("others", str(others), ", ".join(f"{count} {name}" for name, count in rest.items())))
    yield from columns(rows, right=(1,))
    line = finished.counts.float_line()
    if line is not None:
        yield line


def weight_bits_line(found: Found) -> Iterator[str]:
    """What is known about 7-bit weights."""
    weights = found.weights
    if weights is None:
        return
    taken = f"not taken ({weights.reason})" if weights.reason else "taken"
    yield (
        f"7-bit weights: {taken}; against 8 bits {weights.paired.lost} windows lost and {weights.paired.won} won, over "
        f"the draws {weights.draws.lost} and {weights.draws.won} of {weights.draws.count}; logits "
        f"{weights.sqnr_change_db:+.1f} dB"
    )


def hard_swish_line(found: Found) -> Iterator[str]:
    """What is known about the integer form."""
    gates = found.gates
    if gates is None:
        return
    difference = gates.difference
    taken = f"not taken ({gates.reason})" if gates.reason else "taken"
    yield (
        f"hard-swish as integers: {taken}; {difference.swishes} compared with the float form on all 256 codes, "
        f"largest difference {difference.steps} steps; {difference.folded} gates inside weights; "
        f"{gates.judged_otherwise} windows judged otherwise; time {gates.time_ratio:.2f} of the float form"
    )


def size_lines(sizes: Sizes) -> Sequence[str]:
    """Every way to count."""
    cuts = sizes.cuts
    return (
        f"size: float {sizes.fp32:,} bytes (compressed {sizes.fp32_zstd:,})",
        f"      as written {sizes.int8_as_written:,} ({-cuts['as written']:+.1f} %), slim {sizes.int8_slim:,} "
        f"({-cuts['slim']:+.1f} %), slim and compressed {sizes.int8_zstd:,} ({-cuts['slim and compressed']:+.1f} "
        f"%); compressed against compressed {-cuts['compressed against compressed']:+.1f} %",
    )


def _cells(trial: Trial, chosen: bool) -> tuple[str, str, str, str, str, str]:
    setting, paired = trial.setting, trial.paired
    words = [f"{setting.calibrator}, draw {setting.draw}"]
    words += [
        text
        for text, there in (
            ("equalised", setting.equalised),
            ("bias corrected", setting.bias_correction),
            ("refitted", setting.refitted),
            ("7 bits", setting.weight_bits == 7),
            ("integer gates", setting.integer_gates),
            (f"{setting.left_float} layers float", bool(setting.left_float)),
        )
        if there
    ]
    interval = paired.interval
    ends = "" if interval is None else f"{interval[0]:+.2f} .. {interval[1]:+.2f}"
    mark = "refused: a layer stays float" if trial.refused else "chosen" if chosen else ""
    return (trial.stage, ", ".join(words), f"{paired.lost}/{paired.won}", ends, f"{trial.sqnr_db:.1f} dB", mark)
