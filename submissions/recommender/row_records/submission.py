"""The usual start: one record per row, parsed one by one, then batched, then fit."""

from __future__ import annotations

from pathlib import Path

import tensorflow as tf
from wide_and_deep import Table, trained


def build(context):
    table = Table(context)
    features = table.row_features()
    records = tf.data.TFRecordDataset(str(Path(context.public) / "train.tfrecord"))
    rows = records.map(lambda record: tf.io.parse_single_example(record, features))
    batches = rows.batch(context.params["batch"]).map(table.joined).prefetch(1)
    return trained(context, table, batches)
