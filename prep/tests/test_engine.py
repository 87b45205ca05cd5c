"""The unit's own INT8 engine through its C interface, its NumPy stand-in, and which runtime decides with a model."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import nets
import numpy as np
import pytest
from compiled_sets import Pair, quantised, windows, written

from taktgate_prep.compile.network import to_bytes
from taktgate_prep.engine import library
from taktgate_prep.engine.deciding import INT8_ENGINE, ONNX_RUNTIME, open_decider, open_engine
from taktgate_prep.engine.library import Engine
from taktgate_prep.engine.plain import PlainEngine
from taktgate_prep.errors import InputError
from taktgate_prep.model.model_file import load_model
from taktgate_prep.model.runtime import open_session, run_one


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Pair:
    return quantised(nets.small_net(), nets.contract_for(), tmp_path_factory.mktemp("net"), extra=True)


@pytest.fixture(scope="module")
def network(made: Pair) -> bytes:
    return to_bytes(made.network)


@pytest.fixture
def without_library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(library, "_LIBRARY", tmp_path / "libtaktgate_int8.so")
    monkeypatch.setattr(library, "_INSTALLED", str(tmp_path / "libtaktgate_int8.so.1"))
    library._library.cache_clear()
    yield
    library._library.cache_clear()


@pytest.mark.parametrize("count", [0, 1, 65, 130])
def test_library_and_reference_give_the_same_bytes(made: Pair, network: bytes, count: int) -> None:
    pixels = windows(made.contract, count, 3).pixels
    came, wanted = Engine(network, "net").run(pixels), PlainEngine(network, "net").run(pixels)
    assert came.logits.shape == (count, 2) and came.logits.tobytes() == wanted.logits.tobytes()
    assert len(came.codes) == len(made.contract.extra_outputs) == 3
    for one, other, output in zip(came.codes, wanted.codes, made.contract.extra_outputs, strict=True):
        assert one.shape[0] == count and one[:1].size == (int(np.prod(output.shape)) if count else 0)
        assert one.tobytes() == other.tobytes()


def test_pixels_are_read_in_place_wherever_they_lie(made: Pair, network: bytes) -> None:
    pixels = windows(made.contract, 5, 3).pixels
    wanted = Engine(network, "net").run(pixels).logits
    engine = Engine(network, "net", windows=2, instruction_set="scalar")
    assert engine.instruction_set == "scalar" and engine.words == "the INT8 engine (scalar)"
    assert engine.left_out == ()
    frame = np.zeros((5, 40, 50, 2), np.uint8)
    frame[:, 3:35, 7:39] = pixels
    planar = np.ascontiguousarray(pixels.transpose(3, 0, 1, 2)).transpose(1, 2, 3, 0)
    turned = np.ascontiguousarray(pixels[::-1].transpose(0, 2, 1, 3))[::-1].transpose(0, 2, 1, 3)
    mirrored = np.ascontiguousarray(pixels[:, ::-1, ::-1])[:, ::-1, ::-1]
    for one in (frame[:, 3:35, 7:39], planar, turned, mirrored):
        assert not one.flags["C_CONTIGUOUS"] and np.array_equal(one, pixels)
        assert engine.run(one).logits.tobytes() == wanted.tobytes()
    same = np.broadcast_to(np.uint8(90), pixels.shape)
    assert engine.run(same).logits.tobytes() == engine.run(same.copy()).logits.tobytes()


def test_kernels_that_were_left_out_are_named(network: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    engine = Engine(network, "net")
    assert engine.left_out == ()
    monkeypatch.setattr(library._library(), "taktgate_int8_left_out", lambda handle: b"avx512-vnni, avx2")
    assert engine.left_out == ("avx512-vnni", "avx2")


def test_an_extra_output_says_what_its_codes_stand_for(made: Pair, network: bytes) -> None:
    for output, wanted in zip(Engine(network, "net").outputs, made.contract.extra_outputs, strict=True):
        assert (output.role, output.zero_point) == (wanted.role, wanted.zero_point)
        assert output.scale == pytest.approx(wanted.scale)


def test_threads_that_share_an_engine_get_their_own_answers(made: Pair, network: bytes) -> None:
    engine, sets = Engine(network, "net"), [windows(made.contract, 70, seed).pixels for seed in range(4)]
    with ThreadPoolExecutor(4) as pool:
        came = list(pool.map(engine.run, sets))
    for answers, pixels in zip(came, sets, strict=True):
        alone = Engine(network, "net").run(pixels)
        assert answers.logits.tobytes() == alone.logits.tobytes()
        assert all(one.tobytes() == other.tobytes() for one, other in zip(answers.codes, alone.codes, strict=True))


def test_further_threads_inside_a_run_give_the_same_answers(made: Pair, network: bytes) -> None:
    pixels = windows(made.contract, 5, seed=4).pixels
    alone = Engine(network, "net").run(pixels)
    for threads in (2, 4):
        answers = Engine(network, "net", threads=threads).run(pixels)
        assert answers.logits.tobytes() == alone.logits.tobytes()
        assert all(one.tobytes() == other.tobytes() for one, other in zip(answers.codes, alone.codes, strict=True))
    with pytest.raises(InputError, match="net: expected 1 to 4 threads, got 5"):
        Engine(network, "net", threads=5)


def test_what_the_engine_refuses_is_one_clear_line(network: bytes) -> None:
    damaged = network[:2000] + bytes([network[2000] ^ 1]) + network[2001:]
    for data, said in (
        (network[:1000], f"net.tgn: expected {len(network)} bytes as its header says, got 1000: copy the file again"),
        (damaged, "net.tgn: expected the checksum "),
        (bytes(100), "net.tgn: expected a compiled network"),
    ):
        with pytest.raises(InputError) as refusal:
            Engine(data, "net.tgn")
        assert str(refusal.value).startswith(said)
    with pytest.raises(InputError, match=r"expected an instruction set of .*scalar, got 'mmx'"):
        Engine(network, "net.tgn", instruction_set="mmx")
    with pytest.raises(InputError, match="expected 1 to 64 windows a run, got 65"):
        Engine(network, "net.tgn", windows=65)


@pytest.mark.parametrize("kind", [Engine, PlainEngine])
@pytest.mark.parametrize(
    "pixels", [np.zeros((1, 32, 32, 3), np.uint8), np.zeros((32, 32, 2), np.uint8), np.zeros((1, 32, 32, 2))]
)
def test_pixels_of_another_shape_are_refused(network: bytes, kind: type, pixels: np.ndarray) -> None:
    with pytest.raises(InputError, match=r"net: expected uint8 pixels of shape \['windows', 32, 32, 2\], got "):
        kind(network, "net").run(pixels)


def test_without_the_library_the_reference_stands_in_and_that_is_said(
    made: Pair, network: bytes, without_library: None
) -> None:
    assert "libtaktgate_int8.so" in library.why_missing()
    assert isinstance(open_engine(network, "net"), PlainEngine)
    decider = open_decider(made.model, made.contract)
    assert decider.runtime.name == INT8_ENGINE
    assert "the NumPy reference of the INT8 engine" in decider.runtime.line()
    assert "setup/engine.sh" in decider.runtime.line()
    name, run = decider.timed(windows(made.contract, 1, 3).pixels)
    run()
    assert name == ONNX_RUNTIME


def test_a_library_without_the_functions_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    decoder = library._LIBRARY.with_name("libtaktgate_decoder.so")
    monkeypatch.setattr(library, "_LIBRARY", decoder)
    library._library.cache_clear()
    try:
        assert "taktgate_int8_abi" in library.why_missing()
    finally:
        library._library.cache_clear()


@pytest.mark.parametrize(("of_abi", "expected"), [(1, ""), (2, "expected interface 2, got 1")])
def test_one_that_was_installed_is_found_if_its_abi_is_known(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, of_abi: int, expected: str
) -> None:
    monkeypatch.setattr(library, "_INSTALLED", str(library._LIBRARY))
    monkeypatch.setattr(library, "_LIBRARY", tmp_path / "none.so")
    monkeypatch.setattr(library, "_ABI", of_abi)
    library._library.cache_clear()
    try:
        assert expected in library.why_missing()
        assert bool(library.why_missing()) == bool(expected)
    finally:
        library._library.cache_clear()


def test_a_library_of_another_interface_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(library, "_ABI", 2)
    library._library.cache_clear()
    try:
        assert library.why_missing().endswith("libtaktgate_int8.so: expected interface 2, got 1")
    finally:
        library._library.cache_clear()


def test_the_engine_decides_with_a_model_that_it_takes_whole(made: Pair, network: bytes) -> None:
    decider, pixels = open_decider(made.model, made.contract), windows(made.contract, 9, 3).pixels
    assert decider.compiled == network and decider.runtime.to_dict() == {"name": INT8_ENGINE}
    assert decider.logits(pixels).tobytes() == Engine(network, "net").run(pixels).logits.tobytes()
    name, run = decider.timed(pixels[:1])
    run()
    assert name == INT8_ENGINE


def test_float_models_and_what_the_engine_does_not_take_run_on_onnx_runtime(tmp_path: Path) -> None:
    contract = nets.contract_for()
    model = load_model(nets.write_net(nets.small_net(), tmp_path, contract), contract)
    decider, seen = open_decider(model, contract), windows(contract, 3, 3)
    assert decider.runtime.to_dict() == {"name": ONNX_RUNTIME} and "since" not in decider.runtime.line()
    session = open_session(model.to_bytes())
    assert decider.logits(seen.pixels).tolist() == [run_one(session, seen.tensor(i)).tolist() for i in range(3)]
    data, _ = written(nets.small_net(), contract, tmp_path, left_float=frozenset({"/Conv_0", "/HardSwish_1"}))
    (tmp_path / "model.onnx").write_bytes(data)
    decider = open_decider(load_model(tmp_path / "model.onnx", contract), contract)
    assert decider.runtime.name == ONNX_RUNTIME
    why_not = decider.runtime.to_dict()["why_not_int8_engine"]
    assert why_not.startswith("node ") and str(tmp_path) not in why_not
    assert f"since the INT8 engine does not take the model: {why_not}" in decider.runtime.line()


@pytest.mark.parametrize(("bits", "largest"), [(8, 127), (7, 64)])
def test_a_network_of_seven_bit_weights_says_so_with_its_class_map(bits: int, largest: int, tmp_path: Path) -> None:
    made = quantised(nets.small_net(), nets.contract_for(), tmp_path, extra=True, integer_gates=True, weight_bits=bits)
    sizes = [int(np.abs(one.weights.astype(int)).max(initial=0)) for one in made.network.operations]
    assert (made.network.weight_bits, max(sizes)) == (bits, largest)
    [hidden] = [one for one in made.network.operations if one.weights.shape == (24, 1, 1, 32)]
    assert int(np.abs(hidden.weights.astype(int)).max()) == (32 if bits == 7 else 127)
    data, pixels = to_bytes(made.network), windows(made.contract, 70, 3).pixels
    assert int.from_bytes(data[20:24], "little") == bits
    came, wanted = Engine(data, "net").run(pixels), PlainEngine(data, "net").run(pixels)
    assert came.logits.tobytes() == wanted.logits.tobytes()
    assert all(one.tobytes() == other.tobytes() for one, other in zip(came.codes, wanted.codes, strict=True))
