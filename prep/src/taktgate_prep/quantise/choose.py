"""Which trial is taken."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from taktgate_prep.quantise.score import Paired, pair
from taktgate_prep.quantise.trial import Trial

_HELPS_DB = 0.1  # less than this is no reason for it
_AS_GOOD_DB = 0.5
_SEVEN_BITS_DB = 2.0
_CLEAN_DB = 35.0  # the noise is less than a three-thousandth of the signal: more is no gain


def best(trials: Sequence[Trial]) -> Trial | None:
    """The rule, the same for the same trials; None where every one is refused.

    1. Refused trials (a layer left in float by accident) are out.
    2. Draws of the calibration windows differ as much as good methods do, so methods (calibrator, equalised or not) are
       compared by the mean over their draws. The reference is the one with the smallest net loss of windows. Every
       method stays in whose loss against it, paired window by window and draw by draw, is within chance: the 95 %
       interval of Tango (1998) reaches down to 0.
    3. Of these, the method with the best signal-to-noise ratio of the logits, again as the mean over draws.
    4. Of its draws, in the same way: within chance of the one with the smallest loss, the best ratio; if equal,
       the first.
    """
    methods: dict[tuple[str, bool], list[Trial]] = {}
    for trial in trials:
        if not trial.refused:
            methods.setdefault((trial.setting.calibrator, trial.setting.equalised), []).append(trial)
    if not methods:
        return None
    first = min(methods.values(), key=_net_loss)
    kept = [method for method in methods.values() if not worse(first, method)]
    method = max(kept, key=lambda of_draws: float(np.mean([trial.sqnr_db for trial in of_draws])))
    return cleanest_of_equals(method)


def cleanest_of_equals(trials: Sequence[Trial]) -> Trial:
    """Rule 4 for trials of any kind, of which one at least is not refused."""
    usable = [trial for trial in trials if not trial.refused]
    least = min(usable, key=lambda trial: trial.paired.lost - trial.paired.won)
    return max(
        (trial for trial in usable if not worse_than_chance(pair(least.right, trial.right))),
        key=lambda trial: trial.sqnr_db,
    )


def least_noise_within(trials: Sequence[Trial], max_loss: float) -> Trial | None:
    """Of all trials that lose no more than `max_loss` points, the one with the cleanest logits: a small loss alone may
    be luck, among so many."""
    within = [trial for trial in trials if not trial.refused and not falls_short(trial.paired, max_loss)]
    return max(within, key=lambda trial: trial.sqnr_db, default=None)


def helps(trial: Trial, plain: Trial) -> bool:
    """Whether a bias correction is worth it on validation: no window more lost, and the logits at least 0.1 dB
    cleaner."""
    return (
        not trial.refused
        and trial.paired.lost - trial.paired.won <= plain.paired.lost - plain.paired.won
        and trial.sqnr_db >= plain.sqnr_db + _HELPS_DB
    )


def as_accurate(trial: Trial, plain: Trial) -> bool:
    """Whether the integer form of the gates may be taken: its loss against the plain one is within chance, and the
    logits are at most 0.5 dB noisier or cleaner than 35 dB."""
    return (
        not trial.refused
        and not worse_than_chance(pair(plain.right, trial.right))
        and trial.sqnr_db >= min(plain.sqnr_db - _AS_GOOD_DB, _CLEAN_DB)
    )


def against_seven_bits(trial: Trial, plain: Trial, worse_over_draws: bool, max_loss: float) -> str:
    """What speaks against 7-bit weights; empty where they are taken: validation shows no loss against the 8-bit form,
    neither of the trial itself nor in the mean over the draws (both within chance), the loss against the float model
    stays within `max_loss`, and the logits are at most 2 dB noisier or cleaner than 35 dB."""
    paired, change = pair(plain.right, trial.right), trial.sqnr_db - plain.sqnr_db
    against = f"{paired.lost} validation windows lost and {paired.won} won against 8 bits"
    reasons = []
    if worse_than_chance(paired):
        reasons.append(f"{against}, more than chance")
    if worse_over_draws:
        reasons.append("over the draws more windows lost than chance allows")
    if falls_short(trial.paired, max_loss):
        reasons.append(f"{trial.paired.lost} windows lost and {trial.paired.won} won against the float model")
    if trial.sqnr_db < min(plain.sqnr_db - _SEVEN_BITS_DB, _CLEAN_DB):
        reasons.append(f"logits {change:+.1f} dB")
    return "; ".join(reasons)


def falls_short(paired: Paired, max_loss: float) -> bool:
    """Whether the loss on validation is above `max_loss` points.

    Where one window weighs more than `max_loss`, one may be lost net, and no more: a count of windows cannot say finer,
    and the signal-to-noise ratio has to do.
    """
    if paired.points is None:
        return False
    return paired.lost - paired.won > 1 if few(paired.count, max_loss) else paired.points > max_loss


def few(count: int, max_loss: float) -> bool:
    """Whether one validation window weighs more than the loss that is allowed."""
    return count * max_loss < 100


def worse_than_chance(paired: Paired) -> bool:
    """Whether the whole interval of the loss is above 0."""
    interval = paired.interval
    return interval is not None and interval[0] > 0


def worse(first: Sequence[Trial], method: Sequence[Trial]) -> bool:
    """Whether a method loses more than chance allows: means over the draws that both have, in whole windows."""
    of_draw = {trial.setting.draw: trial for trial in first}
    pairs = [pair(of_draw[trial.setting.draw].right, trial.right) for trial in method if trial.setting.draw in of_draw]
    if not pairs:
        return False
    lost, won = (
        round(sum(counts) / len(pairs)) for counts in ([one.lost for one in pairs], [one.won for one in pairs])
    )
    return worse_than_chance(Paired(lost, won, pairs[0].count))


def _net_loss(method: Sequence[Trial]) -> float:
    return float(np.mean([trial.paired.lost - trial.paired.won for trial in method]))
