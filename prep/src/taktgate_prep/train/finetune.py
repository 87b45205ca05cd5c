"""`train --from CHECKPOINT --finetune-int8`: the same network, taught to lose less when it is rounded to INT8."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import torch
from torch import nn

from taktgate_prep.train.batches import Batches
from taktgate_prep.train.fake_int8 import Loss, distil, imitate
from taktgate_prep.train.inputs import Inputs
from taktgate_prep.train.options import TrainOptions
from taktgate_prep.train.outcome import Best

_OBSERVED = 20  # batches for the ranges of the activations


def prepare(net: nn.Module, inputs: Inputs, options: TrainOptions) -> tuple[nn.Module, Loss]:
    """The network that is trained in place of `net`, and its loss; `net` is the teacher."""
    teacher = net.eval().to(memory_format=torch.channels_last)
    return imitate(teacher, _images(inputs, options)), distil(teacher)


def put_back(best: Best, net: nn.Module) -> Best:
    """What was learned, in the plain network `net` again."""
    net.load_state_dict(best.net.state_dict())
    return replace(best, net=net.eval())


def _images(inputs: Inputs, options: TrainOptions) -> Iterator[torch.Tensor]:
    rng = np.random.default_rng([options.seed, 2])
    batches = Batches(inputs.train, inputs.contract, inputs.turns, rng)
    for _ in range(_OBSERVED):
        yield batches.make(rng.integers(0, len(inputs.train), options.batch))[0]
