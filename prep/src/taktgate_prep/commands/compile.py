"""`taktgate-prep compile`: an INT8 ONNX model -> the compiled network of the INT8 engine."""

from __future__ import annotations

import argparse
from collections import Counter
from pathlib import Path

import zstandard

from taktgate_prep.commands.options import add_parser
from taktgate_prep.compile.compiler import compiled
from taktgate_prep.compile.network import Kind, Network, to_bytes
from taktgate_prep.contract.contract import Contract, contract_path
from taktgate_prep.figures.evaluation import ZSTD_LEVEL
from taktgate_prep.files.whole import check_out, keep_inputs, write_atomic
from taktgate_prep.model.model_file import Model, load_model
from taktgate_prep.terminal.progress import Progress


def add(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Registers the subcommand."""
    parser = add_parser(
        subparsers,
        "compile",
        "turn an INT8 ONNX model into a network of the INT8 engine",
        "Compiles an INT8 model (QuantizeLinear and DequantizeLinear) to the operations of the INT8 engine "
        "(docs/int8.md), with the contract's scale and offset and its extra outputs. What has no place in the engine "
        "is refused with the node's name. Same input, same bytes.",
        "taktgate-prep compile model.int8.onnx --out model.tgn",
    )
    parser.add_argument("model", type=Path, metavar="MODEL.int8.onnx")
    parser.add_argument("--out", type=Path, required=True, metavar="OUT.tgn", help="the network to write")
    parser.add_argument("--contract", type=Path, metavar="C", help="contract of the model (default: the one beside it)")
    parser.set_defaults(run=_run)


def _run(args: argparse.Namespace) -> int:
    check_out(args.out, ".tgn")
    where = contract_path(args.model, args.contract)
    keep_inputs("--out", [args.out], [args.model, where])
    contract = Contract.load(where)
    say = Progress().line
    model = load_model(args.model, contract, note=say)
    network = compiled(model, contract, note=say)
    data = to_bytes(network)
    write_atomic(args.out, data)
    _report(args.out, network, data, model)
    return 0


def _report(out: Path, network: Network, data: bytes, model: Model) -> None:
    counts = Counter(operation.kind for operation in network.operations)
    inside = sum(one.table is not None and one.kind not in (Kind.INPUT, Kind.TABLE) for one in network.operations)
    packed = len(zstandard.ZstdCompressor(level=ZSTD_LEVEL).compress(data))
    print(f"operations: {', '.join(f'{counts[kind]} {kind.name.lower()}' for kind in sorted(counts))}")
    print(f"tables inside other operations: {inside}; weights of {network.weight_bits} bits")
    print(f"wrote {out}: {len(data):,} bytes, compressed {packed:,}; the model has {model.file_bytes:,}")
