"""Nearest mean of embeddings, each the mean over a picture and four copies, turned and sheared a little.

What one drawing has by chance, a small turn changes: the mean over copies keeps what belongs to the class.
"""

import cv2
import numpy as np
from banks import Means
from vectors import base, network

AMOUNT = 0.12
"""Radians of a turn, and the shift of a shear a pixel."""
TURNS = [
    np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]]) for turn in (AMOUNT, -AMOUNT)
]
SHEARS = [np.array([[1, shear], [0, 1]]) for shear in (AMOUNT, -AMOUNT)]


class Averaged:
    """Embeddings (n, 64) of pictures (n, side, side): means over ``copies`` of each."""

    def __init__(self, embed, side):
        centre = np.full(2, (side - 1) / 2)
        self.embed, self.side = embed, side
        self.changes = [np.c_[matrix, centre - matrix @ centre] for matrix in (*TURNS, *SHEARS)]

    def copies(self, image):
        """Return a picture and its copies (5, side, side)."""
        size = (self.side, self.side)
        return [image, *(cv2.warpAffine(image, change, size) for change in self.changes)]

    def __call__(self, images):
        pictures = np.stack([copy for image in images for copy in self.copies(image)])
        made = self.embed(pictures)
        return made.reshape(len(images), -1, made.shape[1]).mean(1)


def build(context):
    """Embed the base classes' pictures."""
    images, labels, _ = base(context, most=40)
    return Means(Averaged(network(context, __file__), images.shape[1]), images, labels)
