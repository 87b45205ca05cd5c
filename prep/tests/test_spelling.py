"""British English, and one name for one thing: what a reader searches for is written one way."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = ("prep", "tests", "fuzz", "bench", "demo", "docs", "setup", "src")
TEXT = {".py", ".md", ".sh", ".cc", ".h", ".toml"}
OF_OTHERS = re.compile(
    r"\w*[Qq]uantizeLinear\w*|(onnxruntime|nncf)\.(\w*[Qq]uantiz\w*)|quantize_static|fake_quantize\w*|"
    r"\.quantize\(|\[\"quantization\"\]|"
    r"Quantization, ICCV"
)
NOT_OURS = re.compile(r"quantiz|further[ _-]outputs?\b", re.IGNORECASE)


def faults(text: str) -> list[str]:
    """What is spelled otherwise, but for names that other programs and papers chose."""
    return NOT_OURS.findall(OF_OTHERS.sub("", text))


def test_quantise_and_extra_outputs_have_one_spelling() -> None:
    paths = [path for folder in FOLDERS for path in (ROOT / folder).rglob("*") if path.suffix in TEXT]
    assert len(paths) > 300
    wrong = [
        f"{path.relative_to(ROOT)}: {found[0]}"
        for path in [*paths, ROOT / "README.md"]
        if path != Path(__file__) and (found := faults(path.read_text(encoding="utf-8")))
    ]
    assert wrong == []


def test_another_spelling_is_found() -> None:
    assert faults("taktgate-prep quantize") == ["quantiz"]
    assert faults("the further outputs") == ["further outputs"]
    assert faults("x_QuantizeLinear, torch.fake_quantize_per_tensor_affine, image.quantize(60)") == []
