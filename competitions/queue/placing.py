"""Which machines get the jobs of a board: those of the hardware class whose times the board compares.

A job asks for a profile, and from when the class of its board is settled for both: ``cpu@3fa9c1``.
"""

from __future__ import annotations

import json

import sqlalchemy as sa

from competitions.store.hosted import Hosted, found
from competitions.store.tables import COMPETITIONS, JOBS, SUBMISSIONS
from machines.description import of_class


def asked_for(hosted: Hosted, profile: str) -> str:
    """Return what a machine must offer to get a job of a board."""
    return of_class(profile, hosted.hardware(profile))


def settle(connection: sa.Connection, hosted: Hosted, profile: str, hardware: str) -> None:
    """Let the class of a board be that of its first scored record, within the transaction that stores it."""
    if not hardware or hosted.hardware(profile):
        return
    classes = json.dumps({**dict(hosted.settled), profile: hardware})
    where = COMPETITIONS.c.slug == hosted.slug
    connection.execute(sa.update(COMPETITIONS).where(where).values(hardware=classes))
    place_again(connection, hosted.slug)


def place_again(connection: sa.Connection, slug: str) -> None:
    """Let the jobs that wait or run ask for the class of their board as it is now."""
    hosted = found(connection, slug)
    for profile in hosted.competition.profiles:
        mine = sa.select(SUBMISSIONS.c.id).where(
            SUBMISSIONS.c.competition == slug, SUBMISSIONS.c.profile == profile
        )
        where = sa.and_(JOBS.c.state != "done", JOBS.c.submission.in_(mine))
        connection.execute(sa.update(JOBS).where(where).values(profile=asked_for(hosted, profile)))
