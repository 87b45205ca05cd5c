"""The MobileNetV3 that is trained, and the same one with batch norm folded away."""

from __future__ import annotations

import copy
from functools import partial

import torch
import torchvision
from torch import nn
from torch.nn import functional

_EPS = 1e-5
_MOMENTUM = 0.05  # torchvision's 0.01 forgets the start too slowly for a few thousand steps
_STEM = "features.0.0.weight"


class _FastLinear(nn.Linear):  # type: ignore[misc]  # torch has no types here
    """A linear layer computed as a 1x1 convolution: Debian's torch has no fast matrix product."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = functional.conv2d(x[:, :, None, None], self.weight[:, :, None, None], self.bias)
        return y[:, :, 0, 0]


def build(arch: str, channels: int, classes: int, dropout: float) -> nn.Module:
    """MobileNetV3 with random weights for 1 to 4 channels; names as in torchvision."""
    maker = {
        "small": torchvision.models.mobilenet_v3_small,
        "large": torchvision.models.mobilenet_v3_large,
    }[arch]
    norm = partial(nn.BatchNorm2d, eps=_EPS, momentum=_MOMENTUM)
    net: nn.Module = maker(weights=None, num_classes=classes, dropout=dropout, norm_layer=norm)
    stem = net.features[0]
    if channels != 3:
        stem[0] = nn.Conv2d(channels, stem[0].out_channels, 3, stride=2, padding=1, bias=False)
        nn.init.kaiming_normal_(stem[0].weight, mode="fan_out")
    for layer in net.classifier:
        if isinstance(layer, nn.Linear):
            layer.__class__ = _FastLinear  # same weights, other arithmetic
    return net


def load_start(net: nn.Module, state: dict[str, torch.Tensor]) -> tuple[int, int]:
    """Copies what fits, a stem of other channels by its mean; returns (taken, of all)."""
    own = net.state_dict()
    taken = 0
    for name, value in own.items():
        other = state.get(name)
        if other is None or not torch.is_tensor(other):
            continue
        if (
            name == _STEM
            and other.ndim == 4
            and other.shape[2:] == value.shape[2:]
            and (other.shape[0] == value.shape[0] and other.shape[1] != value.shape[1])
        ):
            scale = other.shape[1] / value.shape[1]
            other = other.float().mean(1, keepdim=True).expand_as(value) * scale
        if other.shape == value.shape:
            value.copy_(other)
            taken += 1
    return taken, len(own)


def fold(net: nn.Module) -> nn.Module:
    """A copy for export: plain layers, each batch norm folded into its convolution."""
    net = copy.deepcopy(net).to(memory_format=torch.contiguous_format).eval()
    for parent in list(net.modules()):
        if isinstance(parent, _FastLinear):
            parent.__class__ = nn.Linear
        if isinstance(parent, nn.Sequential):
            for i in range(len(parent) - 1):
                conv, norm = parent[i], parent[i + 1]
                if isinstance(conv, nn.Conv2d) and isinstance(norm, nn.BatchNorm2d):
                    _fold_pair(conv, norm)
                    parent[i + 1] = nn.Identity()
    return net


def _fold_pair(conv: nn.Conv2d, norm: nn.BatchNorm2d) -> None:
    assert norm.running_mean is not None and norm.running_var is not None
    with torch.no_grad():
        gain = norm.weight.double() / torch.sqrt(norm.running_var.double() + norm.eps)
        start = torch.zeros_like(gain) if conv.bias is None else conv.bias.double()
        bias = (start - norm.running_mean.double()) * gain + norm.bias.double()
        conv.weight.copy_(conv.weight.double() * gain[:, None, None, None])
        conv.bias = nn.Parameter(bias.float())
