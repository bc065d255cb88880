"""Classical vision, the frozen reference: box filters of colour, light and roughness, added up.

A crown-of-thorns is a dark, spiny disc: rougher than what is around it, and of another colour than the
green water. Four channels of the frame at a quarter of its size are each compared with their
surroundings at three scales; the weights of the twelve contrasts are a logistic regression on the
public part of ``reef``. Peaks of the sum are starfish of one size.
"""

import cv2
import numpy as np

SCALE = 4
SCALES = ((3, 11), (7, 31), (11, 31))
WEIGHTS = (
    (0.499, 0.667, -0.418),  # red against green
    (-0.019, 0.304, -0.412),  # blue against green
    (-0.006, 0.074, -0.217),  # light
    (0.094, 0.267, 0.044),  # roughness
)
BIAS = -5.943
THRESHOLD = 2.0
WIDTH, HEIGHT = 52, 47
MOST = 20


def build(context):
    """Nothing to load; the profile says how many threads OpenCV may use."""
    cv2.setNumThreads(int(context.profile["threads"]))
    return detect


def detect(x):
    """Return rows ``confidence x y width height``, at most twenty."""
    frame = x["frame"]
    height, width = frame.shape[:2]
    half = cv2.resize(frame, (width // 2, height // 2), interpolation=cv2.INTER_AREA)
    quarter = (width // SCALE, height // SCALE)
    edges = np.abs(cv2.Laplacian(cv2.cvtColor(half, cv2.COLOR_RGB2GRAY), cv2.CV_32F, ksize=1))
    rough = cv2.resize(edges, quarter, interpolation=cv2.INTER_AREA)
    small = cv2.resize(half, quarter, interpolation=cv2.INTER_AREA)
    red, green, blue = (channel.astype(np.float32) for channel in cv2.split(small))
    total = red + green + blue + 30
    channels = (100 * (red - green) / total, 100 * (blue - green) / total, total / 10, rough)
    score = np.full(red.shape, BIAS, np.float32)
    for channel, weights in zip(channels, WEIGHTS, strict=True):
        blurred = {size: cv2.blur(channel, (size, size)) for size in (3, 7, 11, 31)}
        for (inner, outer), weight in zip(SCALES, weights, strict=True):
            score += weight * (blurred[inner] - blurred[outer])
    score = cv2.blur(score, (5, 5))
    rows, columns = np.nonzero(
        (score == cv2.dilate(score, np.ones((11, 11), np.uint8))) & (score > THRESHOLD)
    )
    order = np.argsort(-score[rows, columns], kind="stable")[:MOST]
    rows, columns = rows[order], columns[order]
    left, top = (columns + 0.5) * SCALE - WIDTH / 2, (rows + 0.5) * SCALE - HEIGHT / 2
    confidence = 1 / (1 + np.exp(-score[rows, columns]))
    size = np.ones(len(rows))
    return np.stack([confidence, left, top, WIDTH * size, HEIGHT * size], axis=1).astype(np.float32)
