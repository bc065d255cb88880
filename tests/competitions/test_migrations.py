"""Databases of older versions are brought up to date, with what they hold."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import sqlalchemy as sa
from alembic import command
from alembic.config import Config

from bench.machines_queues import job_values, submission_values
from competitions.store import database
from competitions.store.results import draws_of
from competitions.store.tables import COMPETITIONS, JOBS, RESULTS, SUBMISSIONS, TEAMS
from leaderboards.store.database import engine_for
from tests.competitions.test_hardware import NEW, OLD, scored


def migrate(connection: sa.Connection, version: str) -> None:
    """Make the tables of an older version."""
    config = Config()
    config.set_main_option("script_location", str(database.MIGRATIONS))
    config.attributes["connection"] = connection
    command.upgrade(config, version)


@pytest.mark.parametrize(("clusters", "spread"), [(0, np.sqrt(19)), (48, 1.0)])
def test_draws_of_the_first_version_are_kept(home: Path, clusters: int, spread: float) -> None:
    values = 0.5 + np.random.default_rng(0).normal(0, 0.01, 20)
    database.folder_of(home).mkdir(parents=True)
    old = engine_for(f"sqlite:///{database.folder_of(home) / 'competitions.db'}")
    with database.writing(old) as connection:
        migrate(connection, "0001")
        columns = "submission, competition, profile, record, team, public, shown, submitted"
        connection.execute(
            sa.text(
                f"INSERT INTO competition_results ({columns}, replicates, clusters) "
                "VALUES (1, 'coins', 'cpu', '', 1, 0.5, 0.5, 0, :values, :clusters)"
            ),
            {"values": values.astype("<f8").tobytes(), "clusters": clusters},
        )
    old.dispose()
    engine = database.open_database(home)
    with database.reading(engine) as connection:
        draws = draws_of(connection.execute(sa.select(RESULTS)).one())
    engine.dispose()
    assert draws is not None
    assert draws.clusters == (clusters or 20)
    assert np.std(draws.draws) == pytest.approx(spread * np.std(values), rel=1e-4)


def test_what_is_accepted_is_on_the_disk_and_an_announcement_need_not_be(engine: sa.Engine) -> None:
    for durable, level in ((True, 2), (False, 1), (True, 2)):  # SQLite's FULL and NORMAL
        with database.writing(engine, durable=durable) as connection:
            assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == level


def test_jobs_of_an_older_version_keep_their_profile(home: Path) -> None:
    database.folder_of(home).mkdir(parents=True)
    old = engine_for(f"sqlite:///{database.folder_of(home) / 'competitions.db'}")
    with database.writing(old) as connection:
        migrate(connection, "0002")
        for table, values in (("submissions", submission_values(1, 1, 0.0)), ("jobs", job_values(1, 1))):
            known = {name: value for name, value in values.items() if (table, name) != ("jobs", "profile")}
            places = ", ".join(f":{name}" for name in known)
            text = f"INSERT INTO competition_{table} ({', '.join(known)}) VALUES ({places})"
            connection.execute(sa.text(text), known)
    old.dispose()
    engine = database.open_database(home)
    with database.reading(engine) as connection:
        assert connection.execute(sa.select(JOBS.c.submission, JOBS.c.profile)).all() == [(1, "predictions")]
        listed = connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'index'").scalars()
        assert {index.name for index in (*JOBS.indexes, *TEAMS.indexes)} <= set(listed)
    engine.dispose()


def test_results_of_an_older_version_keep_their_class_and_the_newest_is_the_boards(home: Path) -> None:
    database.folder_of(home).mkdir(parents=True)
    old = engine_for(f"sqlite:///{database.folder_of(home) / 'competitions.db'}")
    columns = "submission, competition, profile, record, team, public, shown, submitted, clusters, units"
    with database.writing(old) as connection:
        migrate(connection, "0003")
        connection.exec_driver_sql(
            "INSERT INTO competition_competitions (slug, declaration, rules_sha256, evaluation, final, "
            "opened, stamp) VALUES ('coins', '{}', '', '', '', 0, 0)"
        )
        for number, record in enumerate(("", scored(OLD, 0.5).record, scored(NEW, 0.5).record)):
            connection.execute(
                sa.text(
                    f"INSERT INTO competition_results ({columns}) VALUES "
                    "(:number, 'coins', 'cpu', :record, 1, 0.5, 0.5, 0, 0, 0)"
                ),
                {"number": number, "record": record},
            )
        values = {**submission_values(9, 1, 0.0), "competition": "coins", "profile": "cpu"}
        connection.execute(sa.insert(SUBMISSIONS).values(values))
        connection.execute(sa.insert(JOBS).values({**job_values(9, 1), "profile": "cpu"}))
    old.dispose()
    engine = database.open_database(home)
    with database.reading(engine) as connection:
        found = connection.scalars(sa.select(RESULTS.c.hardware).order_by(RESULTS.c.submission)).all()
        assert found == ["", OLD, NEW]
        assert connection.scalar(sa.select(COMPETITIONS.c.hardware)) == f'{{"cpu": "{NEW}"}}'
        assert connection.scalar(sa.select(JOBS.c.profile)) == f"cpu@{NEW}"
    engine.dispose()
