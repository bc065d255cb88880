"""The training loop of the self-supervised entries: settings, steps, checkpoints, answers.

Every random choice of step k depends on (seed, k) alone, so the same seed gives the same encoder, and an
interrupted training continues exactly where it stopped.
"""

from __future__ import annotations

import json
import time
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf
from ssl_views import augment, check_views

SAVE_S = 10.0
CHECKPOINTS = 5
LOG_EVERY = 20


class Setting:
    """What an entry is given, read once: the pool uint8 (n, h, w, c), and the budget of its dataset."""

    def __init__(self, context):
        public = Path(context.public)
        with np.load(public / "pool.npz") as pool:
            self.pixels = pool["images"]
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
        """Choose ResNet-18, batches of 512, 200 epochs or the budget's steps, mixed precision."""
        self.full, self.batch = True, 512
        self.steps = min(self.steps, 200 * len(self.pixels) // self.batch)
        keras.mixed_precision.set_global_policy("mixed_bfloat16")


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
    """Minimise ``value(step)`` in ``setting.steps`` steps; yields the model after equal numbers of them."""
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
    model.counts = {"steps": done, "images": done * batch}
    saved = time.monotonic()
    for step in range(done, setting.steps):
        loss = descend(tf.constant(step))
        if (step + 1) % LOG_EVERY == 0 or step + 1 == setting.steps:
            log(step + 1, setting.steps, float(loss))
        model.counts = {"steps": step + 1, "images": (step + 1) * batch}
        if (step + 1) % every == 0 and step + 1 < setting.steps:
            yield model
        if time.monotonic() - saved > SAVE_S:
            save(checkpoint, state, step + 1)
            saved = time.monotonic()
    return model


def log(step, steps, loss):
    """Print one line of the log, which the harness shows as progress and draws as a curve."""
    if not np.isfinite(loss):
        raise ValueError(f"the loss is {loss} at step {step}: training has diverged")
    print(json.dumps({"step": step, "steps": steps, "loss": round(loss, 5)}), flush=True)


def save(path, state, step):
    """Write everything that training needs to continue, whole or not at all."""
    scratch = path.with_name("writing.npz")
    np.savez(scratch, step=step, **{str(number): np.asarray(v) for number, v in enumerate(state)})
    scratch.replace(path)


def restore(path, state):
    """Restore the checkpoint if there is one; return how many steps are done."""
    if not path.exists():
        return 0
    with np.load(path) as arrays:
        for number, variable in enumerate(state):
            variable.assign(arrays[str(number)])
        step = int(arrays["step"])
    print(f"resumed at step {step}", flush=True)
    return step


class Model:
    """``model(images)``: uint8 (n, h, w, c) to ``part`` (n, d) float32, and counts of the training."""

    def __init__(self, network, part="embedding"):
        self.part, self.counts, self.parameters = part, {}, network.count_params()
        self.forward = tf.function(
            lambda images: network(tf.cast(images, tf.float32) / 255.0, training=False), reduce_retracing=True
        )

    def __call__(self, images):
        rows = [
            self.forward(tf.constant(images[start : start + 512])) for start in range(0, len(images), 512)
        ]
        counts = {**self.counts, "parameters": self.parameters}
        return {
            self.part: np.concatenate([np.asarray(part, np.float32) for part in rows]),
            **{name: np.int64(value) for name, value in counts.items()},
        }


def learn_labels(setting, network, params, augmented):
    """Train ``network`` and a last layer on the few labels; yields models of class scores."""
    images = tf.constant(setting.pixels[params["labelled"]], tf.float32) / 255.0
    labels = tf.constant(params["labels"])
    scores = keras.layers.Dense(10, dtype="float32")(network.output)
    classifier = keras.Model(network.input, scores)

    def value(step):
        views = augment(images, [setting.seed, step], setting.colour) if augmented else images
        logits = classifier(views, training=True)
        return tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(labels, logits))

    model = Model(classifier, "scores")
    return (yield from train(setting, model, [classifier], value, len(labels), "labels.npz"))
