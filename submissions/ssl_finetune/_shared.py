"""What the self-supervised entries share: networks, views, the training loop and its checkpoint.

Every random choice of step k comes from (seed, k) alone, so the same seed gives the same encoder
and an interrupted training goes on exactly where it stopped.
"""

from __future__ import annotations

import json
import time
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf

SAVE_S = 10.0
CHECKPOINTS = 5
TELL_EVERY = 20
MOMENTUM = 0.9  # with Keras' 0.99 the statistics of a short run are still untrained when it is over


class Setting:
    """What an entry is given, read once: the pool as float32 in 0..1, and the budget of its dataset."""

    def __init__(self, context):
        public = Path(context.public)
        with np.load(public / "pool.npz") as held:
            self.pixels = held["images"]
        about = json.loads((public / "about.json").read_text())
        self.shape = tuple(self.pixels.shape[1:])
        self.colour = self.shape[-1] == 3
        self.seed = context.seed
        self.steps, self.batch, self.rate, self.full = about["steps"], 128, 2e-3, False
        self.workdir = Path(context.workdir)  # an interrupted training finds its checkpoint here
        keras.utils.set_random_seed(self.seed)
        tf.config.experimental.enable_op_determinism()
        if context.profile["accelerator"] == "gpu" and len(self.pixels) >= 10_000:
            self.use_full_recipe()

    def use_full_recipe(self):
        """ResNet-18, batches of 512, 200 epochs or the budget's steps, mixed precision."""
        self.full, self.batch = True, 512
        self.steps = min(self.steps, 200 * len(self.pixels) // self.batch)
        keras.mixed_precision.set_global_policy("mixed_bfloat16")


# -- networks ---------------------------------------------------------------------------------------


def encoder(setting):
    """A convolutional network from images in 0..1 to features: small, or ResNet-18 for the full recipe."""
    image = keras.Input(setting.shape)
    x = (image - 0.5) * 4.0
    x = resnet18(x) if setting.full else small(x, setting.shape[0])
    return keras.Model(image, keras.layers.Activation("linear", dtype="float32")(x))


def small(x, side):
    """Three-by-three convolutions, halving the side down to two, then the mean over what is left."""
    width, stride = 32, 2 if side > 16 else 1
    x, side = block(x, width, stride), side // stride
    while side > 2:
        width, side = min(2 * width, 256), (side + 1) // 2
        x = block(x, width, 2)
    return keras.layers.GlobalAveragePooling2D()(x)


def block(x, width, stride):
    x = keras.layers.Conv2D(width, 3, stride, "same", use_bias=False, kernel_initializer="he_normal")(x)
    return keras.layers.ReLU()(keras.layers.BatchNormalization(momentum=MOMENTUM)(x))


def resnet18(x):
    """He et al. (2016) with the stem for 32-pixel images: one 3x3 convolution and no pooling."""
    x = block(x, 64, 1)
    for stage, width in enumerate((64, 128, 256, 512)):
        for first in (True, False):
            stride = 2 if first and stage else 1
            way = block(x, width, stride)
            way = keras.layers.Conv2D(width, 3, 1, "same", use_bias=False)(way)
            way = keras.layers.BatchNormalization(momentum=MOMENTUM)(way)
            if x.shape[-1] != width or stride != 1:
                x = keras.layers.Conv2D(width, 1, stride, use_bias=False)(x)
                x = keras.layers.BatchNormalization(momentum=MOMENTUM)(x)
            x = keras.layers.ReLU()(x + way)
    return keras.layers.GlobalAveragePooling2D()(x)


def mlp(width_in, widths, last_norm=False):
    """A head: dense layers with BatchNorm and ReLU between them, and a last one without."""
    layers = [keras.Input((width_in,))]
    for width in widths[:-1]:
        layers += [
            keras.layers.Dense(width, use_bias=False),
            keras.layers.BatchNormalization(momentum=MOMENTUM),
            keras.layers.ReLU(),
        ]
    layers += [keras.layers.Dense(widths[-1])]
    if last_norm:
        layers += [keras.layers.BatchNormalization(momentum=MOMENTUM, center=False, scale=False)]
    return keras.Sequential([*layers, keras.layers.Activation("linear", dtype="float32")])


# -- views ------------------------------------------------------------------------------------------


def augment(images, seed, colour):
    """One random view of each image (n, h, w, c) in 0..1; the same seed gives the same view."""
    seeds = tf.random.split(seed, 8)
    images = warp(images, seeds[:2], colour)
    images = jitter(images, seeds[2:6], colour)
    return cut(images, seeds[6], colour)


def warp(images, seeds, colour):
    """Scale, aspect, rotation, shear, shift (and mirror colour images) in one resampling."""
    n, side = tf.shape(images)[0], float(images.shape[1])
    u = tf.random.stateless_uniform((n, 6), seeds[0], -1.0, 1.0)
    flip = tf.where(tf.random.stateless_uniform((n,), seeds[1]) < 0.5, -1.0, 1.0) if colour else tf.ones((n,))
    if colour:  # a crop of 25 to 100 % of the area, placed where it fits
        scale = tf.sqrt(0.625 + 0.375 * u[:, 0])
        angle, shear = tf.zeros((n,)), tf.zeros((n,))
        reach_x = reach_y = (1.0 - scale) * side / 2
    else:
        scale, angle, shear = tf.exp(0.2 * u[:, 0]), 0.3 * u[:, 3], 0.25 * u[:, 4]
        reach_x = reach_y = tf.fill((n,), side / 7)
    stretch = tf.exp((0.14 if colour else 0.12) * u[:, 5])
    cos, sin = tf.cos(angle), tf.sin(angle)
    a, b = scale * stretch * cos * flip, scale * (shear * cos - sin)
    d, e = scale * sin * flip, scale / stretch * (cos + shear * sin)
    middle = (side - 1) / 2
    c = middle - (a + b) * middle + reach_x * u[:, 1]
    f = middle - (d + e) * middle + reach_y * u[:, 2]
    zero = tf.zeros((n,))
    return tf.raw_ops.ImageProjectiveTransformV3(
        images=images,
        transforms=tf.stack([a, b, c, d, e, f, zero, zero], 1),
        output_shape=tf.shape(images)[1:3],
        fill_value=0.0,
        interpolation="BILINEAR",
        fill_mode="REFLECT" if colour else "CONSTANT",
    )


def jitter(images, seeds, colour):
    """Brightness, contrast and noise; for colour images saturation and, for one in five, no colour."""
    shape = (tf.shape(images)[0], 1, 1, 1)
    u = tf.random.stateless_uniform((5, *shape), seeds[0], -1.0, 1.0)
    strength = 0.4 if colour else 0.25
    mean = tf.reduce_mean(images, (1, 2, 3), keepdims=True)
    images = ((images - mean) * (1 + strength * u[0]) + mean) * (1 + strength * u[1])
    if colour:
        grey = tf.reduce_mean(images, 3, keepdims=True)
        images = grey + (images - grey) * (1 + 0.4 * u[2])
        tint = tf.random.stateless_uniform((shape[0], 1, 1, 3), seeds[1], -0.08, 0.08)
        images = tf.where(u[3] < -0.6, grey, images + tint)
    else:
        images += tf.random.stateless_normal(tf.shape(images), seeds[2], stddev=0.08)
    return tf.clip_by_value(images, 0.0, 1.0)


def cut(images, seed, colour):
    """A square of up to half the side set to zero (DeVries and Taylor, 2017); not for colour images."""
    if colour:
        return images
    n, side = tf.shape(images)[0], images.shape[1]
    u = tf.random.stateless_uniform((n, 3), seed)
    half = u[:, 2:3] * side / 5
    place = tf.range(side, dtype=tf.float32)[None]
    rows = tf.abs(place - u[:, 0:1] * side) < half
    columns = tf.abs(place - u[:, 1:2] * side) < half
    hole = rows[:, :, None, None] & columns[:, None, :, None]
    return tf.where(hole, 0.0, images)


def check_views(first, second):
    """Refuse views that are the same picture twice: training on them teaches nothing and shows no error."""
    same = np.mean(np.all(np.asarray(first) == np.asarray(second), axis=(1, 2, 3)))
    if same > 0.5:
        raise ValueError(
            f"identical views: {same:.0%} of the pairs are the same picture twice; "
            "give each view a random seed of its own"
        )


# -- training ---------------------------------------------------------------------------------------


def pretrain(setting, network, heads, loss, view=augment):
    """Train ``network`` and ``heads`` so that ``loss(features of two views)`` falls, batch by batch.

    Yields the model at checkpoints and returns the last one.
    """
    images = tf.constant(setting.pixels, tf.float32) / 255.0
    batch = min(setting.batch, len(setting.pixels))

    def views(step):
        seeds = tf.random.split([setting.seed, step], 3)
        chosen = tf.argsort(tf.random.stateless_uniform((len(setting.pixels),), seeds[0]))[:batch]
        picked = tf.gather(images, chosen)
        return view(picked, seeds[1], setting.colour), view(picked, seeds[2], setting.colour)

    def value(step):
        return loss(*tf.split(network(tf.concat(views(step), 0), training=True), 2))

    check_views(*views(tf.constant(0)))
    return (yield from train(setting, Model(network), [network, *heads], value, batch))


def train(setting, model, parts, value, batch, name="training.npz"):
    """Take ``setting.steps`` steps down ``value(step)``; yields the model after equal numbers of them."""
    variables = [v for part in parts for v in part.trainable_variables]
    schedule = keras.optimizers.schedules.CosineDecay(
        0.0, setting.steps, warmup_target=setting.rate, warmup_steps=max(1, setting.steps // 20)
    )
    optimizer = keras.optimizers.AdamW(schedule, weight_decay=1e-4)
    optimizer.build(variables)

    @tf.function
    def descend(step):
        with tf.GradientTape() as tape:
            loss = value(step)
        optimizer.apply_gradients(zip(tape.gradient(loss, variables), variables, strict=True))
        return loss

    every = max(1, setting.steps // CHECKPOINTS)
    state = [v for part in parts for v in part.variables] + optimizer.variables
    checkpoint = setting.workdir / name
    done = restore(checkpoint, state)
    model.told = {"steps": done, "images": done * batch}
    saved = time.monotonic()
    for step in range(done, setting.steps):
        loss = descend(tf.constant(step))
        if (step + 1) % TELL_EVERY == 0 or step + 1 == setting.steps:
            tell(step + 1, setting.steps, float(loss))
        model.told = {"steps": step + 1, "images": (step + 1) * batch}
        if (step + 1) % every == 0 and step + 1 < setting.steps:
            yield model
        if time.monotonic() - saved > SAVE_S:
            save(checkpoint, state, step + 1)
            saved = time.monotonic()
    return model


def tell(step, steps, loss):
    """One line of the log that the harness shows as progress and draws as a curve."""
    if not np.isfinite(loss):
        raise ValueError(f"the loss is {loss} at step {step}: training has diverged")
    print(json.dumps({"step": step, "steps": steps, "loss": round(loss, 5)}), flush=True)


def save(path, state, step):
    """Write everything that training needs to go on, whole or not at all."""
    scratch = path.with_name("writing.npz")
    np.savez(scratch, step=step, **{str(number): np.asarray(v) for number, v in enumerate(state)})
    scratch.replace(path)


def restore(path, state):
    """Take up a checkpoint where there is one; returns the steps that are done."""
    if not path.exists():
        return 0
    with np.load(path) as held:
        for number, variable in enumerate(state):
            variable.assign(held[str(number)])
        step = int(held["step"])
    print(f"resumed at step {step}", flush=True)
    return step


class Model:
    """``model(images)``: uint8 (n, h, w, c) to ``part`` (n, d) float32, and what is told of the training."""

    def __init__(self, network, part="embedding"):
        self.part, self.told, self.parameters = part, {}, network.count_params()
        self.forward = tf.function(
            lambda images: network(tf.cast(images, tf.float32) / 255.0, training=False), reduce_retracing=True
        )

    def __call__(self, images):
        rows = [
            self.forward(tf.constant(images[start : start + 512])) for start in range(0, len(images), 512)
        ]
        told = {**self.told, "parameters": self.parameters}
        return {
            self.part: np.concatenate([np.asarray(part, np.float32) for part in rows]),
            **{name: np.int64(value) for name, value in told.items()},
        }


# -- losses -----------------------------------------------------------------------------------------


def contrast(head, temperature):
    """SimCLR's loss of the features of two views: each picture must find its other view in the batch."""

    def loss(first, second):
        z = unit(head(tf.concat([first, second], 0), training=True))
        n = tf.shape(first)[0]
        similar = z @ tf.transpose(z) / temperature - 1e9 * tf.eye(2 * n)
        partner = tf.concat([tf.range(n) + n, tf.range(n)], 0)
        return tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(partner, similar))

    return loss


def unit(x):
    return tf.math.l2_normalize(x, axis=1)


def spread(x):
    """Each column with mean 0 and variance 1 over the batch."""
    return (x - tf.reduce_mean(x, 0)) / tf.sqrt(tf.math.reduce_variance(x, 0) + 1e-5)


def off_diagonal(square):
    return square - tf.linalg.diag(tf.linalg.diag_part(square))


# -- the fine-tune division -------------------------------------------------------------------------


def learn_labels(setting, network, params, augmented):
    """Train ``network`` and a last layer on the few labels told; gives models of class scores."""
    images = tf.constant(setting.pixels[params["labelled"]], tf.float32) / 255.0
    labels = tf.constant(params["labels"])
    scores = keras.layers.Dense(10, dtype="float32")(network.output)
    classifier = keras.Model(network.input, scores)

    def value(step):
        seen = augment(images, [setting.seed, step], setting.colour) if augmented else images
        logits = classifier(seen, training=True)
        return tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(labels, logits))

    model = Model(classifier, "scores")
    return (yield from train(setting, model, [classifier], value, len(labels), "labels.npz"))
