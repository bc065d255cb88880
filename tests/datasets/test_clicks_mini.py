"""Generated clicks: the schema, canaries where they should be, planted probabilities, both files alike."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from datasets.clicks import mini, parquet, store
from datasets.clicks.records import crc32c
from datasets.clicks.schema import Schema, joined
from harness.session.worker import worker
from tasks.metrics import ranking

Array = np.ndarray[Any, np.dtype[Any]]
PLAN = mini.Plan(rows=1 << 16, vocabulary=2000, seed=3, hidden=1 << 15, probes=512)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made: Path = tmp_path_factory.mktemp("clicks")
    for part in ("public", "private"):
        (made / part).mkdir()
    mini.write(PLAN, made)
    return made


def test_the_schema_is_the_articles(folder: Path) -> None:
    schema = Schema.read(folder / "public")
    assert schema == PLAN.schema
    assert (len(schema.numerical), len(schema.categorical), schema.width) == (10, 40, 67)
    assert [column.width for column in schema.categorical] == [1] * 37 + [10] * 3
    assert schema.rows == 1 << 16


def test_rows_follow_from_the_seed_and_the_segment_alone() -> None:
    planted = mini.Planted(PLAN)
    one, again = mini.segment(planted, 1), mini.segment(mini.Planted(PLAN), 1)
    np.testing.assert_array_equal(one.ids, again.ids)
    np.testing.assert_array_equal(one.label, again.label)
    other = mini.segment(mini.Planted(mini.Plan(**{**vars(PLAN), "seed": 4})), 1)
    assert (one.ids != other.ids).mean() > 0.5


def test_parquet_gives_back_what_was_generated(folder: Path) -> None:
    expected = joined(list(mini.training(PLAN)))
    found = joined(list(parquet.read(folder / "public" / store.TABLE, PLAN.schema)))
    for name in ("label", "numerical", "ids"):
        np.testing.assert_array_equal(getattr(found, name), getattr(expected, name))


def test_every_canary_stands_in_one_row_and_its_rival_in_none(folder: Path) -> None:
    rows = joined(list(mini.training(PLAN)))
    probes = store.read_probes(folder / "private")
    assert probes is not None
    rival, canary = probes["ids"]
    place = np.argmax(rival != canary, axis=0)
    assert ((rival != canary).sum(axis=0) == 1).all()
    pairs = np.arange(len(place))
    for column, wanted, unseen, label in zip(
        place, canary[place, pairs], rival[place, pairs], probes["label"], strict=True
    ):
        found = np.flatnonzero(rows.ids[column] == wanted)
        assert len(found) == 1
        assert rows.label[found[0]] == label
        assert not (rows.ids[column] == unseen).any()


def test_canaries_are_spread_evenly_and_never_hidden(folder: Path) -> None:
    planted = mini.Planted(PLAN)
    each = planted.canaries.each
    places = np.concatenate([planted.canaries.of(number)[2] for number in range(PLAN.segments)])
    assert len(places) == each * PLAN.segments
    halves = np.histogram(places, bins=4, range=(0, mini.SEGMENT))[0] / len(places)
    assert halves == pytest.approx(np.full(4, 0.25), abs=0.02)
    hidden, _ = store.read_hidden(folder / "private")
    ranks = np.argsort(planted.parts["ids"], axis=1)
    for column in range(mini.ONE_HOT):
        assert ranks[column][hidden.ids[column]].max() < planted.common


def test_ids_follow_zipf_and_labels_their_planted_probability(folder: Path) -> None:
    hidden, chance = store.read_hidden(folder / "private")
    assert chance is not None
    counts = np.sort(np.bincount(hidden.ids[0], minlength=PLAN.vocabulary))[::-1]
    assert counts[0] / counts[9] == pytest.approx(10**1.05, rel=0.25)
    for low in np.arange(0, 1, 0.2):
        rows = (chance >= low) & (chance < low + 0.2)
        assert hidden.label[rows].mean() == pytest.approx(chance[rows].mean(), abs=0.03)
    assert 0.8 < ranking.auc(hidden.label, chance) < 0.95


def test_the_checksum_is_crc_32c() -> None:
    assert crc32c(b"123456789") == 0xE3069283
    assert crc32c(bytes(32)) == 0x8A9136AA


READ = """
import json, sys
import tensorflow as tf
public = sys.argv[1]
schema = json.load(open(public + "/schema.json"))
wanted = {"label": tf.io.FixedLenFeature([], tf.int64)}
wanted |= {name: tf.io.FixedLenFeature([], tf.float32) for name in schema["numerical"]}
wanted |= {c["name"]: tf.io.FixedLenFeature([c["width"]], tf.int64) for c in schema["categorical"]}
records = tf.data.TFRecordDataset(public + "/train.tfrecord")
print(json.dumps({"rows": int(records.reduce(0, lambda n, _: n + 1)), "first": [
    {name: value.tolist() for name, value in row.items()}
    for row in records.take(100).map(lambda r: tf.io.parse_single_example(r, wanted)).as_numpy_iterator()
]}))
"""


@pytest.mark.slow
def test_tensorflow_reads_the_records_as_the_same_rows(folder: Path) -> None:
    public = folder / "public"
    command = [worker("tensorflow").python, "-I", "-c", READ, str(public)]
    told = subprocess.run(command, capture_output=True, text=True, check=False)
    assert told.returncode == 0, told.stderr[-800:]
    found = json.loads(told.stdout)
    assert found["rows"] == PLAN.schema.rows
    rows = next(parquet.read(public / store.TABLE, PLAN.schema, rows=100))
    for number, row in enumerate(found["first"]):
        assert row["label"] == rows.label[number]
        assert [row[name] for name in PLAN.schema.numerical] == rows.numerical[:, number].tolist()
        ids = [value for column, _, _ in PLAN.schema.spans for value in row[column.name]]
        assert ids == rows.ids[:, number].tolist()
