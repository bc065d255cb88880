"""Read Arrow IPC, columns as in memory, a batch at a time, and hand them to Keras without parsing."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import tensorflow as tf
from wide_and_deep import Table, trained


def prepare(context):
    table = Table(context)
    numbers, slots = len(table.numerical), table.slots
    schema = pa.schema(
        [
            ("label", pa.float32()),
            ("numerical", pa.list_(pa.float32(), numbers)),
            ("categorical", pa.list_(pa.int32(), slots)),
        ]
    )
    with (
        pq.ParquetFile(Path(context.public) / "train.parquet", pre_buffer=False) as file,
        pa.OSFile(str(Path(context.workdir) / "train.arrow"), "wb") as sink,
        pa.ipc.new_file(sink, schema) as writer,
    ):
        for batch in file.iter_batches(context.params["batch"]):
            label, numerical, ids = table.matrices(batch)
            arrays = [pa.array(label.astype(np.float32)), _rows(numerical), _rows(ids)]
            writer.write_batch(pa.record_batch(arrays, schema=schema))


def _rows(matrix):
    return pa.FixedSizeListArray.from_arrays(pa.array(matrix.ravel()), matrix.shape[1])


def batches(path, table):
    """Yield views of one batch after another. A mapped file would count as memory, in the end all of it."""
    with pa.OSFile(str(path)) as source:
        reader = pa.ipc.open_file(source)
        for number in range(reader.num_record_batches):
            batch = reader.get_batch(number)
            yield (
                {
                    "numerical": batch.column("numerical")
                    .flatten()
                    .to_numpy()
                    .reshape(-1, len(table.numerical)),
                    "categorical": batch.column("categorical").flatten().to_numpy().reshape(-1, table.slots),
                },
                batch.column("label").to_numpy(),
            )


def build(context):
    table = Table(context)
    signature = (
        {
            "numerical": tf.TensorSpec([None, len(table.numerical)], tf.float32),
            "categorical": tf.TensorSpec([None, table.slots], tf.int32),
        },
        tf.TensorSpec([None], tf.float32),
    )
    path = Path(context.workdir) / "train.arrow"
    read = tf.data.Dataset.from_generator(lambda: batches(path, table), output_signature=signature)
    return trained(context, table, read.prefetch(2))
