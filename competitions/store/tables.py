"""The tables of competitions, as the newest migration leaves them.

Times are seconds since 1970 by the database's clock. A change here needs a file in ``migrations/versions/``
that makes the same change in an existing database.
"""

from __future__ import annotations

import sqlalchemy as sa

SCHEMA = sa.MetaData()
_BIG = sa.BigInteger().with_variant(sa.Integer, "sqlite")

_LOST = sa.text("losses > 0")


def _id() -> sa.Column[int]:
    return sa.Column("id", _BIG, primary_key=True, autoincrement=True)


def _texts(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.Text, nullable=False) for name in names]


def _numbers(*names: str) -> list[sa.Column[int]]:
    return [sa.Column(name, _BIG, nullable=False) for name in names]


def _times(*names: str) -> list[sa.Column[float]]:
    return [sa.Column(name, sa.Double, nullable=False) for name in names]


ACCOUNTS = sa.Table(
    "competition_accounts", SCHEMA, _id(), *_texts("name", "name_key"), *_times("created"),
    sa.UniqueConstraint("name_key", name="competition_accounts_by_name"), sqlite_autoincrement=True,
)  # fmt: skip
"""``name_key`` is what a name looks like: two names that look alike cannot both be taken."""

TOKENS = sa.Table(
    "competition_tokens", SCHEMA, sa.Column("hash", sa.Text, primary_key=True), *_texts("kind", "csrf"),
    *_numbers("account"), *_times("created", "expires"),
    sa.Index("competition_tokens_by_account", "account"),
)  # fmt: skip
"""Secrets, by their SHA-256: of ``kind`` ``api``, or ``session`` with the token that its forms carry."""

COMPETITIONS = sa.Table(
    "competition_competitions", SCHEMA, sa.Column("slug", sa.Text, primary_key=True),
    *_texts("declaration", "rules_sha256", "evaluation", "final", "hardware"), *_times("opened"),
    sa.Column("closed", sa.Double), *_numbers("stamp"),
)  # fmt: skip
"""``declaration``, ``evaluation``, ``final`` (empty until the close) and ``hardware`` (the class of the first
scored record, by profile) are JSON; ``stamp`` grows with every change of a board."""

HOSTS = sa.Table(
    "competition_hosts", SCHEMA, sa.Column("competition", sa.Text, primary_key=True),
    sa.Column("account", _BIG, primary_key=True),
)  # fmt: skip

TEAMS = sa.Table(
    "competition_teams", SCHEMA, _id(), *_texts("competition", "name", "name_key", "disqualified"),
    *_times("created", "served"), sa.Column("merged_into", _BIG),
    sa.UniqueConstraint("competition", "name_key", name="competition_teams_by_name"),
    sa.Index("competition_teams_by_turn", "served", "id"),
    sqlite_autoincrement=True,
)  # fmt: skip
"""``served`` is when a job of the team was last handed out; ``disqualified`` holds the reason, if it is."""

MEMBERS = sa.Table(
    "competition_members", SCHEMA, sa.Column("competition", sa.Text, primary_key=True),
    sa.Column("account", _BIG, primary_key=True), *_numbers("team", "leads"), *_times("joined"),
    sa.Index("competition_members_by_team", "team"),
)  # fmt: skip

INVITATIONS = sa.Table(
    "competition_invitations", SCHEMA, _id(), *_texts("competition", "kind"), *_numbers("team", "invited"),
    *_times("created"),
    sa.UniqueConstraint("team", "kind", "invited", name="competition_invitations_once"),
    sa.Index("competition_invitations_by_invited", "kind", "invited"),
    sqlite_autoincrement=True,
)  # fmt: skip
"""To an account, ``invited``, to join ``team`` (``join``), or to a team to merge into it (``merge``)."""

ACCEPTANCES = sa.Table(
    "competition_acceptances", SCHEMA, sa.Column("competition", sa.Text, primary_key=True),
    sa.Column("account", _BIG, primary_key=True), sa.Column("rules_sha256", sa.Text, primary_key=True),
    *_times("at"),
)  # fmt: skip

UPLOADS = sa.Table(
    "competition_uploads", SCHEMA, sa.Column("hash", sa.Text, primary_key=True),
    *_texts("competition", "file_name"), *_numbers("account", "bytes"), *_times("created"),
    sa.Column("submission", _BIG),
)  # fmt: skip
"""An upload that was announced, by the SHA-256 of its token; ``submission`` once it was handed in."""

SUBMISSIONS = sa.Table(
    "competition_submissions", SCHEMA, _id(),
    *_texts("competition", "profile", "kind", "file_name", "path", "sha256", "description", "state", "stage"),
    *_texts("fault", "message"), *_numbers("team", "account", "bytes", "late", "final"),
    *_times("created"), sa.Column("started", sa.Double), sa.Column("finished", sa.Double),
    sa.Index("competition_submissions_by_team", "competition", "team", "created"),
    sa.Index("competition_submissions_by_state", "competition", "state"),
    sqlite_autoincrement=True,
)  # fmt: skip
"""``path`` is below the home. ``state`` is queued, running, scored, failed or cancelled; ``fault`` is that of
the rehearsal, the contestant or ours. ``final`` is 1 where it was selected."""

JOBS = sa.Table(
    "competition_jobs", SCHEMA, sa.Column("submission", _BIG, primary_key=True, autoincrement=False),
    *_texts("state", "worker", "profile"), *_numbers("team", "attempt", "losses"), *_times("lease_until"),
    sa.Index("competition_jobs_by_state", "state", "lease_until"),
    sa.Index("competition_jobs_by_team", "team", "state", "profile", "submission"),
    sa.Index("competition_jobs_lost", "state", sqlite_where=_LOST, postgresql_where=_LOST),
)  # fmt: skip
"""One for each submission: queued, running or done. ``profile`` is followed by the hardware class of its
board (``cpu@3fa9c1``), where it has one. ``attempt`` fences: a finish of an older one is refused;
``losses`` counts workers that were lost while they had it."""

ATTEMPTS = sa.Table(
    "competition_attempts", SCHEMA, sa.Column("submission", _BIG, primary_key=True),
    sa.Column("attempt", _BIG, primary_key=True), *_texts("worker", "outcome"), *_times("started"),
    sa.Column("ended", sa.Double),
)  # fmt: skip

RESULTS = sa.Table(
    "competition_results", SCHEMA, sa.Column("submission", _BIG, primary_key=True, autoincrement=False),
    *_texts("competition", "profile", "record", "hardware"), *_numbers("team"),
    *_times("public", "shown", "submitted"), sa.Column("private", sa.Double),
    sa.Column("draws", sa.LargeBinary), *_numbers("clusters", "units"),
    sa.Index("competition_results_by_board", "competition", "profile", "team", "shown"),
)  # fmt: skip
"""Scores of what was scored. ``shown`` is the public score that participants see; ``private`` is empty until
the close. ``record`` is the JSON of a record and ``hardware`` its hardware class, both empty for predictions.
``draws``, ``clusters`` and ``units``
are those of ``BootstrapDraws``."""

EVENTS = sa.Table(
    "competition_events", SCHEMA, _id(), *_texts("competition", "actor", "action", "details"), *_times("at"),
    sa.Index("competition_events_by_competition", "competition", "id"), sqlite_autoincrement=True,
)  # fmt: skip

WATCH = sa.Table(
    "competition_watch", SCHEMA, sa.Column("id", sa.Integer, primary_key=True), *_times("seen"),
)  # fmt: skip
"""When leases were last looked after: after a downtime they are extended before any is taken away."""
