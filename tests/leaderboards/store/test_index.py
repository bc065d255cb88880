"""The index on SQLite and PostgreSQL: the order of arrival never matters, and nothing is half there."""

from __future__ import annotations

import multiprocessing
import random
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import sqlalchemy as sa

from harness.record import Latency, Measure, Record, read_record
from leaderboards.boards.board import Board
from leaderboards.boards.spec import BoardKey, BoardSpec, PrizeRules
from leaderboards.ranking import BootstrapDraws
from leaderboards.store import index, standings
from leaderboards.views.export import to_json

Candidates = Callable[..., list[index.Candidate]]


@pytest.fixture(params=["sqlite", "postgresql"])
def database(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[sa.Engine]:
    """An empty index in each kind of database."""
    monkeypatch.delenv("PHOTOFINISH_INDEX_URL", raising=False)
    if request.param == "postgresql":
        monkeypatch.setenv("PHOTOFINISH_INDEX_URL", request.getfixturevalue("new_database")("index"))
    engine = index.open_index(tmp_path)
    index.rebuild(engine, [])
    yield engine
    engine.dispose()


@pytest.fixture
def candidates(make_record, cots_spec: BoardSpec) -> Candidates:
    """Return a factory of records that never were on disk, of all kinds of standing and many equal values."""
    template = read_record(make_record())

    def make(count: int, seed: int = 0, teams: int = 1000) -> list[index.Candidate]:
        random_ = random.Random(seed)
        return [_candidate(template, cots_spec, random_, number, teams) for number in range(count)]

    return make


def _candidate(
    template: Record, spec: BoardSpec, random_: random.Random, number: int, teams: int
) -> index.Candidate:
    value = round(random_.uniform(0.2, 0.9), 2)
    ratio = round(random_.uniform(0.2, 2.0), 2)
    state = random_.choices(("valid", "provisional", "invalid"), (7, 2, 1))[0]
    measured = {
        "f2": Measure(value=value, low=value - 0.1, high=value + 0.1, unit="", goal="max"),
        "latency_ratio": Measure(value=ratio, low=ratio * 0.98, high=ratio * 1.02, unit="x", goal="min"),
        "memory_peak_mb": Measure(value=float(random_.randrange(50, 500)), unit="MB", goal="min"),
    }
    changes = {
        "submission": template.submission.model_copy(
            update={"name": f"entry {number}", "team": f"team {random_.randrange(teams)}"}
        ),
        "validity": template.validity.model_copy(update={"state": state}),
        "metrics": {**template.metrics, **measured},
        "latency": Latency(
            log_mean=float(np.log(ratio)), standard_error=0.01, degrees_of_freedom=7.0, margin=None
        ),
        "started": f"2026-03-01T00:{number // 60 % 60:02}:{number % 60:02}+00:00",
    }
    record = template.model_copy(update=changes).sealed()
    common = np.random.default_rng(0).normal(size=100)
    own = np.random.default_rng(number).normal(size=100)
    return index.Candidate(record, spec, BootstrapDraws(value + 0.02 * common + 0.01 * own, 12))


def whole(engine: sa.Engine, some: index.Candidate) -> Board:
    board = index.page(engine, BoardKey.of(some.record), limit=None)
    assert board is not None
    return board


def everything(engine: sa.Engine) -> dict[str, list[tuple[object, ...]]]:
    """All that a database holds, in an order of its own."""
    tables = sa.MetaData()
    tables.reflect(engine)
    with engine.connect() as connection:
        return {
            name: sorted(map(tuple, connection.execute(sa.select(table))), key=repr)
            for name, table in tables.tables.items()
        }


@pytest.mark.parametrize("top", [5, 256])
def test_one_by_one_in_any_order_or_all_at_once_is_the_same(
    database: sa.Engine, candidates: Candidates, monkeypatch: pytest.MonkeyPatch, top: int
) -> None:
    monkeypatch.setattr(standings, "TOP", top)
    arrived = candidates(40, teams=30)
    for new in arrived:
        assert index.add(database, new)
    held, board = everything(database), to_json(whole(database, arrived[0]))
    index.rebuild(database, arrived)
    assert everything(database) == held
    index.rebuild(database, [])
    for new in random.Random(1).sample(arrived, len(arrived)):
        index.add(database, new)
    assert everything(database) == held
    assert to_json(whole(database, arrived[0])) == board


def test_adding_again_changes_nothing(database: sa.Engine, candidates: Candidates) -> None:
    arrived = candidates(5)
    index.rebuild(database, arrived)
    held = everything(database)
    assert not index.add(database, arrived[2])
    assert everything(database) == held


@pytest.mark.parametrize("top", [4, 256])
def test_pages_put_together_are_the_board(
    database: sa.Engine, candidates: Candidates, monkeypatch: pytest.MonkeyPatch, top: int
) -> None:
    monkeypatch.setattr(standings, "TOP", top)
    arrived = candidates(80)
    index.rebuild(database, arrived)
    board = whole(database, arrived[0])
    for size in (1, 7, 50):
        pages = [index.page(database, board.key, offset, size) for offset in range(0, board.total, size)]
        assert tuple(row for page in pages if page for row in page.rows) == board.rows


def test_beyond_the_tested_rows_ranks_count_better_values(
    database: sa.Engine, candidates: Candidates, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(standings, "TOP", 4)
    arrived = candidates(80)
    index.rebuild(database, arrived)
    rows = [row for row in whole(database, arrived[0]).rows if row.state.validity != "invalid"]
    assert len(rows) > 40
    for row in rows[4:]:
        rivals = [other for other in rows if not other.provisional or row.provisional]
        better = [other for other in rivals if other.cells["f2"].value > row.cells["f2"].value]
        assert row.rank == len(better) + 1


def test_a_long_board_gives_its_prizes_as_one_short_enough_to_test_whole(
    database: sa.Engine, candidates: Candidates, monkeypatch: pytest.MonkeyPatch
) -> None:
    arrived = [replace(one, spec=replace(one.spec, prize=PrizeRules(0.3))) for one in candidates(80)]
    index.rebuild(database, arrived)
    short = whole(database, arrived[0]).prizes
    monkeypatch.setattr(standings, "TOP", 40)
    index.rebuild(database, arrived)
    assert whole(database, arrived[0]).prizes == short


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
