"""Compiled networks of random numbers: every kind of operation, odd sizes, every kernel and stride."""

from __future__ import annotations

import numpy as np

from taktgate_prep.compile.network import ExtraOutput, Kind, Network, Operation, Tensor, Window

KERNELS, STRIDES = (1, 3, 5, 7), (1, 2)


class NetworkMaker:
    """Tensors are named by what the calls return."""

    def __init__(self, seed: int) -> None:
        self._rng = np.random.default_rng(seed)
        self._most = 64 if seed % 2 else 127
        self.tensors: list[Tensor] = []
        self.operations: list[Operation] = []

    def network(self) -> Network:
        """An input, layers one after the other with a gate and a sum between them, logits or scores, a class map."""
        x = self._input()
        for _ in range(self._whole(3, 5)):
            x = self._layer(Kind.DEPTHWISE, self._layer(Kind.CONV, x, self._whole(1, 20)))
            gate = self._layer(Kind.CONV, self._mean(x), self.tensors[x].channels, pointwise=True)
            y = self._put(Kind.GATE, x, gate, like=x, multipliers=[0.004 + 0.004 * self._rng.random()])
            x = self._put(Kind.ADD, x, y, like=x, multipliers=0.3 + 0.7 * self._rng.random(2))
            x = self._put(Kind.TABLE, x, like=x, table=self._table())
        labels = self._whole(2, 5)
        vector = self._mean(x)
        maps = self._layer(Kind.CONV, x, labels, pointwise=True)
        if self._rng.random() < 0.5:
            self._weighed(Kind.LOGITS, vector, (1, 1, labels), (labels, 1, 1, self.tensors[vector].channels), None)
        else:
            last = self._layer(Kind.CONV, vector, labels, pointwise=True)
            self._put(Kind.SCORES, last, like=last, multipliers=[0.1])
        source = self.tensors[maps]
        selected = self._tensor(source.height, source.width, 1, source.zero_point)
        self.operations.append(Operation(Kind.SELECT, selected, maps))
        return Network(
            self.tensors, self.operations, [ExtraOutput(vector, "embedding"), ExtraOutput(selected, "class_map")]
        )

    def _input(self) -> int:
        result = self._tensor(self._whole(5, 40), self._whole(5, 40), self._whole(1, 4))
        table = self._rng.integers(0, 256, (self.tensors[result].channels, 256)).astype(np.uint8)
        self.operations.append(Operation(Kind.INPUT, result, table=table))
        return result

    def _layer(self, kind: Kind, first: int, channels: int = 0, pointwise: bool = False) -> int:
        source = self.tensors[first]
        channels = source.channels if kind == Kind.DEPTHWISE else channels
        shapes = [self._kernel(pointwise)] * 2 if kind == Kind.DEPTHWISE else [self._kernel(pointwise) for _ in "hw"]
        sides = [self._side(side, *shape) for side, shape in zip((source.height, source.width), shapes, strict=True)]
        kernel, stride, pad, size = zip(*sides, strict=True)
        depth = () if kind == Kind.DEPTHWISE else (source.channels,)
        return self._weighed(kind, first, (*size, channels), (channels, *kernel, *depth), Window(kernel, stride, pad))

    def _kernel(self, pointwise: bool) -> tuple[int, int]:
        """Kernel and stride of one side."""
        return (1, 1) if pointwise else (int(self._rng.choice(KERNELS)), int(self._rng.choice(STRIDES)))

    def _side(self, side: int, kernel: int, stride: int) -> tuple[int, int, int, int]:
        """Kernel, stride, pad and the size of the result, of one side."""
        pad = int(self._rng.integers(0, kernel)) if side < kernel + 3 else (kernel - 1) // 2
        pad = max(pad, -(-max(0, kernel - side) // 2))
        return kernel, stride, pad, (side + 2 * pad - kernel) // stride + 1

    def _weighed(
        self, kind: Kind, first: int, size: tuple[int, ...], shape: tuple[int, ...], window: Window | None
    ) -> int:
        result = self._tensor(*size)
        table = self._table() if kind != Kind.LOGITS and self._rng.random() < 0.3 else None
        channels, count = shape[0], int(np.prod(shape[1:]))
        self.operations.append(
            Operation(
                kind,
                result,
                first,
                window=window,
                weights=self._rng.integers(-self._most, self._most + 1, shape).astype(np.int8),
                biases=self._rng.integers(-10000, 10001, channels).astype(np.int32),
                multipliers=((0.5 + self._rng.random(channels)) * 0.03 / count**0.5).astype(np.float32),
                table=table,
                zero_point=0 if kind == Kind.LOGITS else self._zero_point(result, table),
            )
        )
        return result

    def _mean(self, first: int) -> int:
        source = self.tensors[first]
        result = self._tensor(1, 1, source.channels)
        zero_point = self._zero_point(result, None)
        multiplier = np.array([(0.5 + self._rng.random()) / (source.height * source.width)], np.float32)
        self.operations.append(Operation(Kind.MEAN, result, first, zero_point=zero_point, multipliers=multiplier))
        return result

    def _put(self, kind: Kind, first: int, second: int = -1, *, like: int, multipliers=(), table=None) -> int:
        source = self.tensors[like]
        result = self._tensor(source.height, source.width, source.channels)
        if table is None and kind != Kind.SCORES and self._rng.random() < 0.3:
            table = self._table()
        numbers = np.array(multipliers, np.float32)
        zero_point = self._zero_point(result, table) if kind in (Kind.ADD, Kind.GATE) else 0
        self.operations.append(Operation(kind, result, first, second, zero_point, multipliers=numbers, table=table))
        return result

    def _tensor(self, height: int, width: int, channels: int, zero_point: int | None = None) -> int:
        zero_point = self._whole(0, 255) if zero_point is None else zero_point
        self.tensors.append(Tensor(int(height), int(width), int(channels), zero_point, 0.05))
        return len(self.tensors) - 1

    def _zero_point(self, result: int, table: np.ndarray | None) -> int:
        """That of the result, but before a table any."""
        return self.tensors[result].zero_point if table is None else self._whole(0, 255)

    def _table(self) -> np.ndarray:
        return self._rng.integers(0, 256, 256).astype(np.uint8)

    def _whole(self, low: int, high: int) -> int:
        return int(self._rng.integers(low, high + 1))
