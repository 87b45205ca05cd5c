"""Tables go into the operations that make what they read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from taktgate_prep.compile.network import CODES, Codes, ExtraOutput, Kind, Network, Operation, Tensor

_ALL = np.arange(CODES, dtype=np.uint8)
_ROUNDING = (Kind.CONV, Kind.DEPTHWISE, Kind.ADD, Kind.MEAN, Kind.GATE)


def fused(network: Network) -> Network:
    """The same codes in fewer operations. A table stays by itself where something else reads its source too."""
    operations = list(network.operations)
    at = 0
    while at < len(operations):
        operation = operations[at]
        maker = _maker(operations, operation, network)
        if maker is None:
            at += 1
            continue
        source = operations[maker]
        table = operation.table if source.table is None else _then(source.table, operation.table)
        operations[maker] = replace(source, result=operation.result, table=table)
        del operations[at]
    return _renumbered(replace(network, operations=[_without_identity(one, network) for one in operations]))


def _maker(operations: Sequence[Operation], operation: Operation, network: Network) -> int | None:
    """The index of the operation that can take this table in."""
    source = operation.first
    readers = sum((one.first == source) + (one.second == source) for one in operations)
    kept = any(output.tensor == source for output in network.extra_outputs)
    if operation.kind != Kind.TABLE or readers != 1 or kept:
        return None
    index = next(k for k, one in enumerate(operations) if one.result == source)
    return index if operations[index].kind in (Kind.INPUT, Kind.TABLE, *_ROUNDING) else None


def _then(first: Codes, second: Codes | None) -> Codes:
    return first if second is None else second[first]


def _without_identity(operation: Operation, network: Network) -> Operation:
    """A table that changes nothing goes, where the operation rounds with the zero point of its result."""
    if operation.kind not in _ROUNDING or operation.table is None:
        return operation
    same = operation.zero_point == network.tensors[operation.result].zero_point
    return replace(operation, table=None) if same and np.array_equal(operation.table, _ALL) else operation


def _renumbered(network: Network) -> Network:
    """Tensors in the order in which operations make them, and no others."""
    number = {one.result: k for k, one in enumerate(network.operations)}
    number[-1] = -1
    tensors: list[Tensor] = [network.tensors[one.result] for one in network.operations]
    operations = [
        replace(one, first=number[one.first], second=number[one.second], result=number[one.result])
        for one in network.operations
    ]
    outputs = [ExtraOutput(number[output.tensor], output.role) for output in network.extra_outputs]
    return Network(tensors, operations, outputs)
