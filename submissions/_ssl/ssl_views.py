"""Random views of pictures. The same seed gives the same view: all randomness is stateless."""

from __future__ import annotations

import numpy as np
import tensorflow as tf


def augment(images, seed, colour):
    """Return one random view of each image (n, h, w, c) in 0..1; the same seed gives the same view."""
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
    """Change brightness, contrast and noise; of colour images saturation (none for one in five)."""
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
    """Set a square of up to half the side to zero (DeVries and Taylor, 2017); not in colour images."""
    if colour:
        return images
    n, side = tf.shape(images)[0], images.shape[1]
    u = tf.random.stateless_uniform((n, 3), seed)
    half = u[:, 2:3] * side / 5
    position = tf.range(side, dtype=tf.float32)[None]
    rows = tf.abs(position - u[:, 0:1] * side) < half
    columns = tf.abs(position - u[:, 1:2] * side) < half
    hole = rows[:, :, None, None] & columns[:, None, :, None]
    return tf.where(hole, 0.0, images)


def check_views(first, second):
    """Raise ValueError for views that are identical: training on them shows no error and learns nothing."""
    same = np.mean(np.all(np.asarray(first) == np.asarray(second), axis=(1, 2, 3)))
    if same > 0.5:
        raise ValueError(
            f"identical views: {same:.0%} of the pairs are the same picture twice; "
            "give each view a random seed of its own"
        )
