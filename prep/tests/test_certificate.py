"""thresholds, evaluate and pack together: the certificate as JSON, and what is refused."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path

import nets
import pytest
from certified import call, evaluate, make_models, members, read_page, refused

from taktgate_prep.certify import certificate
from taktgate_prep.files import strict_json
from taktgate_prep.files.whole import sha256
from taktgate_prep.records import beside as records
from taktgate_prep.records.invocation import command_line


@pytest.fixture(scope="module")
def made(boards: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_models(tmp_path_factory.mktemp("certificate"), boards)


def test_report_carries_data_floor_leakage_and_records(made: Path, boards: Path, tmp_path: Path) -> None:
    report = evaluate(made, boards, tmp_path / "r.json", "--thresholds", made / "thresholds.json", "--floor", "0.5")
    chosen = json.loads((made / "thresholds.json").read_text())
    assert report["thresholds"] == {key: chosen["point"][key] for key in ("pass_at_most", "fail_at_least")}
    assert report["thresholds_from"]["file"] == "thresholds.json"
    splits = report["data"]["splits"]
    assert {split: entry["windows"] for split, entry in splits.items()} == {"train": 36, "val": 12, "test": 12}
    assert splits["train"]["parts"] == 18 and splits["train"]["per_label"] == [18, 18]
    assert len({entry["sha256"] for entry in splits.values()}) == 3
    assert report["leakage"]["against"] == {"train": 36, "val": 12}
    assert report["leakage"]["leaked"] == 0
    assert report["floor"]["verdict"] == "proved"  # 12 of 12 against a floor of a half
    for key in ("fp32", "int8"):
        assert report[key]["binary"]["wrong"] == 0
        assert sum(entry["count"] for entry in report[key]["reliability"]["bins"]) == 12
        assert report[key]["recall"][0]["lower95"] == pytest.approx(0.05 ** (1 / 6))
        assert report["time"][key]["min_us"] <= report["time"][key]["median_us"]
    assert report["errors"] == {"missed": [], "missed_left_out": 0, "false_rejects": [], "false_rejects_left_out": 0}
    assert str(boards.parent) not in json.dumps(report)
    assert report["command"].startswith("taktgate-prep evaluate model.onnx model.int8.onnx --data boards.tsv")


def test_second_run_differs_in_time_alone(made: Path, boards: Path, tmp_path: Path) -> None:
    first, second = (evaluate(made, boards, tmp_path / "r.json", "--html", tmp_path / "r.html") for _ in range(2))
    for report in (first, second):
        assert report.pop("time")
    assert strict_json.dump(first) == strict_json.dump(second)


@pytest.mark.parametrize("split", ["train", "all"])
def test_figures_of_the_training_split_prove_nothing(made: Path, boards: Path, tmp_path: Path, split: str) -> None:
    report = evaluate(made, boards, tmp_path / "r.json", "--split", split, "--floor", "0.5")
    assert report["floor"]["verdict"] == "unproved"
    assert "trained on" in report["floor"]["sentence"]


def test_groups_add_up(made: Path, boards: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    groups = tmp_path / "groups.tsv"
    groups.write_text("part\tgroup\np03\told\np08\told\np13\tnew\n")
    report = evaluate(made, boards, tmp_path / "r.json", "--groups", groups, "--html", tmp_path / "r.html")
    assert {row["group"]: row["windows"] for row in report["groups"]} == {"(no group)": 6, "new": 2, "old": 4}
    assert "By group" in read_page(tmp_path / "r.html").text
    for content, said in (
        ("a\tb\n", "expected the columns part and group"),
        ("part\tgroup\np1\n", "groups.tsv:2"),
        ("part\tgroup\np1\ta\np1\tb\n", "in 'a' and 'b'"),
    ):
        groups.write_text(content)
        refused(capsys, said, "evaluate", made / "model.onnx", "--data", boards, "--groups", groups)


def test_pack_takes_thresholds_and_drops_times(made: Path, boards: Path, tmp_path: Path) -> None:
    evaluate(made, boards, tmp_path / "r.json")
    base = ("pack", made / "model.int8.onnx", "--data", boards, "--certificate", tmp_path / "r.json")
    bundles = []
    for turn in range(2):
        evaluate(made, boards, tmp_path / "r.json")  # other times, same bundle
        assert (
            call(*base, "--out", tmp_path / f"{turn}.tgb", "--name", "x", "--thresholds", made / "thresholds.json") == 0
        )
        bundles.append((tmp_path / f"{turn}.tgb").read_bytes())
    assert bundles[0] == bundles[1]
    found = members(tmp_path / "0.tgb")
    chosen = json.loads((made / "thresholds.json").read_text())["point"]
    recipe, carried = json.loads(found["recipe.json"]), json.loads(found["certificate.json"])
    assert recipe["thresholds"] == {key: chosen[key] for key in ("pass_at_most", "fail_at_least")}
    assert carried["thresholds_from"]["proved"] is False
    assert "time" not in carried["evaluation"] and carried["evaluation"]["floor"]["verdict"]
    assert (
        call(
            *base,
            "--out",
            tmp_path / "2.tgb",
            "--thresholds",
            made / "thresholds.json",
            "--pass-at-most",
            0.001,
            "--fail-at-least",
            "0.75",
        )
        == 0
    )
    found = members(tmp_path / "2.tgb")
    assert json.loads(found["recipe.json"])["thresholds"] == {"pass_at_most": 0.001, "fail_at_least": 0.75}
    assert "thresholds_from" not in json.loads(found["certificate.json"])


def test_figures_of_other_thresholds_are_a_warning_with_the_command(
    made: Path, boards: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    report, given = tmp_path / "r.json", made / "thresholds.json"
    base = ("pack", made / "model.int8.onnx", "--data", boards, "--certificate", report, "--out", tmp_path / "x.tgb")
    point = json.loads(given.read_text())["point"]
    for more, at in (
        (("--thresholds", given), f"{point['pass_at_most']} and {point['fail_at_least']}"),
        (("--pass-at-most", 0.25, "--fail-at-least", 0.75), "0.25 and 0.75"),
    ):
        evaluate(made, boards, report)
        capsys.readouterr()
        assert call(*base, *more) == 0
        [warned] = [line for line in capsys.readouterr().err.splitlines() if line.startswith("warning: ")]
        assert f"made at the thresholds 0.5 and 0.5, the release has {at}" in warned
        assert json.loads(members(tmp_path / "x.tgb")["certificate.json"])["thresholds_match"] is False
        assert call(*shlex.split(warned.partition("; run: ")[2])[1:]) == 0
        assert call(*base, *more) == 0
        assert "warning" not in capsys.readouterr().err
        assert json.loads(members(tmp_path / "x.tgb")["certificate.json"])["thresholds_match"] is True


def test_thresholds_of_another_model_are_refused(
    made: Path, boards: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    given = made / "thresholds.json"
    for command in (
        ("pack", made / "model.onnx", "--out", tmp_path / "o.tgb"),
        ("evaluate", made / "model.onnx"),
        ("evaluate", made / "model.int8.onnx", made / "model.onnx"),
    ):
        refused(capsys, "expected thresholds chosen for model.onnx", *command, "--data", boards, "--thresholds", given)
    assert not (tmp_path / "o.tgb").exists()
    other = tmp_path / "t.json"
    for content, said in (
        ({"schema": 1}, "expected a file of taktgate-prep thresholds"),
        ([], "expected a file of"),
        ({"schema": 1, "point": {}, "model": 3}, "model: expected an object"),
    ):
        other.write_text(json.dumps(content))
        refused(capsys, said, "evaluate", made / "model.onnx", "--data", boards, "--thresholds", other)
    broken = json.loads(given.read_text())
    broken["point"]["pass_at_most"] = 2
    other.write_text(json.dumps(broken))
    refused(capsys, "from 0 to 1", "evaluate", made / "model.int8.onnx", "--data", boards, "--thresholds", other)


def test_thresholds_refusals(made: Path, boards: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    base = ("thresholds", made / "model.int8.onnx", "--out", tmp_path / "t.json", "--data")
    refused(capsys, "together with --cost", *base, boards, "--defect-share", "0.1")
    good = boards.parent / "good.tsv"
    good.write_text("\n".join(line for line in boards.read_text().split("\n") if "\tdot\t" not in line))
    refused(capsys, "got 6 good and 0 defects", *base, good)
    contract = json.loads((made / "model.contract.json").read_text())
    contract["labels"][0]["pass"] = False
    (tmp_path / "c.json").write_text(json.dumps(contract))
    refused(capsys, "thresholds need both", *base, boards, "--contract", tmp_path / "c.json")
    assert not (tmp_path / "t.json").exists()
    for option, value in (("--cost", "3"), ("--cost", "0:1"), ("--max-miss", "0"), ("--confidence", "1")):
        with pytest.raises(SystemExit):
            call(*base, boards, option, value)


def test_unlabelled_rows_are_counted(
    made: Path, boards: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = boards.parent / "some.tsv"
    data.write_text(re.sub(r"\tgood\tp08\ttest", "\t\tp08\ttest", boards.read_text()))
    report = evaluate(made, data, tmp_path / "r.json")
    assert report["data"]["unlabelled"] == report["data"]["splits"]["test"]["unlabelled"] == 2
    assert "2 of 12 rows have no label" in capsys.readouterr().err


def test_certificate_is_cut_to_what_a_bundle_holds() -> None:
    rows = [{"image": "x" * 200, "row": i} for i in range(9000)]
    long = {"schema": 1, "evaluation": {"errors": {"missed": rows}}, "quantisation": {"search": rows}}
    short = certificate.shortened(long)
    assert len(strict_json.dump(short)) <= 1 << 20
    kept = short["evaluation"]["errors"]
    assert len(kept["missed"]) + kept["missed_cut"] == 9000
    assert certificate.shortened({"schema": 1}) == {"schema": 1}
    assert records.without_times({"a": [{"time": 1, "b": 2}], "seconds": 3}) == {"a": [{"b": 2}]}


def test_command_line_names_no_folder_of_the_machine() -> None:
    assert command_line(["pack", "/home/x/m.onnx", "--data=/d/b.tsv", "--out", "a b/c.tgb", "../up/y.json"]) == (
        "taktgate-prep pack m.onnx --data=b.tsv --out 'a b/c.tgb' y.json"
    )


def test_figures_of_the_validation_split_say_so_first(
    made: Path, boards: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    said = "Measured on the validation split that chose the setting: optimistic."
    capsys.readouterr()
    report = evaluate(made, boards, tmp_path / "r.json", "--split", "val", "--html", tmp_path / "r.html")
    assert capsys.readouterr().out.startswith(said)
    assert list(report)[:2] == ["schema", "caveat"] and report["caveat"] == said
    title, _, rest = read_page(tmp_path / "r.html").text.rpartition("Certificate of model.int8.onnx")
    assert title and rest.startswith(said)
    report = evaluate(made, boards, tmp_path / "r.json", "--html", tmp_path / "r.html")
    assert "caveat" not in report and said not in capsys.readouterr().out + read_page(tmp_path / "r.html").text


def test_release_repeats_from_the_float_model_on(boards: Path, tmp_path: Path) -> None:
    bundles = []
    for turn in range(2):
        folder = tmp_path / str(turn)
        folder.mkdir()
        model = nets.write_net(nets.small_net(), folder, nets.contract_for())
        seconds = {"epochs": [{"epoch": 1, "seconds": 1.5 + turn}]}
        (folder / "model.train.json").write_text(
            json.dumps({"schema": 1, "model": {"sha256": sha256(model.read_bytes())}, **seconds})
        )
        quantised = folder / "model.int8.onnx"
        assert (
            call(
                "quantise",
                model,
                "--data",
                boards,
                "--out",
                quantised,
                "--calibration-samples",
                20,
                "--method",
                "minmax",
                "--hard-swish",
                "float",
            )
            == 0
        )
        record = json.loads((folder / "model.int8.quantise.json").read_text())
        record["time"] = {"extra_outputs_ratio": 1.0 + turn}  # as another run may measure
        (folder / "model.int8.quantise.json").write_text(json.dumps(record))
        evaluate(folder, boards, folder / "r.json")
        assert (
            call("pack", quantised, "--data", boards, "--certificate", folder / "r.json", "--out", folder / "x.tgb")
            == 0
        )
        bundles.append((folder / "x.tgb").read_bytes())
    carried = json.loads(members(tmp_path / "0" / "x.tgb")["certificate.json"])["evaluation"]
    assert len(carried["training"]["sha256"]) == len(carried["quantisation"]["sha256"]) == 64
    assert bundles[0] == bundles[1]
