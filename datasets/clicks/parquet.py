"""Stream tables to and from Parquet: one column per name, multi-hot ones as lists of fixed size."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from datasets.clicks.schema import LABEL, Category, Chunk, Schema, check
from harness.spec.errors import BadData

if TYPE_CHECKING:
    from harness.spec import Array

ROW_GROUP = 1 << 16
_UNREADABLE = (pa.ArrowException, OSError, ValueError, OverflowError, MemoryError)
"""What Arrow raises for damaged files."""


class Writer:
    """Write chunks as row groups. Use as a context manager."""

    def __init__(self, path: Path, schema: Schema) -> None:
        self._schema = schema
        self._fields = arrow_schema(schema)
        repeating = [c.name if c.width == 1 else f"{c.name}.list.element" for c in schema.categorical]
        self._writer = pq.ParquetWriter(
            path, self._fields, compression="snappy", use_dictionary=repeating, write_statistics=False
        )

    def __enter__(self) -> Writer:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._writer.close()

    def put(self, chunk: Chunk) -> None:
        """Append rows."""
        numbers = [pa.array(values) for values in chunk.numerical]
        ids = [_ids(column, chunk.ids[start:end]) for column, start, end in self._schema.spans]
        table = pa.Table.from_arrays([pa.array(chunk.label), *numbers, *ids], schema=self._fields)
        self._writer.write_table(table, ROW_GROUP)


def arrow_schema(schema: Schema) -> Any:
    """Return the columns as an Arrow schema."""
    numbers = [(name, pa.float32()) for name in schema.numerical]
    ids = [(column.name, _type(column)) for column in schema.categorical]
    return pa.schema([(LABEL, pa.uint8()), *numbers, *ids])


def groups(path: Path) -> int:
    """Return how many row groups a file has."""
    return int(pq.read_metadata(path).num_row_groups)


def read(
    path: Path, schema: Schema, rows: int = ROW_GROUP, groups: Sequence[int] | None = None
) -> Iterator[Chunk]:
    """Read chunks of at most ``rows`` rows, checked against the schema; of some row ``groups`` if given.

    Raises BadData for a missing or unreadable file, no rows, a missing column, another type, or a value
    outside of what the schema allows.
    """
    if not path.is_file():
        raise BadData(f"there is no {path}")
    if not path.stat().st_size:
        raise BadData(f"{path} is empty")
    try:
        file = pq.ParquetFile(path, pre_buffer=False)
    except _UNREADABLE as error:
        raise BadData(f"{path} is not a complete Parquet file (truncated?): {_short(error)}") from error
    with file:
        _check_columns(path, file.schema_arrow, schema)
        if not file.metadata.num_rows:
            raise BadData(f"{path} has columns but no rows")
        done = 0
        try:
            names = [field.name for field in arrow_schema(schema)]
            for batch in file.iter_batches(rows, groups, names):
                chunk = _chunk(batch, schema, str(path))
                check(chunk, schema, f"{path}, rows {done} to {done + len(chunk) - 1}")
                done += len(chunk)
                yield chunk
        except _UNREADABLE as error:
            raise BadData(f"{path} breaks off after row {done}: {_short(error)}") from error


def _check_columns(path: Path, columns: Any, schema: Schema) -> None:
    for field in arrow_schema(schema):
        if field.name not in columns.names:
            raise BadData(f"{path} has no column '{field.name}'")
        kind = columns.field(field.name).type
        if kind != field.type:
            raise BadData(f"{path}: column '{field.name}' is {kind}, not {field.type}")


def _chunk(batch: Any, schema: Schema, where: str) -> Chunk:
    for name, column in zip(batch.schema.names, batch.columns, strict=True):
        if column.null_count:
            raise BadData(f"{where}: column '{name}' has {column.null_count} empty cells")

    def values(name: str) -> Array:
        column = batch.column(name)
        flat: Array = (column.flatten() if pa.types.is_fixed_size_list(column.type) else column).to_numpy()
        return flat.reshape(batch.num_rows, -1).T

    return Chunk(
        values(LABEL)[0],
        np.concatenate([values(name) for name in schema.numerical]),
        np.concatenate([values(column.name) for column in schema.categorical]),
    )


def _type(column: Category) -> Any:
    return pa.int32() if column.width == 1 else pa.list_(pa.int32(), column.width)


def _ids(column: Category, ids: Array) -> Any:
    if column.width == 1:
        return pa.array(ids[0])
    return pa.FixedSizeListArray.from_arrays(pa.array(np.ascontiguousarray(ids.T).ravel()), column.width)


def _short(error: Exception) -> str:
    return str(error).splitlines()[0][:160]
