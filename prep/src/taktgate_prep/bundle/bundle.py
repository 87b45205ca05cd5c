"""The bundle: one file that carries a release (docs/formats.md, 5). Same content, same bytes."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import zstandard

from taktgate_prep.bundle import ustar
from taktgate_prep.bundle.recipe import Recipe
from taktgate_prep.contract.contract import Contract
from taktgate_prep.contract.labels import labels_dict
from taktgate_prep.errors import InputError
from taktgate_prep.figures.evaluation import ZSTD_LEVEL
from taktgate_prep.files import strict_json
from taktgate_prep.files.whole import sha256
from taktgate_prep.model.model_file import MAX_MODEL

_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_MAX_MEMBER = 64 << 20
_MAX_BUNDLE = 256 << 20
_MAX_TEXT = 1 << 20

_Member = tuple[str, str, bytes, dict[str, Any]]  # name, role, as stored, further keys of the manifest


@dataclass(frozen=True)
class Golden:
    """The golden image as it stands in the bundle."""

    member: str
    data: bytes


@dataclass(frozen=True)
class Release:
    """Everything that decides about a part; `recipe.golden` names the golden member. Of model (ONNX) and network
    (compiled) one may be missing."""

    name: str
    version: str
    model: bytes | None
    network: bytes | None
    contract: Contract
    recipe: Recipe
    golden: Golden | None
    certificate: dict[str, Any]


@dataclass(frozen=True)
class Bundle:
    """The bytes of a bundle; the release id is the SHA-256 of its manifest."""

    data: bytes
    release_id: str
    manifest: dict[str, Any]


def is_id(text: str) -> bool:
    """Whether this may be a release's name or version."""
    return bool(_ID.fullmatch(text))


def make_bundle(release: Release) -> Bundle:
    """Writes manifest and members."""
    if release.model is not None and len(release.model) > MAX_MODEL:
        raise InputError(f"expected a model of at most {MAX_MODEL} bytes, got {len(release.model)}: quantise it first")
    members: list[_Member] = [
        *_for_an_engine("model.onnx.zst", "model", release.model),
        *_for_an_engine("network.tgn.zst", "network", release.network),
        ("contract.json", "contract", strict_json.dump(release.contract.input_dict()), {}),
        ("labels.json", "labels", strict_json.dump({"schema": 1, "labels": labels_dict(release.contract.labels)}), {}),
        ("recipe.json", "recipe", strict_json.dump(release.recipe.to_dict()), {}),
    ]
    if release.golden is not None:
        members.append((release.golden.member, "golden", release.golden.data, {}))
    members.append(("certificate.json", "certificate", strict_json.dump(release.certificate), {}))
    _check_sizes(members)
    manifest = {
        "schema": 1,
        "name": release.name,
        "version": release.version,
        "files": [
            {"name": name, "role": role, "size": len(data), "sha256": sha256(data), **more}
            for name, role, data, more in members
        ],
    }
    text = strict_json.dump(manifest)
    data = ustar.archive([("manifest.json", text), *((name, data) for name, _, data, _ in members)])
    if len(data) > _MAX_BUNDLE:
        raise InputError(f"expected a bundle of at most {_MAX_BUNDLE} bytes, got {len(data)}: take a smaller model")
    return Bundle(data, sha256(text), manifest)


def _for_an_engine(name: str, role: str, data: bytes | None) -> list[_Member]:
    """Compressed; nothing where there is none."""
    if data is None:
        return []
    packed = zstandard.ZstdCompressor(level=ZSTD_LEVEL).compress(data)
    return [(name, role, packed, {"encoding": "zstd", "decoded_size": len(data), "decoded_sha256": sha256(data)})]


def _check_sizes(members: list[_Member]) -> None:
    for name, role, data, _ in members:
        limit = _MAX_MEMBER if role in ("model", "network", "golden") else _MAX_TEXT
        if len(data) > limit:
            raise InputError(f"expected {name} of at most {limit} bytes, got {len(data)}: make it smaller")
