"""The network of ``espcn`` asked eight times, turned and mirrored, and averaged (Timofte et al. 2016)."""

from __future__ import annotations

import numpy as np
from espcn import Network, coloured


def build(context):
    network = Network(context.profile["threads"])

    def model(x):
        picture = x["picture"]
        total = np.zeros((4 * picture.shape[0], 4 * picture.shape[1]), np.float32)
        for turns in (0, 2, 1, 3):  # upright ones first: the network is resized for each shape
            seen = np.rot90(picture, turns)
            total += np.rot90(network.corrections(seen), -turns)
            total += np.rot90(network.corrections(seen[:, ::-1])[:, ::-1], -turns)
        return coloured(picture, total / 8)

    return model
