"""A run's disguise of clicks: the same rows and labels under other names, also those that are asked."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from datasets.clicks import disguise, parquet, store
from datasets.clicks.schema import Category, Chunk, Schema, joined
from harness.spec import Prepared

CATEGORIES = (Category("a", 30), Category("b", 30), Category("c", 7), Category("m", 30, 3))


@pytest.fixture
def plain(tmp_path: Path) -> Prepared:
    """A table of 3,000 rows whose numbers all differ, 500 hidden rows and 40 probes."""
    rng, folder = np.random.default_rng(0), tmp_path / "plain"
    for part in ("public", "private"):
        (folder / part).mkdir(parents=True)
    schema = Schema(("x", "y"), CATEGORIES, 3000)
    store.write_training(folder / "public", schema, [rows(rng, 1500), rows(rng, 1500)])
    hidden, probes = rows(rng, 500), rows(rng, 40)
    pairs = {"ids": np.stack([probes.ids, probes.ids]), "numerical": probes.numerical, "label": probes.label}
    store.write_hidden(folder / "private", hidden, rng.random(500), pairs)
    return Prepared("clicks", "mini", "0" * 64, folder / "public", folder / "private")


def rows(rng: np.random.Generator, count: int) -> Chunk:
    ids = [rng.integers(0, column.vocabulary, (column.width, count)) for column in CATEGORIES]
    numbers = rng.normal(size=(2, count)).astype(np.float32)
    return Chunk(rng.integers(0, 2, count).astype(np.uint8), numbers, np.concatenate(ids).astype(np.int32))


def training(prepared: Prepared) -> Chunk:
    return joined(list(parquet.read(prepared.public / store.TABLE, Schema.read(prepared.public))))


def disguised(plain: Prepared, folder: Path, key: int = 5) -> Prepared:
    folder.mkdir()
    return disguise.disguise(plain, key, folder)


def test_rows_keep_their_values_and_labels_under_one_renaming(plain: Prepared, tmp_path: Path) -> None:
    shown = disguised(plain, tmp_path / "run")
    assert (shown.name, shown.variant, shown.sha256) == (plain.name, plain.variant, plain.sha256)
    before, after = training(plain), training(shown)
    assert not np.array_equal(before.numerical[0], after.numerical[0])
    first, second = (np.argsort(np.sort(chunk.numerical, axis=0)[0]) for chunk in (before, after))
    before, after = before.take(first), after.take(second)
    assert np.array_equal(before.label, after.label)
    assert np.array_equal(np.sort(before.numerical, axis=0), np.sort(after.numerical, axis=0))
    renaming = [renamed(before.ids, places) for places in after.ids]
    assert all(len(found) == 1 for found in renaming), "each place shows one column under one-to-one names"
    assert {slot for found in renaming for slot in found} == set(range(6))
    hidden, asked = store.read_hidden(plain.private), store.read_hidden(shown.private)
    assert np.array_equal(hidden[0].label, asked[0].label) and np.array_equal(hidden[1], asked[1])  # type: ignore[arg-type]
    for place, (found,) in enumerate(tuple(one.items()) for one in renaming):
        slot, names = found
        assert np.array_equal(names[hidden[0].ids[slot]], asked[0].ids[place])
        probes, posed = store.read_probes(plain.private), store.read_probes(shown.private)
        assert probes and posed
        assert np.array_equal(names[probes["ids"][:, slot]], posed["ids"][:, place])


def renamed(columns: np.ndarray, shown: np.ndarray) -> dict[int, np.ndarray]:
    """The columns (places, n) that are shown (n,) under one name an id, each with its names (30,)."""
    found = {}
    for slot, ids in enumerate(columns):
        pairs = set(zip(ids.tolist(), shown.tolist(), strict=True))
        if len(pairs) == len(set(ids.tolist())) == len({name for _, name in pairs}):
            names = np.full(30, -1)
            names[[one for one, _ in pairs]] = [name for _, name in pairs]
            found[slot] = names
    return found


def test_no_two_runs_show_the_same_names_and_both_forms_hold_the_same_rows(
    plain: Prepared, tmp_path: Path
) -> None:
    one, other = disguised(plain, tmp_path / "one", 1), disguised(plain, tmp_path / "other", 2)
    assert not np.array_equal(training(one).ids, training(other).ids)
    again = disguised(plain, tmp_path / "again", 1)
    assert (one.public / store.RECORDS).read_bytes() == (again.public / store.RECORDS).read_bytes()
    assert json.loads((one.public / "schema.json").read_text())["rows"] == 3000
    assert one.private.stat().st_mode & 0o077 == 0


def test_ids_learnt_at_home_say_nothing_in_a_run(plain: Prepared, tmp_path: Path) -> None:
    """A table of every id's label at home is right about half of the ids of a run, as a coin is."""
    shown = disguised(plain, tmp_path / "run")
    home = np.random.default_rng(3).integers(0, 2, (6, 30))
    before, after = (store.read_hidden(data.private)[0].ids for data in (plain, shown))
    alike = np.take_along_axis(home, before, 1) == np.take_along_axis(home, after, 1)
    assert abs(alike.mean() - 0.5) < 0.15


def test_a_table_larger_than_any_of_ours_is_left_as_it_is(
    plain: Prepared, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(disguise, "MOST_ROWS", 2999)
    assert disguised(plain, tmp_path / "run") == plain
