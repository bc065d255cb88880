"""The perceptual distance: the published network is read and wired right, and blur is far away."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from datasets.people.portraits import photograph
from datasets.photos.mini import HIDDEN
from harness.spec.errors import BadData, NotAvailable
from tasks.metrics import effnet, effnet_weights

STRIDES = (1, 2, 1, 2, 1, 2, 1, 1, 1, 1, 1, 2, 1, 1, 1, 1)
"""Of all sixteen blocks of EfficientNet-Lite0."""
EGYPTIAN_CAT, ESPRESSO = 285, 967


def named(photo: str) -> int:
    """The class, of ImageNet's thousand, that the whole network gives to the middle of a photograph."""
    picture = photograph("skimage", *HIDDEN[photo])
    side = min(picture.shape[:2])
    top, left = ((size - side) // 2 for size in picture.shape[:2])
    square = picture[top : top + side, left : left + side]
    x = (cv2.resize(square, (224, 224), interpolation=cv2.INTER_AREA).astype(np.float32) - 127) / 128
    x = effnet._relu6(effnet._normal(effnet._convolved(x, "_conv_stem", 2), "_bn0"))
    for number, stride in enumerate(STRIDES):
        x = effnet._block(x, f"_blocks.{number}.", stride)
    x = effnet._relu6(effnet._normal(effnet._mixed(x, "_conv_head"), "_bn1")).mean(axis=(0, 1))
    weights = effnet_weights.weights()
    return int(np.argmax(x @ weights["_fc.weight"].T + weights["_fc.bias"]))


def test_the_whole_network_names_what_photographs_show() -> None:
    assert [named("chelsea"), named("coffee")] == [EGYPTIAN_CAT, ESPRESSO]


def test_the_more_is_lost_the_larger_the_distance() -> None:
    picture = photograph("skimage", *HIDDEN["chelsea"])[:128, :128]
    distances = [effnet.distance(cv2.GaussianBlur(picture, (0, 0), sigma), picture) for sigma in (1, 2, 4)]
    assert effnet.distance(picture, picture) == 0
    assert 0 < distances[0] < distances[1] < distances[2] <= 4


def test_missing_or_other_weights_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    read = effnet_weights.weights.__wrapped__
    monkeypatch.setattr(effnet_weights, "SHA256", "0" * 64)
    with pytest.raises(BadData, match="not the published EfficientNet-Lite0"):
        read()
    monkeypatch.setattr(effnet_weights, "PACKAGE", "no_such_package")
    with pytest.raises(NotAvailable, match="make setup"):
        read()
