"""The `train` command from its options to its files."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from taktgate_prep.data.window import to_tensor
from taktgate_prep.errors import InputError
from taktgate_prep.files import strict_json
from taktgate_prep.files.whole import check_out, keep_inputs, sha256, write_together
from taktgate_prep.records.invocation import command_line
from taktgate_prep.records.versions import versions
from taktgate_prep.terminal.progress import Progress, minutes
from taktgate_prep.train.inputs import Inputs, read_inputs
from taktgate_prep.train.options import TrainOptions
from taktgate_prep.train.torch_seam import check_torch, make_repeatable, torch_versions

if TYPE_CHECKING:
    import torch

    from taktgate_prep.train.files import Outputs
    from taktgate_prep.train.loop import Trainer
    from taktgate_prep.train.outcome import Best, Outcome
    from taktgate_prep.train.resume import ResumeFile

_CHECKED_WINDOWS = 32
EXIT_INTERRUPTED = 130


def run(options: TrainOptions, progress: Progress | None = None, given: Sequence[str] = ()) -> int:
    """Trains and writes; returns the exit code. Raises InputError for what the user can mend. given: the command line,
    for the record."""
    progress = progress or Progress()
    check_torch()
    from taktgate_prep.train import files
    from taktgate_prep.train.files import Outputs, read_checkpoint
    from taktgate_prep.train.resume import ResumeFile

    check_out(options.out, ".onnx")
    if options.finetune_int8 and options.start is None:
        raise InputError("--finetune-int8: expected a trained network to start from, got none: name it with --from")
    outputs = Outputs(options.out)
    keep_inputs("--out", outputs.all(), [options.data, options.start])
    start_state = None if options.start is None else read_checkpoint(options.start, options.arch)
    begin = time.monotonic()
    inputs = read_inputs(options, progress)
    digests = inputs.digests()
    _describe(inputs, options, progress)
    make_repeatable(options.seed, options.threads)
    file = ResumeFile(outputs.resume, options, digests)
    outcome = _train(inputs, options, progress, file, time.monotonic() - begin, start_state)
    best = outcome.best
    if best is None:
        progress.line("interrupted before the end of the first epoch: nothing was kept, no file written")
        return EXIT_INTERRUPTED
    weights = files.checkpoint_bytes(options.arch, inputs.contract.to_dict(), best.net.state_dict())
    # first of all: whatever fails from here on, what was learned is there
    epochs = len(outcome.history)
    _keep({outputs.checkpoint: weights}, epochs, file, progress)
    try:
        model, record = _results(outcome, best, inputs, options, digests, given)
        results = {outputs.contract: inputs.contract.to_bytes(), outputs.record: strict_json.dump(record)}
        _keep({**results, outputs.model: model}, epochs, file, progress)
    except BaseException:
        progress.line(f"the trained weights are kept in {outputs.checkpoint} (--from takes them); what follows failed:")
        raise
    _conclude(outcome, best, record, outputs, file, minutes(time.monotonic() - begin), progress)
    if outcome.stopped_by == "interrupt":
        return EXIT_INTERRUPTED
    file.remove()
    return 0


def _keep(results: dict[Path, bytes], epochs: int, file: ResumeFile, progress: Progress) -> None:
    """Writes them. Where there is no room, a resume file that knows less than they do makes some."""
    try:
        write_together(results)
    except InputError as error:
        if file.epochs == epochs:
            raise InputError(
                f"{error}; nothing is lost: {file.path.name} holds all of it, and the same command with --resume "
                "writes it once there is room"
            ) from None
        if not file.path.exists():
            raise
        progress.line(f"no room for the results: {file.path.name}, which has less in it, is removed for them")
        file.remove()
        write_together(results)


def _train(
    inputs: Inputs,
    options: TrainOptions,
    progress: Progress,
    file: ResumeFile,
    spent: float,
    start: dict[str, torch.Tensor] | None,
) -> Outcome:
    from taktgate_prep.train import finetune, loop, network

    dropout = 0.0 if options.finetune_int8 else options.dropout
    net = network.build(options.arch, inputs.contract.channels_total, len(inputs.classes.names), dropout)
    if start is not None:
        _take_start(net, start, options, progress)
    if not options.finetune_int8:
        trainer = loop.Trainer(net, inputs, options, progress, file, spent)
        return trainer.run(_first_outcome(trainer, file, options, progress))
    student, loss = finetune.prepare(net, inputs, options)
    trainer = loop.Trainer(student, inputs, options, progress, file, spent, loss)
    outcome = trainer.run(_first_outcome(trainer, file, options, progress))
    if outcome.best is not None:
        outcome.best = finetune.put_back(outcome.best, net)
    return outcome


def _first_outcome(trainer: Trainer, file: ResumeFile, options: TrainOptions, progress: Progress) -> Outcome:
    from taktgate_prep.train.outcome import Outcome

    if options.resume:
        outcome = trainer.go_on()
        progress.line(f"going on after epoch {len(outcome.history)} of {file.path.name}")
        return outcome
    if file.path.exists():
        progress.line(f"{file.path.name} of a run that was stopped is there: this run starts anew and replaces it")
    return Outcome()


def _describe(inputs: Inputs, options: TrainOptions, progress: Progress) -> None:
    contract, classes = inputs.contract, inputs.classes
    marks = [
        f"{name} (pass)" if passing else name for name, passing in zip(classes.names, classes.passing, strict=True)
    ]
    progress.line(
        f"MobileNetV3-{options.arch.capitalize()}, {contract.width} x {contract.height} x "
        f"{contract.channels_total} ({contract.channels}{' + golden' if contract.golden else ''}), "
        f"{len(inputs.train)} windows to train, {len(inputs.val)} to validate"
    )
    progress.line(f"classes: {', '.join(marks)}")
    progress.line(f"mirrored and turned windows: {'yes' if inputs.turns else 'no'} (--turns {options.turns})")
    if len(set(classes.passing)) == 1:
        progress.line(
            f"{'every' if classes.passing[0] else 'no'} class passes: such a model decides nothing and `pack` refuses "
            "it; say which pass with --good"
        )


def _take_start(
    net: torch.nn.Module, state: dict[str, torch.Tensor], options: TrainOptions, progress: Progress
) -> None:
    from taktgate_prep.train.network import load_start

    taken, count = load_start(net, state)
    if options.finetune_int8 and taken < count:
        raise InputError(
            f"--from {options.start}: expected the weights of a network trained on these classes and channels, got "
            f"those of a network of which {taken} of {count} tensors fit: train it first, without --finetune-int8"
        )
    if taken < count // 2:
        raise InputError(
            f"--from {options.start}: expected weights of a MobileNetV3-{options.arch}, got a file of which {taken} of "
            f"{count} tensors fit: check the file and --arch"
        )
    progress.line(f"from {options.start}: {taken} of {count} tensors taken")


def _results(
    outcome: Outcome,
    best: Best,
    inputs: Inputs,
    options: TrainOptions,
    digests: dict[str, str],
    given: Sequence[str],
) -> tuple[bytes, dict[str, Any]]:
    """The model's bytes and the record."""
    from taktgate_prep.train import export

    model = export.to_onnx(best.net, inputs.contract)
    some = np.ascontiguousarray(inputs.val.pixels[:_CHECKED_WINDOWS])
    difference = export.check_answers(model, best.net, to_tensor(some, inputs.contract))
    record = _record(outcome, best, inputs, options, digests, given)
    record["model"] = {"bytes": len(model), "sha256": sha256(model), "difference_to_torch": difference}
    return model, record


