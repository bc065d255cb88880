"""The published esrgan-slim (npm @upscalerjs/esrgan-slim 1.0.0, four times), its weights unchanged."""

from __future__ import annotations

from pathlib import Path

from layers_model import upscaler


def build(context):
    predict = upscaler(Path(__file__).parent, context.profile["threads"])
    return lambda x: predict(x["picture"])
