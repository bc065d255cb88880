"""The same records, batched first and parsed a batch at a time, several batches at once."""

from __future__ import annotations

from pathlib import Path

import tensorflow as tf
from _shared import Table, trained


def build(context):
    table = Table(context)
    features = table.row_features()
    records = tf.data.TFRecordDataset(str(Path(context.public) / "train.tfrecord"))
    batches = records.batch(context.params["batch"]).map(
        lambda batch: table.joined(tf.io.parse_example(batch, features)), num_parallel_calls=tf.data.AUTOTUNE
    )
    return trained(context, table, batches.prefetch(tf.data.AUTOTUNE))
