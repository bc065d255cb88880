"""The same on PostgreSQL: acceptance, fair hand-out to many at once, fencing, merge, close."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import sqlalchemy as sa

from bench import postgres
from competitions.evaluation.finishing import Failed, finish
from competitions.hosting.closing import close
from competitions.hosting.opening import open_competition
from competitions.queue import leases
from competitions.queue.submitting import allowance_of
from competitions.rules.refusals import Forbidden
from competitions.store import database, invitations, people
from competitions.store.tables import JOBS
from tests.competitions.conftest import Play, right, write_folder


@pytest.fixture
def play(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Play]:
    missing = postgres.missing()
    if missing:
        pytest.skip(missing)
    with postgres.server() as url:
        monkeypatch.setenv(database.URL, url)
        home = tmp_path / "home"
        engine = database.open_database(home)
        host, _ = people.sign_up(engine, "host")
        open_competition(engine, home, write_folder(tmp_path / "folder"), host)
        yield Play(engine, home, host)
        engine.dispose()


@pytest.mark.slow
def test_a_competition_on_postgresql(play: Play) -> None:
    people_ = [play.account(f"p{number}") for number in range(6)]
    with ThreadPoolExecutor(12) as pool:
        tries = [pool.submit(_submit, play, who, seed) for who in people_ for seed in range(8)]
        made = [number for one in tries if (number := one.result()) is not None]
    assert len(made) == 30, "each of six teams has five submissions a day, however many come at once"
    assert allowance_of(play.engine, play.hosted, people_[0]).left == 0
    leases.reclaim(play.engine)
    taken: list[leases.Claim] = []

    def take(name: str) -> None:
        while held := leases.claim(play.engine, name):
            taken.append(held)

    threads = [threading.Thread(target=take, args=(f"w{number}",)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(held.submission.id for held in taken) == sorted(made)
    with database.writing(play.engine) as connection:
        connection.execute(sa.update(JOBS).values(lease_until=0.0))
    assert leases.reclaim(play.engine) == 30
    assert not finish(play.engine, taken[0], Failed("theirs", "no"))
    play.judge_all()
    assert len(play.board()) == 6
    first, second = people_[:2]
    invitations.propose_merge(play.engine, play.slug, first, "p1")
    (proposal,) = invitations.invitations(play.engine, play.slug, second)
    invitations.answer(play.engine, play.slug, second, proposal.id, accept=True)
    assert {row.name for row in play.board()} == {"p0", "p2", "p3", "p4", "p5"}
    play.end_it()
    (board,) = close(play.engine, play.home, play.slug, play.host)
    assert len(board.rows) == 5


def _submit(play: Play, who: people.Account, seed: int) -> int | None:
    try:
        return play.submit(who, right(0.6, seed)).id
    except Forbidden:
        return None
