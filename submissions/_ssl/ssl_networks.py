"""Networks of the self-supervised entries: encoders of two sizes, and heads."""

from __future__ import annotations

import keras

MOMENTUM = 0.9  # with Keras' 0.99 the statistics of a short run are still untrained at its end


def encoder(setting):
    """Return a network from images in 0..1 to features: small, or ResNet-18 for the full recipe."""
    image = keras.Input(setting.shape)
    x = (image - 0.5) * 4.0
    x = resnet18(x) if setting.full else small(x, setting.shape[0])
    return keras.Model(image, keras.layers.Activation("linear", dtype="float32")(x))


def small(x, side):
    """Halve the side down to two by 3x3 convolutions, then take the mean over what is left."""
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
    """Return He et al. (2016) with the stem for 32-pixel images: one 3x3 convolution and no pooling."""
    x = block(x, 64, 1)
    for stage, width in enumerate((64, 128, 256, 512)):
        for first in (True, False):
            stride = 2 if first and stage else 1
            branch = block(x, width, stride)
            branch = keras.layers.Conv2D(width, 3, 1, "same", use_bias=False)(branch)
            branch = keras.layers.BatchNormalization(momentum=MOMENTUM)(branch)
            if x.shape[-1] != width or stride != 1:
                x = keras.layers.Conv2D(width, 1, stride, use_bias=False)(x)
                x = keras.layers.BatchNormalization(momentum=MOMENTUM)(x)
            x = keras.layers.ReLU()(x + branch)
    return keras.layers.GlobalAveragePooling2D()(x)


def mlp(width_in, widths, last_norm=False):
    """Return a head: dense layers with BatchNorm and ReLU between them, and a last one without."""
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
