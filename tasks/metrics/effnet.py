"""A perceptual distance of two pictures: features of the published EfficientNet-Lite0, compared.

Both pictures go through the first five blocks of the network (Tan and Le 2019; Liu 2020), trained on
ImageNet. At every position of the maps after blocks 1, 3 and 5 (a half, a quarter and an eighth of the
size) the channels are scaled to length one; the distance is the mean squared difference summed over
channels, averaged over the three maps. As in Zhang et al. (2018), arXiv 1801.03924, but with another network
and without weights learnt from people's judgements: the numbers are not LPIPS. 0: alike; at most 4.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from tasks.metrics.effnet_weights import weights

if TYPE_CHECKING:
    from harness.spec import Array

_EPSILON = 1e-3
_STRIDES = (1, 2, 1, 2, 1)
_COMPARED = (0, 2, 4)


def distance(a: Array, b: Array) -> float:
    """Compare two pictures, uint8 RGB (h, w, 3), of one size of at least 32 by 32 pixels."""
    pairs = zip(features(a), features(b), strict=True)
    return float(np.mean([np.mean(np.sum((_unit(x) - _unit(y)) ** 2, axis=-1)) for x, y in pairs]))


def features(picture: Array) -> Iterator[Array]:
    """Yield the maps, float32 (height, width, channels), after the blocks that are compared."""
    x = (picture.astype(np.float32) - 127) / 128
    x = _relu6(_normal(_convolved(x, "_conv_stem", 2), "_bn0"))
    for number, stride in enumerate(_STRIDES):
        x = _block(x, f"_blocks.{number}.", stride)
        if number in _COMPARED:
            yield x


def _block(x: Array, name: str, stride: int) -> Array:
    """Mobile inverted bottleneck: wider, one filter a channel, narrower; the input is added where it fits."""
    wide = x
    if f"{name}_expand_conv.weight" in weights():
        wide = _relu6(_normal(_mixed(x, f"{name}_expand_conv"), f"{name}_bn0"))
    wide = _relu6(_normal(_depthwise(wide, f"{name}_depthwise_conv", stride), f"{name}_bn1"))
    narrow = _normal(_mixed(wide, f"{name}_project_conv"), f"{name}_bn2")
    return narrow + x if narrow.shape == x.shape else narrow


def _convolved(x: Array, name: str, stride: int) -> Array:
    kernel = weights()[f"{name}.weight"].transpose(2, 3, 1, 0)
    taps = _taps(x, kernel.shape[0], stride)
    return np.asarray(sum(tap @ kernel[row, column] for row, column, tap in taps))


def _depthwise(x: Array, name: str, stride: int) -> Array:
    kernel = weights()[f"{name}.weight"][:, 0].transpose(1, 2, 0)
    return np.asarray(
        sum(tap * kernel[row, column] for row, column, tap in _taps(x, kernel.shape[0], stride))
    )


def _mixed(x: Array, name: str) -> Array:
    return np.asarray(x @ weights()[f"{name}.weight"][:, :, 0, 0].T)


def _taps(x: Array, size: int, stride: int) -> Iterator[tuple[int, int, Array]]:
    """Yield what each tap of a kernel sees of a map padded with zeros as TensorFlow does ("SAME")."""
    heights = [-(-side // stride) for side in x.shape[:2]]
    pads = [max((n - 1) * stride + size - side, 0) for n, side in zip(heights, x.shape[:2], strict=True)]
    x = np.pad(x, [(pads[0] // 2, -(-pads[0] // 2)), (pads[1] // 2, -(-pads[1] // 2)), (0, 0)])
    high, wide = ((n - 1) * stride + 1 for n in heights)
    for row in range(size):
        for column in range(size):
            yield row, column, x[row : row + high : stride, column : column + wide : stride]


def _normal(x: Array, name: str) -> Array:
    table = weights()
    scale = table[f"{name}.weight"] / np.sqrt(table[f"{name}.running_var"] + _EPSILON)
    return np.asarray((x - table[f"{name}.running_mean"]) * scale + table[f"{name}.bias"])


def _relu6(x: Array) -> Array:
    return np.clip(x, 0, 6)


def _unit(x: Array) -> Array:
    return np.asarray(x / (np.linalg.norm(x, axis=-1, keepdims=True) + 1e-10))
