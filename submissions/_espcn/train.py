"""Train the sub-pixel network on the public photographs and write ``model.tflite`` beside this file.

    .venv/tensorflow/bin/python submissions/_espcn/train.py PUBLIC

PUBLIC is the folder that ``run_bench.py data super_resolution`` prints. Takes some minutes on two cores.

After Shi et al. (2016), arXiv 1609.05158: convolutions at the small size, then every pixel unfolds into four
by four. The network sees luma and gives what bicubic interpolation lacks. All numbers have 8 bits.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

import cv2
import keras
import numpy as np
import tensorflow as tf

SCALE, PATCH, BATCH, STEPS = 4, 24, 32, 9000
ZOOMS = (1.0, 0.85, 0.72, 0.6, 0.5)
WIDTHS = ((5, 32), (3, 32), (3, 32))
RANGE = 64.0
"""The network's output of one is this many grey levels."""


def keys(x):
    x = np.abs(x)
    near, far = (1.5 * x - 2.5) * x * x + 1, ((-0.5 * x + 2.5) * x - 4) * x + 2
    return np.where(x <= 1, near, np.where(x <= 2, far, 0))


def weights(size, target):
    """Return the antialiased bicubic from ``size`` to ``target`` pixels as a matrix (target, size)."""
    scale = target / size
    stretch = min(scale, 1.0)
    centre = (np.arange(target) + 0.5) / scale - 0.5
    taps = np.floor(centre - 2 / stretch).astype(int)[:, None] + np.arange(int(4 / stretch) + 3)
    share = keys((centre[:, None] - taps) * stretch)
    share /= share.sum(axis=1, keepdims=True)
    mirrored = taps % (2 * size)
    mirrored = np.where(mirrored < size, mirrored, 2 * size - 1 - mirrored)
    table = np.zeros((target, size))
    np.add.at(table, (np.arange(target)[:, None], mirrored), share)
    return table


def resized(picture, height, width):
    return weights(picture.shape[0], height) @ picture @ weights(picture.shape[1], width).T


def pairs(folder):
    """Return luma at the small size (h, w), and what bicubic interpolation of it lacks (h, w, 16)."""
    found = []
    for path in sorted(Path(folder).glob("*.png")):
        red_green_blue = cv2.imread(str(path))[..., ::-1].astype(np.float64)
        luma = red_green_blue @ np.array([65.481, 128.553, 24.966]) / 255 + 16
        for zoom in ZOOMS:
            height, width = (int(side * zoom) // SCALE for side in luma.shape)
            true = resized(luma, height * SCALE, width * SCALE) if zoom < 1 else luma
            true = np.rint(true[: height * SCALE, : width * SCALE])
            small = np.rint(resized(true, height, width))
            lacking = true - resized(small, height * SCALE, width * SCALE)
            folded = lacking.reshape(height, SCALE, width, SCALE).transpose(0, 2, 1, 3)
            found.append((small.astype(np.float32), folded.astype(np.float32)))
    return found


def batch(rng, examples, areas):
    """Draw patches: pictures by their area, a random place, one of eight orientations, a random contrast."""
    small, lacking = (
        np.empty((BATCH, PATCH, PATCH), np.float32),
        np.empty((BATCH, PATCH, PATCH, 16), np.float32),
    )
    for place, number in enumerate(rng.choice(len(examples), BATCH, p=areas)):
        luma, target = examples[number]
        top, left = (rng.integers(side - PATCH + 1) for side in luma.shape)
        luma = luma[top : top + PATCH, left : left + PATCH]
        target = target[top : top + PATCH, left : left + PATCH]
        if rng.random() < 0.5:
            luma, target = luma[:, ::-1], target[:, ::-1, :, ::-1]
        if rng.random() < 0.5:
            luma, target = luma[::-1], target[::-1, :, ::-1]
        if rng.random() < 0.5:
            luma, target = luma.T, target.transpose(1, 0, 3, 2)
        contrast = rng.uniform(0.6, 1.3)
        middle = luma.mean()
        small[place] = (luma - middle) * contrast + np.clip(middle + rng.uniform(-30, 30), 16, 235)
        lacking[place] = target.reshape(PATCH, PATCH, 16) * contrast
    return small[..., None], lacking


def network():
    luma = keras.Input((None, None, 1))
    x = luma * (1 / 128) - 1.0
    for size, width in WIDTHS:
        x = keras.layers.Conv2D(width, size, padding="same", activation="relu")(x)
    return keras.Model(luma, keras.layers.Conv2D(SCALE**2, 3, padding="same")(x))


def train(examples, seed=0):
    keras.utils.set_random_seed(seed)
    rng = np.random.default_rng(seed)
    areas = np.array([luma.size for luma, _ in examples], np.float64)
    model = network()
    optimizer = keras.optimizers.Adam(keras.optimizers.schedules.CosineDecay(2e-3, STEPS))

    @tf.function(jit_compile=False)
    def step(small, lacking):
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean((model(small) - lacking / RANGE) ** 2)
        optimizer.apply_gradients(
            zip(tape.gradient(loss, model.trainable_weights), model.trainable_weights, strict=True)
        )
        return loss

    started, losses = time.perf_counter(), []
    for number in range(1, STEPS + 1):
        small, lacking = batch(rng, examples, areas / areas.sum())
        losses.append((float(step(small, lacking)), float(np.mean(lacking**2)) / RANGE**2))
        if number % 500 == 0:
            mine, bicubic = np.mean(losses[-500:], axis=0)
            gain, seconds = 10 * np.log10(bicubic / mine), time.perf_counter() - started
            print(f"step {number} of {STEPS}: {gain:+.2f} dB over bicubic, {seconds:.0f} s", flush=True)
    return model


def export(model, examples, path):
    """Quantise to 8 bits, with ranges seen on the training pictures, and write the model."""
    rng = np.random.default_rng(1)

    def seen():
        for _ in range(12):
            for picture in batch(rng, examples, np.full(len(examples), 1 / len(examples)))[0]:
                yield [picture[None]]

    converter = tf.lite.TFLiteConverter.from_keras_model(model)
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    converter.representative_dataset = seen
    converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
    converter.inference_input_type = converter.inference_output_type = tf.int8
    path.write_bytes(converter.convert())


if __name__ == "__main__":
    pictures = pairs(Path(sys.argv[1]) / "train")
    export(train(pictures), pictures, Path(__file__).with_name("model.tflite"))
