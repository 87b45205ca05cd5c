"""A network that computes as its INT8 form will, but can still be trained: the last resort of quantisation.

Weights are rounded to int8 per output channel, symmetric, with the batch norm folded in; activations to uint8 per
tensor, in ranges observed once and then fixed. Gradients pass through the rounding (straight-through estimator, Bengio
et al. 2013), and stop where a value is clipped. The teacher is the float network (distillation, Hinton et al. 2015).
"""

from __future__ import annotations

import copy
import itertools
from collections.abc import Callable, Iterable

import torch
import torchvision
from torch import nn
from torch.nn import functional

_LABEL_SHARE = 0.02  # of the loss; the rest says: answer like the teacher
_RANGE_DOUBT = 0.1
_TEMPERATURE = 4.0  # softens the answers, so that the sure ones are matched too
_ROUNDED = (
    nn.Conv2d,
    nn.Linear,
    nn.ReLU,
    nn.Hardswish,
    nn.Hardsigmoid,
    nn.AdaptiveAvgPool2d,
    torchvision.ops.misc.SqueezeExcitation,
    torchvision.models.mobilenetv3.InvertedResidual,
)
Loss = Callable[[torch.Tensor, torch.Tensor, torch.Tensor], torch.Tensor]  # images, logits, labels


class _Observer:
    """A forward hook: takes in the range of a layer's answers, and once it is `fixed`, rounds them."""

    def __init__(self) -> None:
        self.fixed = False
        self._low = self._high = 0.0  # zero is always exact

    def __call__(self, module: nn.Module, given: object, answer: torch.Tensor) -> torch.Tensor:
        if not self.fixed:
            self._low = min(self._low, float(answer.min()))
            self._high = max(self._high, float(answer.max()))
            return answer
        scale = max(self._high - self._low, 1e-8) / 255.0
        if module.training:  # another calibration finds other ranges: what is learned must not hang on these
            scale *= 1.0 + _RANGE_DOUBT * (2.0 * float(torch.rand(())) - 1.0)
        zero = min(255, round(-self._low / scale))
        rounded: torch.Tensor = torch.fake_quantize_per_tensor_affine(answer, scale, zero, 0, 255)
        return rounded


class _Conv(nn.Conv2d):  # type: ignore[misc]  # torch has no types here
    """A convolution with its batch norm folded in and its weights rounded; `norm` is no part of its state."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        weight, bias = self.weight, self.bias
        norm = self.__dict__["norm"]
        if norm is not None:
            gain = norm.weight / torch.sqrt(norm.running_var + norm.eps)
            weight = weight * gain[:, None, None, None]
            bias = norm.bias - norm.running_mean * gain + (0.0 if bias is None else bias * gain)
        return functional.conv2d(x, _round(weight), bias, self.stride, self.padding, self.dilation, self.groups)


class _Passed(nn.BatchNorm2d):  # type: ignore[misc]
    """A batch norm that its convolution has done already."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x


class _Linear(nn.Linear):  # type: ignore[misc]
    """A linear layer with rounded weights, as a 1x1 convolution."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        weight = _round(self.weight)[:, :, None, None]
        return functional.conv2d(x[:, :, None, None], weight, self.bias)[:, :, 0, 0]


def imitate(net: nn.Module, batches: Iterable[torch.Tensor]) -> nn.Module:
    """A copy of a network of `network.build` that rounds as INT8 does, in the ranges seen in `batches`.

    Its state has the same names, so that what it learns can be put back.
    """
    student = copy.deepcopy(net).eval()
    merged = set()  # a convolution and its ReLU are one step of the device, rounded once
    for parent in list(student.modules()):
        parts = list(parent.children()) if isinstance(parent, nn.Sequential) else []
        for conv, norm in itertools.pairwise(parts):
            if isinstance(conv, nn.Conv2d) and isinstance(norm, nn.BatchNorm2d):
                conv.__dict__["norm"] = norm
                norm.__class__ = _Passed
        if len(parts) == 3 and isinstance(parts[2], nn.ReLU):
            merged.add(parts[0])
        if isinstance(parent, torchvision.ops.misc.SqueezeExcitation):
            merged.add(parent.fc1)
    observers = []
    for module in student.modules():
        if isinstance(module, nn.Conv2d):
            module.__dict__.setdefault("norm", None)
            module.__class__ = _Conv
        elif isinstance(module, nn.Linear):
            module.__class__ = _Linear
        if isinstance(module, _ROUNDED) and module not in merged and getattr(module, "use_res_connect", True):
            observers.append(_Observer())
            module.register_forward_hook(observers[-1])
    with torch.no_grad():
        for x in batches:
            student(x)
    for observer in observers:
        observer.fixed = True
    return student


def distil(teacher: nn.Module) -> Loss:
    """The loss that pulls a network to the answers of `teacher`, and a little to the labels."""
    teacher = copy.deepcopy(teacher).eval()

    def loss(x: torch.Tensor, logits: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        with torch.no_grad():
            wanted = functional.log_softmax(teacher(x) / _TEMPERATURE, dim=1)
        given = functional.log_softmax(logits / _TEMPERATURE, dim=1)
        apart = _TEMPERATURE**2 * functional.kl_div(given, wanted, reduction="batchmean", log_target=True)
        return (1.0 - _LABEL_SHARE) * apart + _LABEL_SHARE * functional.cross_entropy(logits, y)

    return loss


def _round(weight: torch.Tensor) -> torch.Tensor:
    count = weight.shape[0]
    scale = weight.detach().reshape(count, -1).abs().amax(dim=1).clamp_min(1e-8) / 127.0
    zero = torch.zeros(count, dtype=torch.int32)
    rounded: torch.Tensor = torch.fake_quantize_per_channel_affine(weight, scale, zero, 0, -127, 127)
    return rounded
