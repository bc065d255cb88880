"""Tables of predictions: read within bounds that the sample submission sets, and checked against it.

Everything said here follows from the sample, which participants have: it may be told in full.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from harness.spec.errors import InvalidSubmission, UserError

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

ENDINGS = (".csv", ".parquet")
_MOST_BYTES_A_CELL = 4096


def read_table(path: Path) -> pd.DataFrame:
    """Read a table of the host. Raises UserError where it cannot be read."""
    import pandas as pd

    try:
        return pd.read_parquet(path) if path.suffix == ".parquet" else pd.read_csv(path)
    except (OSError, ValueError, UnicodeDecodeError) as error:
        raise UserError(f"{path.name} cannot be read as a table: {error}") from None


def read_predictions(path: Path, sample: pd.DataFrame, row_id: str) -> pd.DataFrame:
    """Read predictions in the order of the sample's rows.

    Raises InvalidSubmission with all that is wrong with columns, ids and values.
    """
    columns = list(sample.columns)
    if path.suffix == ".csv":
        table = _read_csv(path, columns, len(sample))
    elif path.suffix == ".parquet":
        table = _read_parquet(path, columns, len(sample))
    else:
        raise InvalidSubmission(f"{path.name} is no table of predictions; hand in {' or '.join(ENDINGS)}")
    try:
        return _checked(table, sample, row_id)
    except InvalidSubmission as error:
        raise InvalidSubmission(f"{path.name}: {error}") from None


def _read_csv(path: Path, columns: Sequence[str], rows: int) -> pd.DataFrame:
    import pandas as pd

    try:
        _same_columns(path.name, _header(path, _MOST_BYTES_A_CELL * len(columns)), columns)
        table = pd.read_csv(path, usecols=list(columns), nrows=rows + 1, low_memory=False)
    except (pd.errors.ParserError, pd.errors.EmptyDataError, csv.Error, ValueError) as error:
        raise InvalidSubmission(f"{path.name} cannot be read as CSV: {error}") from None
    if len(table) > rows:
        raise InvalidSubmission(f"{path.name} has more than the {rows:,} rows of the sample submission")
    return table


def _header(path: Path, most: int) -> list[str]:
    """Return the names in the first line of at most ``most`` characters; a million of them hold pandas up."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        line = file.readline(most + 1)
    if len(line) > most:
        raise InvalidSubmission(f"the first line of {path.name} is longer than the columns' names can be")
    return next(csv.reader([line]), [])


def _read_parquet(path: Path, columns: Sequence[str], rows: int) -> pd.DataFrame:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        file = pq.ParquetFile(path)
        # pandas writes the index of a sorted frame as one more column.
        given = [name for name in file.schema_arrow.names if not name.startswith("__index_level_")]
        _same_columns(path.name, given, columns)
        parts = [file.metadata.row_group(part) for part in range(file.metadata.num_row_groups)]
        size = sum(part.total_byte_size for part in parts)
        if file.metadata.num_rows != rows:
            raise InvalidSubmission(
                f"{path.name} has {file.metadata.num_rows:,} rows, the sample submission {rows:,}"
            )
        if size > _MOST_BYTES_A_CELL * rows * len(columns):
            raise InvalidSubmission(f"{path.name} unpacks to {size:,} bytes, too many for its rows")
        for field in file.schema_arrow:
            if field.name in columns and not _is_plain(field.type):
                raise InvalidSubmission(f"{path.name} has a column of {field.type}; give numbers or texts")
        # Texts stay in their dictionaries, as they lie in the file: a long one is not repeated for each row.
        file = pq.ParquetFile(path, read_dictionary=list(columns))
        read = {name: file.read(columns=[name])[name] for name in columns}
        plain = pa.table({name: _decoded(path.name, column) for name, column in read.items()})
        table: pd.DataFrame = plain.to_pandas()
        return table
    except (pa.ArrowException, OSError, ValueError, KeyError) as error:
        raise InvalidSubmission(f"{path.name} cannot be read as Parquet: {error}") from None


