"""The vocabulary in the input pipeline: strings become features in ``map``, one batch after another."""

from __future__ import annotations

from article import in_pipeline


def pipeline(batches, features):
    return batches.map(lambda texts, labels: (features(texts), labels))


def build(context):
    return in_pipeline(context, pipeline)
