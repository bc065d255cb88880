"""Train the embedding on the base classes of ``glyphs`` and write ``embedding.tflite`` beside this file.

    .venv/tensorflow/bin/python submissions/_retrieval/train.py PUBLIC

PUBLIC is the folder that ``run_bench.py data retrieval`` prints. Takes about two minutes on two cores.

A small convolutional network with a cosine softmax over the base classes (Wang et al. 2018, CosFace without
margin). Every picture is turned and shifted anew at each step; a quarter turn makes another class.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

import cv2
import numpy as np
import tensorflow as tf

STEPS, BATCH, WIDTH, SECONDS = 2500, 128, 64, 240
SHARPNESS = 16.0
LAYERS = tf.keras.layers


def network():
    """Return the network from pictures (n, 28, 28, 1) in 0..1 to embeddings (n, 64) of length one."""
    stack = [tf.keras.Input((28, 28, 1))]
    for width in (24, 48, 96):
        stack += [
            LAYERS.Conv2D(width, 3, padding="same", use_bias=False),
            LAYERS.BatchNormalization(momentum=0.9),
            LAYERS.ReLU(),
            LAYERS.MaxPooling2D(padding="same"),
        ]
    return tf.keras.Sequential([*stack, LAYERS.Flatten(), LAYERS.Dense(WIDTH), LAYERS.UnitNormalization()])


def changed(images, rng):
    """Turn, scale, shear and shift each picture."""
    made = np.empty(images.shape, np.float32)
    for place, image in enumerate(images):
        turn, shear, (wide, high) = rng.normal(0, 0.12), rng.normal(0, 0.1), np.exp(rng.normal(0, 0.1, 2))
        matrix = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]]) @ np.array(
            [[wide, shear], [0, high]]
        )
        shift = np.full(2, 13.5) - matrix @ np.full(2, 13.5) + rng.normal(0, 1, 2)
        made[place] = cv2.warpAffine(image, np.c_[matrix, shift], (28, 28))
    return made


def main(public):
    """Train, convert and write."""
    with np.load(public / "base.npz") as held:
        images, labels = held["images"].astype(np.float32) / 255, held["labels"]
    count = labels.max() + 1
    turned = [np.rot90(images, k, (1, 2)) for k in range(4)]
    images, labels = np.concatenate(turned), np.concatenate([labels + k * count for k in range(4)])
    rng = np.random.default_rng(0)
    tf.random.set_seed(0)
    model = network()
    weights = tf.Variable(tf.random.normal((WIDTH, 4 * count), stddev=0.1))
    rate = tf.keras.optimizers.schedules.CosineDecay(3e-3, STEPS)
    optimiser = tf.keras.optimizers.AdamW(rate, weight_decay=1e-3)

    @tf.function
    def step(x, y):
        with tf.GradientTape() as tape:
            logits = SHARPNESS * model(x, training=True) @ tf.math.l2_normalize(weights, 0)
            loss = tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(y, logits))
        variables = [*model.trainable_variables, weights]
        optimiser.apply_gradients(zip(tape.gradient(loss, variables), variables, strict=True))
        return loss

    start = time.time()
    for number in range(STEPS):
        chosen = rng.integers(0, len(images), BATCH)
        loss = step(changed(images[chosen], rng)[..., None], labels[chosen])
        if number % 100 == 0:
            print(number, float(loss), round(time.time() - start), flush=True)
        if time.time() - start > SECONDS:
            break
    (Path(__file__).parent / "embedding.tflite").write_bytes(converted(model))


def converted(model):
    """Return the network as LiteRT bytes for any number of pictures, weights as 16-bit floats."""
    converter = tf.lite.TFLiteConverter.from_keras_model(model)
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    converter.target_spec.supported_types = [tf.float16]
    return converter.convert()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
