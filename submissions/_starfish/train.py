"""Train the detector on the public part of ``reef`` and write ``model.tflite`` beside this file.

    .venv/tensorflow/bin/python submissions/_starfish/train.py PUBLIC

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
CROP, STRIDE = 160, 8
STEPS, BATCH = 7000, 16
MINE_FROM, MINE_EVERY = 1500, 750
MOST_PASTED = 3
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


def turned(rng, point, target, most_angle):
    """A random turn, scale and mirroring that takes ``point`` to ``target``: matrix (2, 3), angle, scale."""
    zoom, angle = rng.uniform(0.75, 1.3), rng.uniform(-most_angle, most_angle)
    turn = zoom * np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    turn[:, 0] *= rng.choice([-1, 1])
    return np.column_stack([turn, target - turn @ point]), angle, zoom


def moved(boxes, matrix, angle, zoom):
    """Boxes after a turn: a starfish fills its box like an ellipse."""
    width, height = boxes[:, 2], boxes[:, 3]
    wide = zoom * np.hypot(width * np.cos(angle), height * np.sin(angle))
    high = zoom * np.hypot(width * np.sin(angle), height * np.cos(angle))
    return np.column_stack([boxes[:, :2] @ matrix[:, :2].T + matrix[:, 2], wide, high])


def augmented(rng, frames, with_boxes, index, point):
    """One random view around ``point`` of a frame, other frames' starfish pasted in, light and colour."""
    frame, boxes = frames[index]
    matrix, angle, zoom = turned(rng, point, CROP * rng.uniform(0.1, 0.9, 2), 0.3)
    view = cv2.warpAffine(frame, matrix, (CROP, CROP), borderMode=cv2.BORDER_REFLECT).astype(np.float32)
    seen = moved(boxes, matrix, angle, zoom)
    for _ in range(rng.integers(0, MOST_PASTED + 1)):
        seen = pasted(rng, view, seen, *frames[with_boxes[rng.integers(len(with_boxes))]])
    inside = (seen[:, :2] > 0).all(1) & (seen[:, :2] < CROP).all(1)
    if rng.random() < 0.15:
        view = cv2.GaussianBlur(view, (3, 3), rng.uniform(0.3, 1.0))
    gain = rng.uniform(0.8, 1.25) * rng.uniform(0.9, 1.1, 3)
    light = np.clip((view - 128) * rng.uniform(0.85, 1.2) + 128 * gain, 0, 255) / 255.0
    return light.astype(np.float32), seen[inside]


def pasted(rng, view, seen, frame, boxes):
    """Blend one starfish of another frame into the view, in the light of its new place."""
    box = boxes[rng.integers(len(boxes))][None]
    target = rng.uniform(0, CROP, 2)
    matrix, angle, zoom = turned(rng, box[0, :2], target, np.pi)
    new = moved(box, matrix, angle, zoom)
    radius = new[0, 2:].max() / 2
    if (np.hypot(*(seen[:, :2] - target).T) < radius + seen[:, 2:].max(axis=1, initial=0) / 2).any():
        return seen
    left, top = np.maximum(target - 1.5 * radius, 0).astype(int)
    area = view[top : int(target[1] + 1.5 * radius) + 1, left : int(target[0] + 1.5 * radius) + 1]
    high, wide = area.shape[:2]
    matrix[:, 2] -= left, top
    patch = cv2.warpAffine(frame, matrix, (wide, high), borderMode=cv2.BORDER_REFLECT).astype(np.float32)
    rows, columns = np.ogrid[:high, :wide]
    distance = np.hypot(columns + left - target[0], rows + top - target[1])
    ring = (distance > radius) & (distance < 1.5 * radius)
    if ring.sum() > 20:
        patch *= np.clip(area[ring].mean(0) / np.maximum(patch[ring].mean(0), 1), 0.4, 2.5)
    area += np.clip((1.25 * radius - distance) / (0.25 * radius), 0, 1)[..., None] * (patch - area)
    return np.concatenate([seen, new])