def _record(
    outcome: Outcome,
    best: Best,
    inputs: Inputs,
    options: TrainOptions,
    digests: dict[str, str],
    given: Sequence[str],
) -> dict[str, Any]:
    from taktgate_prep.train import files

    return {
        "schema": 1,
        **({"command": command_line([one for one in given if one != "--resume"])} if given else {}),
        "options": files.options_record(options),
        "versions": versions() | torch_versions(),
        "windows": {
            name: {"count": len(part), "sha256": digests[name]}
            for name, part in (("train", inputs.train), ("val", inputs.val))
        },
        "counts": inputs.counts,
        "left_out": inputs.left_out.to_dict(),
        "turns": inputs.turns,
        "best_epoch": best.epoch,
        "stopped_by": outcome.stopped_by,
        "val": best.figures.to_dict(),
        "epochs": outcome.history,
    }


def _conclude(
    outcome: Outcome,
    best: Best,
    record: dict[str, Any],
    outputs: Outputs,
    file: ResumeFile,
    spent: str,
    progress: Progress,
) -> None:
    if outcome.stopped_by == "interrupt":
        again = f"goes on after epoch {file.epochs}" if file.epochs else "cannot go on: there was no room for its file"
        progress.line(
            f"interrupted: the best weights so far are kept, those of epoch {best.epoch}; the same command with "
            f"--resume {again}"
        )
    progress.line(
        f"best epoch {best.epoch} of {len(outcome.history)} (ended by {outcome.stopped_by}), on the "
        f"validation windows: {best.figures.text()}; {spent} in all"
    )
    progress.line(
        f"wrote {outputs.model} ({record['model']['bytes']:,} bytes, differs from torch by "
        f"{record['model']['difference_to_torch']:.1e}), {outputs.contract.name}, "
        f"{outputs.checkpoint.name}, {outputs.record.name}"
    )
