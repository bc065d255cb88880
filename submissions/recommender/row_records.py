"""The reference: one record a row, parsed one by one, then batched, then fit: what everybody starts with."""

from __future__ import annotations

from pathlib import Path

import tensorflow as tf
from _shared import Table, trained


def build(context):
    table = Table(context)
    features = table.row_features()
    records = tf.data.TFRecordDataset(str(Path(context.public) / "train.tfrecord"))
    rows = records.map(lambda record: tf.io.parse_single_example(record, features))
    return trained(context, table, rows.batch(context.params["batch"]).map(table.joined).prefetch(1))