def targets(boxes):
    """Heat map of centres; around each centre offset and size; where those count: (cells, cells, 7).

    The box is learnt in the eight cells beside the centre's too, for a peak that is one cell off.
    """
    cells = CROP // STRIDE
    target = np.zeros((cells, cells, 7), np.float32)
    rows, columns = np.mgrid[:cells, :cells]
    for x, y, width, height in boxes:
        column, row = int(x / STRIDE), int(y / STRIDE)
        sigma = max(0.7, (width + height) / 2 / STRIDE / 6)
        spot = np.exp(-((columns - column) ** 2 + (rows - row) ** 2) / (2 * sigma**2))
        target[..., 0] = np.maximum(target[..., 0], spot)
        near = (abs(columns - column) <= 1) & (abs(rows - row) <= 1)
        target[near, 1], target[near, 2] = x / STRIDE - columns[near], y / STRIDE - rows[near]
        target[near, 3:5] = np.log(width / 16), np.log(height / 16)
        target[row, column, 5] = 1
        target[near, 6] = 1
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
    positive = centre * (1 - heat) ** 2 * tf.math.log(heat)
    quiet = (1 - centre) * (1 - target[..., 0]) ** 4 * heat**2 * tf.math.log(1 - heat)
    count = tf.reduce_sum(centre) + 1.0
    boxes = tf.reduce_sum(target[..., 6:] * tf.abs(output[..., 1:] - target[..., 1:5]))
    return (-tf.reduce_sum(positive + quiet) + 0.1 * boxes) / count


def mistakes(model, frames):
    """Return false detections, the most confident first: the index of the frame and the point (2,)."""
    look = tf.function(lambda frame: tf.sigmoid(model(frame, training=False)[..., 0]))
    wrong = []
    for index, (frame, boxes) in enumerate(frames):
        heat = look(frame[None] / np.float32(255))[0].numpy()
        for row, column in zip(*np.nonzero(heat > 0.2), strict=True):
            point = np.array([column + 0.5, row + 0.5]) * STRIDE
            if all(np.abs(box[:2] - point).max() > 20 for box in boxes):
                wrong.append((heat[row, column], index, point))
    return [(index, point) for _, index, point in sorted(wrong, key=lambda mistake: -mistake[0])[:400]]


def batch_views(rng, frames, with_boxes, hard):
    """Yield the views of a batch, (index of the frame, point): half on starfish, others also on mistakes."""
    for number in range(BATCH):
        if number % 2:
            index = with_boxes[rng.integers(len(with_boxes))]
            boxes = frames[index][1]
            yield index, boxes[rng.integers(len(boxes)), :2]
        elif hard and number % 4:
            yield hard[rng.integers(len(hard))]
        else:
            yield rng.integers(len(frames)), rng.uniform(0, 1, 2) * [WIDTH, HEIGHT]


def train(frames, seed=0):
    tf.keras.utils.set_random_seed(seed)
    rng = np.random.default_rng(seed)
    model = network()
    schedule = tf.keras.optimizers.schedules.CosineDecay(5e-4, STEPS, warmup_target=3e-3, warmup_steps=200)
    optimizer = tf.keras.optimizers.AdamW(schedule, weight_decay=1e-4)
    with_boxes = [index for index, (_, boxes) in enumerate(frames) if len(boxes)]
    hard = []

    @tf.function
    def step(images, wanted):
        with tf.GradientTape() as tape:
            value = loss(wanted, model(images, training=True))
        weights = model.trainable_variables
        optimizer.apply_gradients(zip(tape.gradient(value, weights), weights, strict=True))
        return value

    started, mean = time.monotonic(), 0.0
    for number in range(STEPS):
        if number >= MINE_FROM and number % MINE_EVERY == 0:
            hard = mistakes(model, frames)
        images, wanted = [], []
        for index, point in batch_views(rng, frames, with_boxes, hard):
            image, boxes = augmented(rng, frames, with_boxes, index, point)
            images.append(image)
            wanted.append(targets(boxes))
        mean = 0.98 * mean + 0.02 * float(step(np.stack(images), np.stack(wanted)))
        if number % 100 == 0:
            print(
                f"step {number} of {STEPS}  loss {mean:.3f}  mistakes {len(hard)}  "
                f"{time.monotonic() - started:.0f} s",
                flush=True,
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
