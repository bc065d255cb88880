"""Trains the detector on the public part of ``reef`` and writes ``model.tflite`` beside this file.

    .venv/worker/bin/python submissions/cots/cnn/train.py PUBLIC

PUBLIC is the folder that ``run_bench.py data cots`` prints. Takes some minutes on two cores.

Objects as points (Zhou et al. 2019): a heat map of centres at a sixteenth of the frame, and at each
centre the box's offset and size. The network sees the frame at half size.
"""

from __future__ import annotations

import ast
import csv
import sys
import time
from pathlib import Path

import cv2
import numpy as np
import tensorflow as tf

HEIGHT, WIDTH = 360, 640
CROP, STRIDE = 128, 8
STEPS, BATCH = 2600, 16
LAYERS = tf.keras.layers


def read(public):
    """Every training frame at half size with its boxes (n, 4) as centre and size in its pixels."""
    frames = []
    with (public / "train.csv").open(newline="") as stream:
        for row in csv.DictReader(stream):
            path = public / "train_images" / f"video_{row['video_id']}" / f"{row['video_frame']}.jpg"
            picture = cv2.cvtColor(cv2.imread(str(path)), cv2.COLOR_BGR2RGB)
            scale = np.array([WIDTH / picture.shape[1], HEIGHT / picture.shape[0]] * 2)
            boxes = [
                (b["x"] + b["width"] / 2, b["y"] + b["height"] / 2, b["width"], b["height"])
                for b in ast.literal_eval(row["annotations"])
            ]
            small = cv2.resize(picture, (WIDTH, HEIGHT), interpolation=cv2.INTER_AREA)
            frames.append((small, np.array(boxes, np.float64).reshape(-1, 4) * scale))
    return frames


def augmented(rng, frame, boxes):
    """One random view: crop (often around a starfish), scale, flips, light and colour."""
    zoom = rng.uniform(0.75, 1.35)
    side = CROP / zoom
    if len(boxes) and rng.random() < 0.8:
        cx, cy = boxes[rng.integers(len(boxes)), :2] + rng.uniform(-0.4, 0.4, 2) * side
    else:
        cx, cy = rng.uniform(0, WIDTH), rng.uniform(0, HEIGHT)
    left, top = cx - side / 2, cy - side / 2
    matrix = np.array([[zoom, 0, -left * zoom], [0, zoom, -top * zoom]])
    view = cv2.warpAffine(frame, matrix, (CROP, CROP), borderMode=cv2.BORDER_REFLECT)
    moved = (boxes - [left, top, 0, 0]) * zoom
    if rng.random() < 0.5:
        view, moved = view[:, ::-1], moved * [-1, 1, 1, 1] + [CROP, 0, 0, 0]
    if rng.random() < 0.2:
        view, moved = view[::-1], moved * [1, -1, 1, 1] + [0, CROP, 0, 0]
    inside = (moved[:, :2] > 0).all(1) & (moved[:, :2] < CROP).all(1)
    gain = rng.uniform(0.7, 1.35) * rng.uniform(0.85, 1.15, 3)
    light = np.clip(view * gain + rng.uniform(-20, 20), 0, 255) / 255.0
    return light.astype(np.float32), moved[inside]


def targets(boxes):
    """Heat map of centres, and at each centre offset, size and a mask: (cells, cells, 6)."""
    cells = CROP // STRIDE
    target = np.zeros((cells, cells, 6), np.float32)
    rows, columns = np.mgrid[:cells, :cells]
    for x, y, width, height in boxes:
        column, row = int(x / STRIDE), int(y / STRIDE)
        sigma = max(0.7, (width + height) / 2 / STRIDE / 6)
        spot = np.exp(-((columns - column) ** 2 + (rows - row) ** 2) / (2 * sigma**2))
        target[..., 0] = np.maximum(target[..., 0], spot)
        target[row, column, 1:3] = x / STRIDE - column, y / STRIDE - row
        target[row, column, 3:5] = np.log(width / 16), np.log(height / 16)
        target[row, column, 5] = 1
    return target


