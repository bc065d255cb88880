"""Refused records, hostile names, cut-off rebuilds and several writers of an index."""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import sqlalchemy as sa

from leaderboards.boards.spec import BoardKey
from leaderboards.ranking import BootstrapDraws
from leaderboards.store import index
from tests.leaderboards.store.made import Candidates, everything, whole


def test_replicates_of_other_resamples_are_refused_and_the_board_stays(
    database: sa.Engine, candidates: Candidates
) -> None:
    *arrived, odd = candidates(6)
    index.rebuild(database, arrived)
    held = everything(database)
    record = odd.record.model_copy(update={"validity": arrived[0].record.validity}).sealed()
    with pytest.raises(ValueError, match="different resamples"):
        index.add(database, replace(odd, record=record, draws=BootstrapDraws(np.zeros(7), 3)))
    assert everything(database) == held


def test_a_rebuild_cut_short_changes_nothing(database: sa.Engine, candidates: Candidates) -> None:
    arrived = candidates(6)
    index.rebuild(database, arrived)
    held = everything(database)

    def cut_short() -> Iterator[index.Candidate]:
        yield arrived[0]
        raise ConnectionError("the ledger went away")

    with pytest.raises(ConnectionError):
        index.rebuild(database, cut_short())
    assert everything(database) == held


@pytest.mark.parametrize("name", ["\x00", "x" * 10_000, "'; DROP TABLE records; --", "\u202e", "%s {} :x"])
def test_hostile_names_are_stored_in_any_database(
    database: sa.Engine, candidates: Candidates, name: str
) -> None:
    (one,) = candidates(1)
    named = one.record.submission.model_copy(update={"name": name, "team": name})
    sound = one.record.validity.model_copy(update={"state": "valid"})
    record = one.record.model_copy(update={"submission": named, "validity": sound}).sealed()
    assert index.add(database, replace(one, record=record))
    (row,) = whole(database, one).rows
    assert row.rank_label == "1"
    assert len(row.entry.name) <= 48
    assert row.entry.name.isprintable()


def test_a_missing_record_is_told(database: sa.Engine, candidates: Candidates) -> None:
    arrived = candidates(3)
    index.rebuild(database, arrived[:2])
    ids = [one.record.id for one in arrived]
    assert index.missing(database, ids) == ids[2:]


def test_boards_are_listed_newest_first(database: sa.Engine, candidates: Candidates) -> None:
    first, second, third = (one.record for one in candidates(3))
    older = first.model_copy(update={"task_version": 2}).sealed()
    edge = third.model_copy(update={"profile": "edge"}).sealed()
    for record in (older, second, edge):
        index.add(database, replace(candidates(1)[0], record=record))
    listed = [(one.key.version, one.key.profile) for one in index.listings(database, "cots")]
    assert listed == [(2, "cpu"), (1, "edge"), (1, "cpu")]
    assert [one.key.profile for one in index.listings(database, "cots", profile="edge")] == ["edge"]
    assert index.listings(database, "nothing") == ()


def test_many_processes_may_add_at_once(database: sa.Engine, candidates: Candidates, tmp_path: Path) -> None:
    arrived = candidates(40, teams=10)
    database.dispose()  # no connection is shared with a fork
    context = multiprocessing.get_context("fork")
    with context.Pool(2) as pool:
        pool.starmap(_add_all, [(tmp_path, arrived[start::2]) for start in range(2)])
    held = everything(database)
    index.rebuild(database, arrived)
    assert everything(database) == held


def _add_all(home: Path, arrived: Iterable[index.Candidate]) -> None:
    engine = index.open_index(home)
    for new in arrived:
        index.add(engine, new)
    engine.dispose()


def test_the_stamp_changes_with_the_board_and_its_notes_and_with_nothing_else(
    database: sa.Engine, candidates: Candidates
) -> None:
    first, second, third = candidates(3)
    key = BoardKey.of(first.record)
    assert index.stamp(database, key) is None
    stamps = []
    for new in (first, second):
        index.add(database, new)
        stamps.append(index.stamp(database, key))
    assert len(set(stamps)) == 2
    index.add(database, second)
    index.rebuild(database, [second, first])
    assert index.stamp(database, key) == stamps[-1]
    elsewhere = third.record.model_copy(update={"task_version": 2}).sealed()
    index.add(database, replace(third, record=elsewhere))
    assert index.stamp(database, key) not in stamps
    index.rebuild(database, [replace(one, spec=replace(one.spec, gate=0.9)) for one in (first, second)])
    assert index.stamp(database, key) not in stamps
