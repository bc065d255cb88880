"""Nearest mean of embeddings and histograms of gradients side by side, centred on the base classes."""

import numpy as np
from banks import Means
from vectors import base, gradients, network

SHARE = 0.8
"""The weight of histograms beside that of embeddings."""


def build(context):
    """Embed the base classes' pictures."""
    images, labels, _ = base(context, most=40)
    embed = network(context, __file__)
    return Means(lambda x: np.concatenate([embed(x), SHARE * gradients(x)], axis=1), images, labels)