def network():
    """Fully convolutional, about 200,000 weights; output (h / 8, w / 8, 5)."""

    def convolution(x, filters, stride=1, dilation=1):
        x = LAYERS.Conv2D(filters, 3, stride, "same", dilation_rate=dilation, use_bias=False)(x)
        return LAYERS.ReLU(6.0)(LAYERS.BatchNormalization(momentum=0.9)(x))

    image = LAYERS.Input((None, None, 3), name="frame")
    x = convolution(image, 16, stride=2)
    x = convolution(x, 32, stride=2)
    x = convolution(x, 32)
    x = convolution(x, 64, stride=2)
    for dilation in (1, 2, 1, 2):
        x = LAYERS.Add()([x, convolution(x, 64, dilation=dilation)])
    heat = LAYERS.Conv2D(1, 1, bias_initializer=tf.keras.initializers.Constant(-4.0))(x)
    boxes = LAYERS.Conv2D(4, 1)(x)
    return tf.keras.Model(image, LAYERS.Concatenate()([heat, boxes]))


def loss(target, output):
    """Focal loss on the heat map (Law and Deng 2018, alpha 2, beta 4) and L1 on the boxes."""
    heat = tf.clip_by_value(tf.sigmoid(output[..., 0]), 1e-4, 1 - 1e-4)
    centre = target[..., 5]
    found = centre * (1 - heat) ** 2 * tf.math.log(heat)
    quiet = (1 - centre) * (1 - target[..., 0]) ** 4 * heat**2 * tf.math.log(1 - heat)
    count = tf.reduce_sum(centre) + 1.0
    boxes = tf.reduce_sum(centre[..., None] * tf.abs(output[..., 1:] - target[..., 1:5]))
    return (-tf.reduce_sum(found + quiet) + 0.5 * boxes) / count


def train(frames, seed=0):
    tf.keras.utils.set_random_seed(seed)
    rng = np.random.default_rng(seed)
    model = network()
    schedule = tf.keras.optimizers.schedules.CosineDecay(5e-4, STEPS, warmup_target=3e-3, warmup_steps=200)
    optimizer = tf.keras.optimizers.AdamW(schedule, weight_decay=1e-4)
    with_boxes = [index for index, (_, boxes) in enumerate(frames) if len(boxes)]

    @tf.function
    def step(images, wanted):
        with tf.GradientTape() as tape:
            value = loss(wanted, model(images, training=True))
        weights = model.trainable_variables
        optimizer.apply_gradients(zip(tape.gradient(value, weights), weights, strict=True))
        return value

    started, mean = time.monotonic(), 0.0
    for number in range(STEPS):
        images, wanted = [], []
        for place in range(BATCH):
            index = with_boxes[rng.integers(len(with_boxes))] if place % 2 else rng.integers(len(frames))
            image, boxes = augmented(rng, *frames[index])
            images.append(image)
            wanted.append(targets(boxes))
        mean = 0.98 * mean + 0.02 * float(step(np.stack(images), np.stack(wanted)))
        if number % 100 == 0:
            print(
                f"step {number} of {STEPS}  loss {mean:.3f}  {time.monotonic() - started:.0f} s", flush=True
            )
    return model


def export(model, path):
    """Fix the input's size, put the sigmoid and the peak test in, quantise weights to float16."""
    image = LAYERS.Input((HEIGHT, WIDTH, 3), batch_size=1, dtype="uint8", name="frame")
    output = model(LAYERS.Rescaling(1 / 255.0)(tf.keras.ops.cast(image, "float32")), training=False)
    heat = tf.keras.ops.sigmoid(output[..., :1])
    highest = LAYERS.MaxPooling2D(3, 1, "same")(heat)
    peaks = heat * tf.keras.ops.cast(tf.keras.ops.equal(heat, highest), "float32")
    whole = tf.keras.Model(image, tf.keras.ops.concatenate([peaks, output[..., 1:]], axis=-1))
    converter = tf.lite.TFLiteConverter.from_keras_model(whole)
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    converter.target_spec.supported_types = [tf.float16]
    path.write_bytes(converter.convert())


if __name__ == "__main__":
    examples = read(Path(sys.argv[1]))
    print(f"{len(examples)} frames, {sum(len(boxes) for _, boxes in examples)} starfish")
    export(train(examples), Path(__file__).parent / "model.tflite")
