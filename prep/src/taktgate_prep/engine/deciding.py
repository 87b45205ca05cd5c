"""Which runtime decides with a model: the INT8 engine where it takes the model whole, else ONNX Runtime."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import onnxruntime

from taktgate_prep.compile.compiler import compiled
from taktgate_prep.compile.network import Codes, Floats, to_bytes
from taktgate_prep.compile.refusal import ON_ONNX_RUNTIME, OtherContractError
from taktgate_prep.contract.contract import Contract
from taktgate_prep.data.window import to_tensor
from taktgate_prep.engine.answers import Answers
from taktgate_prep.engine.library import Engine, why_missing
from taktgate_prep.engine.plain import PlainEngine
from taktgate_prep.errors import InputError
from taktgate_prep.model.model_file import Model
from taktgate_prep.model.runtime import Session, open_session, run_one

INT8_ENGINE, ONNX_RUNTIME = "int8 engine", "onnxruntime"  # in records


class AnyEngine(Protocol):
    """Runs a compiled network."""

    @property
    def words(self) -> str:
        """For people."""

    def run(self, pixels: Codes) -> Answers:
        """Of pixels [windows, height, width, channels]."""


def open_engine(network: bytes, where: str) -> AnyEngine:
    """The library, or where it is not built the NumPy reference."""
    return PlainEngine(network, where) if why_missing() else Engine(network, where)


@dataclass(frozen=True)
class Runtime:
    """What answers are from. name: for records, where the engine and its NumPy reference are one; words: for people;
    why_not: why the INT8 engine does not take an INT8 model."""

    name: str
    words: str
    why_not: str = ""

    def to_dict(self) -> dict[str, str]:
        """For records."""
        return {"name": self.name, **({"why_not_int8_engine": self.why_not} if self.why_not else {})}

    def line(self) -> str:
        """For people."""
        why_not = f", since the INT8 engine does not take the model: {self.why_not}" if self.why_not else ""
        return f"answers of {self.words}{why_not}"


@dataclass(frozen=True, eq=False)
class Decider:
    """A model ready to answer. compiled: the network, None where ONNX Runtime decides."""

    model: Model
    contract: Contract
    runtime: Runtime
    engine: AnyEngine | None = None
    session: Session | None = None
    compiled: bytes | None = None

    def logits(self, pixels: Codes) -> Floats:
        """[windows, labels] of pixels [windows, height, width, channels]."""
        if self.engine is not None:
            return self.engine.run(pixels).logits
        assert self.session is not None
        rows = [run_one(self.session, to_tensor(pixels[k : k + 1], self.contract)) for k in range(len(pixels))]
        return np.stack(rows) if rows else np.zeros((0, len(self.contract.labels)), np.float32)

    def timed(self, pixels: Codes) -> tuple[str, Callable[[], object]]:
        """The runtime, and a run of one window [1, height, width, channels]. The NumPy reference says nothing about
        time: ONNX Runtime stands in."""
        if isinstance(self.engine, Engine):
            return INT8_ENGINE, self.engine.repeated(pixels)
        session = self.session or open_session(self.model.to_bytes(), str(self.model.path))
        tensor = to_tensor(pixels, self.contract)
        return ONNX_RUNTIME, lambda: run_one(session, tensor)


def open_decider(model: Model, contract: Contract, note: Callable[[str], None] = lambda _: None) -> Decider:
    """A float model runs on ONNX Runtime. `note` hears what the compiler has to say."""
    network, why_not = network_of(model, contract, note) if model.quantised else (None, "")
    return decider_of(model, contract, network, why_not)


def network_of(model: Model, contract: Contract, note: Callable[[str], None]) -> tuple[bytes | None, str]:
    """The model compiled; None where the compiler does not take it, and why not."""
    try:
        return to_bytes(compiled(model, contract, note)), ""
    except OtherContractError:
        raise
    except InputError as refusal:
        return None, str(refusal).removeprefix(f"{model.path}: ").removesuffix(ON_ONNX_RUNTIME)


def decider_of(model: Model, contract: Contract, network: bytes | None, why_not: str = "") -> Decider:
    """network: the model, compiled; None: ONNX Runtime decides."""
    if network is not None:
        engine = open_engine(network, str(model.path))
        return Decider(model, contract, Runtime(INT8_ENGINE, engine.words), engine, compiled=network)
    runtime = Runtime(ONNX_RUNTIME, f"ONNX Runtime {onnxruntime.__version__}", why_not)
    return Decider(model, contract, runtime, session=open_session(model.to_bytes(), str(model.path)))
