"""Compiled networks of random numbers: every kind of operation, odd sizes, every kernel and stride."""

from __future__ import annotations

import numpy as np

from taktgate_prep.compile.network import ExtraOutput, Kind, Network, Operation, Tensor, Window

KERNELS, STRIDES = (1, 3, 5, 7), (1, 2)

# Kernel, channels inside, channels behind, stride, squeeze and excite: MobileNetV3 (Howard and others, 2019, tables 1
# and 2) and MobileNetV2 (Sandler and others, 2018, table 2), a block of each shape.
BLOCKS = {
    "small": (
        (3, 16, 16, 2, True), (3, 72, 24, 2, False), (3, 88, 24, 1, False), (5, 96, 40, 2, True), (5, 240, 40, 1, True),
        (5, 120, 48, 1, True), (5, 144, 48, 1, True), (5, 288, 96, 2, True), (5, 576, 96, 1, True),
    ),
    "large": (
        (3, 16, 16, 1, False), (3, 64, 24, 2, False), (3, 72, 24, 1, False), (5, 72, 40, 2, True),
        (5, 120, 40, 1, True), (3, 240, 80, 2, False), (3, 200, 80, 1, False), (3, 184, 80, 1, False),
        (3, 480, 112, 1, True), (3, 672, 112, 1, True), (5, 672, 160, 2, True), (5, 960, 160, 1, True),
    ),
    "second": (
        (3, 32, 16, 1, False), (3, 96, 24, 2, False), (3, 144, 24, 1, False), (3, 144, 32, 2, False),
        (3, 192, 32, 1, False), (3, 192, 64, 2, False), (3, 384, 64, 1, False), (3, 384, 96, 1, False),
        (3, 576, 96, 1, False), (3, 576, 160, 2, False), (3, 960, 160, 1, False), (3, 960, 320, 1, False),
    ),
}  # fmt: skip
ENDS = {"small": (576, 1024), "large": (960, 1280), "second": (1280,)}  # channels before and behind the last mean


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

    def mobilenet(self, which: str, side: int, channels: int, labels: int) -> Network:
        """One of BLOCKS; the mean before the head is an extra output."""
        x = self._convolved(Kind.CONV, self._input(side, side, channels), BLOCKS[which][0][1], 3, 2)
        for kernel, wide, narrow, stride, squeeze in BLOCKS[which]:
            y = x if self.tensors[x].channels == wide else self._convolved(Kind.CONV, x, wide)
            y = self._convolved(Kind.DEPTHWISE, y, wide, kernel, stride)
            if squeeze:
                gate = self._convolved(Kind.CONV, self._mean(y), (wide // 4 + 7) // 8 * 8)
                gate = self._convolved(Kind.CONV, gate, wide)
                y = self._put(Kind.GATE, y, gate, like=y, multipliers=[0.004 + 0.004 * self._rng.random()])
            y = self._convolved(Kind.CONV, y, narrow)
            same = self.tensors[x] if stride == 1 and self.tensors[x].channels == narrow else None
            x = y if same is None else self._put(Kind.ADD, x, y, like=y, multipliers=0.3 + 0.7 * self._rng.random(2))
        before, *behind = ENDS[which]
        pooled = x = self._mean(self._convolved(Kind.CONV, x, before))
        for inner in behind:
            x = self._convolved(Kind.CONV, x, inner)
        self._weighed(Kind.LOGITS, x, (1, 1, labels), (labels, 1, 1, self.tensors[x].channels), None)
        return Network(self.tensors, self.operations, [ExtraOutput(pooled, "embedding")])

    def _convolved(self, kind: Kind, first: int, channels: int, kernel: int = 1, stride: int = 1) -> int:
        source, pad = self.tensors[first], kernel // 2
        size = [(side + 2 * pad - kernel) // stride + 1 for side in (source.height, source.width)]
        depth = () if kind == Kind.DEPTHWISE else (source.channels,)
        window = Window((kernel, kernel), (stride, stride), (pad, pad))
        return self._weighed(kind, first, (*size, channels), (channels, kernel, kernel, *depth), window)

    def _input(self, height: int = 0, width: int = 0, channels: int = 0) -> int:
        sizes = (height or self._whole(5, 40), width or self._whole(5, 40), channels or self._whole(1, 4))
        result = self._tensor(*sizes)
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
