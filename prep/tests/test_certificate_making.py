"""What the certificate says of its making: settings tried, commands and seeds, scores to read, times."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import nets
import numpy as np
import pytest
from certified import call, evaluate, read_page

from taktgate_prep.certify import evaluation_text
from taktgate_prep.contract.contract import Contract
from taktgate_prep.contract.judge import Thresholds, WindowVerdict
from taktgate_prep.figures.timing import slower_sentence
from taktgate_prep.files.whole import sha256
from taktgate_prep.quantise import report, stages
from taktgate_prep.quantise.gates import Difference
from taktgate_prep.quantise.score import pair
from taktgate_prep.report import sheet
from taktgate_prep.report.search_section import chosen_rows


def row(stage: str, sqnr: float, chosen: bool = False) -> dict[str, Any]:
    return {"stage": stage, "sqnr_db": sqnr, "chosen": chosen}


def test_the_taken_setting_stands_first_and_no_stage_is_missing() -> None:
    rows = [row("calibrator", i) for i in range(50)] + [
        row("equalisation", 2.0),
        row("equalisation", 3.0),
        row("last layer", 1.0),
        row("bias correction", 4.0, True),
        row("hard-swish", 5.0),
    ]
    shown = chosen_rows(rows)
    assert len(shown) == 30
    assert shown[0] is rows[53]
    assert [one["stage"] for one in shown[-3:]] == ["equalisation", "last layer", "hard-swish"]
    assert rows[51] in shown and rows[49] in shown  # the cleanest of its stage
    assert chosen_rows(rows[:3]) == rows[:3]


@pytest.fixture(scope="module")
def released(boards: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    """A model with the records of its making, and its page."""
    folder = tmp_path_factory.mktemp("making")
    model = nets.write_net(nets.small_net(), folder, nets.contract_for())
    (folder / "model.train.json").write_text(
        json.dumps(
            {
                "schema": 1,
                "model": {"sha256": sha256(model.read_bytes())},
                "command": "taktgate-prep train --seed 7",
                "options": {"seed": 7},
                "versions": {"torch": "9.9.9"},
            }
        )
    )
    assert (
        call(
            "quantise",
            model,
            "--data",
            boards,
            "--out",
            folder / "model.int8.onnx",
            "--calibration-samples",
            20,
            "--seed",
            5,
            "--max-loss",
            100,
        )
        == 0
    )
    return folder, evaluate(folder, boards, folder / "r.json", "--html", folder / "r.html")


def test_the_page_names_every_command_with_seed_and_versions(released: tuple[Path, dict[str, Any]]) -> None:
    folder, found = released
    record = json.loads((folder / "model.int8.quantise.json").read_text())
    assert record["command"].startswith("taktgate-prep quantise model.onnx --data boards.tsv")
    assert "--seed 5" in record["command"] and str(folder) not in record["command"]
    assert found["training"]["command"] == "taktgate-prep train --seed 7"
    assert found["quantisation"]["versions"] == record["versions"]
    text = read_page(folder / "r.html").text
    made_by = text[text.rindex("Made by") :]
    for said in (
        "Trained: taktgate-prep train --seed 7",
        "seed 7, torch 9.9.9",
        f"Quantised: {record['command']}",
        "seed 5, taktgate-prep",
        f"Measured: {found['command']}",
    ):
        assert said in made_by


def test_the_table_of_settings_has_interval_and_equalised(released: tuple[Path, dict[str, Any]]) -> None:
    page = read_page(released[0] / "r.html")
    text = page.text[page.text.index("Settings tried for INT8") :]
    assert "weight bitsequalisedbias corrected" in text and "95 % interval" in text
    assert text.index("taken: ") < text.index("calibratorminmax")
    assert [attributes for tag, attributes in page.tags if tag == "tr" and attributes.get("class") == "taken"]
    for stage in ("last layer", "bias correction", "hard-swish"):
        assert stage in text


def test_why_hard_swish_is_not_taken() -> None:
    right = np.arange(100) < 90
    worse = right.copy()
    worse[:20] = False
    plain = SimpleNamespace(right=right, sqnr_db=30.0, paired=pair(right, right), refused="")
    trial = SimpleNamespace(right=worse, sqnr_db=27.6, paired=pair(right, worse), refused="")
    fine = Difference(1, 3, 0, (0.0, 0.0))
    assert stages._against_gates(plain, plain, fine) == ""  # type: ignore[arg-type]
    reason = stages._against_gates(trial, plain, replace(fine, steps=2))  # type: ignore[arg-type]
    assert reason == (
        "a gate differs by 2 steps, one is allowed; less accurate on validation: 20 windows lost and 0 "
        "won, with the float form 0 and 0; logits -2.4 dB"
    )
    proof = stages.GateProof(fine, 1.1, 20, 0.5, False, reason)
    [line] = report.hard_swish_line(SimpleNamespace(gates=proof))  # type: ignore[arg-type]
    assert line.startswith(f"hard-swish as integers: not taken ({reason}); 3 compared")


def test_a_slower_int8_model_is_said(released: tuple[Path, dict[str, Any]]) -> None:
    def one(least: float) -> dict[str, Any]:
        return {"min_us": least, "median_us": 2 * least, "rounds": 200}

    said = "INT8 is slower than FP32 on this machine: 61 against 48 µs per window"
    slow, fast = {"fp32": one(48), "int8": one(61)}, {"fp32": one(61), "int8": one(48)}
    assert said in (slower_sentence(slow) or "")
    assert slower_sentence(fast) is None and slower_sentence({"model": one(1)}) is None
    assert said in "\n".join(evaluation_text.lines({**released[1], "time": slow}))
    assert "slower" not in "\n".join(evaluation_text.lines({**released[1], "time": fast}))


@pytest.mark.parametrize(
    ("score", "text"),
    [
        (0.009, "0.009"),
        (0.991, "0.991"),
        (0.5, "0.500"),
        (0.00042, "0.0004"),
        (0.99996, "0.99996"),
        (1.0, "1.000"),
        (0.0, "0.000"),
        (1e-9, "under 0.000001"),
        (1 - 1e-9, "over 0.999999"),
    ],
)
def test_scores_can_be_read(score: float, text: str) -> None:
    assert sheet.score_text(score) == text


def test_the_least_certain_are_24_that_no_other_sheet_shows() -> None:
    scores = np.linspace(0.01, 0.99, 80)
    verdicts = tuple(
        WindowVerdict("fail" if score >= 0.5 else "pass", int(score >= 0.5), float(score)) for score in scores
    )
    contract: Contract = nets.contract_for()
    measured: Any = SimpleNamespace(
        answers=[SimpleNamespace(verdicts=verdicts)],
        thresholds=Thresholds(),
        contract=contract,
        truth=SimpleNamespace(label=[0 if 35 <= i < 42 else int(i >= 40) for i in range(80)]),
    )
    unsure = sheet.least_certain(measured)
    assert len(unsure) == len(set(unsure)) == 24
    assert sheet.false_rejects(measured) == [41, 40]
    assert not set(unsure) & {40, 41}
    assert {39, 42} <= set(unsure)