def _is_plain(kind: pa.DataType) -> bool:
    """Whether a column of Parquet holds numbers, times or texts."""
    import pyarrow as pa

    kind = kind.value_type if pa.types.is_dictionary(kind) else kind
    texts = (pa.types.is_string, pa.types.is_large_string, pa.types.is_binary, pa.types.is_large_binary)
    return any(is_one(kind) for is_one in (pa.types.is_primitive, pa.types.is_decimal, *texts))


def _decoded(file: str, column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return a column without its dictionaries. Raises InvalidSubmission where they hold long texts."""
    import pyarrow as pa
    import pyarrow.compute as pc

    chunks = []
    for chunk in column.chunks:
        if isinstance(chunk, pa.DictionaryArray):
            if not pa.types.is_primitive(chunk.dictionary.type):
                longest = pc.max(pc.binary_length(chunk.dictionary)).as_py() or 0
                if longest > _MOST_BYTES_A_CELL:
                    raise InvalidSubmission(f"{file} has a value of {longest:,} bytes")
            chunks.append(chunk.dictionary_decode())
        else:
            chunks.append(chunk)
    return pa.chunked_array(chunks)


def _same_columns(name: str, given: Sequence[str], wanted: Sequence[str]) -> None:
    missing = [column for column in wanted if column not in given]
    more = [column for column in given if column not in wanted]
    if missing or more or len(given) != len(wanted):
        said = [f"missing {missing[:5]}"] if missing else []
        said += [f"unexpected {more[:5]}"] if more else []
        said += ["a column is there twice"] if not said else []
        raise InvalidSubmission(f"the columns of {name} must be {list(wanted)[:20]}: {', '.join(said)}")


def _checked(table: pd.DataFrame, sample: pd.DataFrame, row_id: str) -> pd.DataFrame:
    """Return the rows in the sample's order. Raises InvalidSubmission for wrong ids or values."""
    ids, wanted = table[row_id].astype(str), sample[row_id].astype(str)
    if ids.to_list() != wanted.to_list():
        table = _in_order(table, ids, wanted, row_id)
    ordered = table[list(sample.columns)].copy()
    for name in sample.columns:
        if name != row_id:
            _check_values(ordered, sample, name, row_id)
    ordered[row_id] = sample[row_id].to_numpy()
    return ordered


def _in_order(table: pd.DataFrame, ids: pd.Series[str], wanted: pd.Series[str], row_id: str) -> pd.DataFrame:
    """Return the rows in the sample's order. Raises InvalidSubmission for wrong ids."""
    if ids.duplicated().any():
        raise InvalidSubmission(
            f"{row_id} {str(ids[ids.duplicated()].iloc[0])[:60]!r} is there more than once"
        )
    missing = wanted[~wanted.isin(set(ids))]
    if len(missing):
        raise InvalidSubmission(
            f"{len(missing):,} of {len(wanted):,} rows of the sample submission are missing, "
            f"the first is {row_id} {str(missing.iloc[0])[:60]!r}"
        )
    if len(ids) != len(wanted):
        other = ids[~ids.isin(set(wanted))]
        raise InvalidSubmission(f"{row_id} {str(other.iloc[0])[:60]!r} is not in the sample submission")
    return table.set_index(ids).loc[wanted.to_list()].reset_index(drop=True)


def _check_values(table: pd.DataFrame, sample: pd.DataFrame, name: str, row_id: str) -> None:
    import pandas as pd

    values = table[name]
    bad = values.isna()
    why = "is missing"
    if pd.api.types.is_numeric_dtype(sample[name]) and not bad.any():
        if not pd.api.types.is_numeric_dtype(values):
            bad, why = pd.to_numeric(values, errors="coerce").isna(), "is no number"
        else:
            bad, why = ~values.astype(float).map(np.isfinite).astype(bool), "is not finite"
    if bad.any():
        first = str(table[row_id][bad].iloc[0])[:60]
        raise InvalidSubmission(
            f"column {name!r} {why} in {int(bad.sum()):,} rows, first at {row_id} {first!r}"
        )
