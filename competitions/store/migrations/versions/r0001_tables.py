"""Make the tables of competitions."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

_SCHEMA = sa.MetaData()
_BIG = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def _id() -> sa.Column[int]:
    return sa.Column("id", _BIG, primary_key=True, autoincrement=True)


def _texts(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.Text, nullable=False) for name in names]


def _numbers(*names: str) -> list[sa.Column[int]]:
    return [sa.Column(name, _BIG, nullable=False) for name in names]


def _times(*names: str) -> list[sa.Column[float]]:
    return [sa.Column(name, sa.Double, nullable=False) for name in names]


sa.Table(
    "competition_accounts", _SCHEMA, _id(), *_texts("name", "name_key"), *_times("created"),
    sa.UniqueConstraint("name_key", name="competition_accounts_by_name"), sqlite_autoincrement=True,
)  # fmt: skip

sa.Table(
    "competition_tokens", _SCHEMA, sa.Column("hash", sa.Text, primary_key=True), *_texts("kind", "csrf"),
    *_numbers("account"), *_times("created", "expires"),
    sa.Index("competition_tokens_by_account", "account"),
)  # fmt: skip

sa.Table(
    "competition_competitions", _SCHEMA, sa.Column("slug", sa.Text, primary_key=True),
    *_texts("declaration", "rules_sha256", "evaluation", "final"), *_times("opened"),
    sa.Column("closed", sa.Double), *_numbers("stamp"),
)  # fmt: skip

sa.Table(
    "competition_hosts", _SCHEMA, sa.Column("competition", sa.Text, primary_key=True),
    sa.Column("account", _BIG, primary_key=True),
)  # fmt: skip

sa.Table(
    "competition_teams", _SCHEMA, _id(), *_texts("competition", "name", "name_key", "disqualified"),
    *_times("created", "served"), sa.Column("merged_into", _BIG),
    sa.UniqueConstraint("competition", "name_key", name="competition_teams_by_name"),
    sqlite_autoincrement=True,
)  # fmt: skip

sa.Table(
    "competition_members", _SCHEMA, sa.Column("competition", sa.Text, primary_key=True),
    sa.Column("account", _BIG, primary_key=True), *_numbers("team", "leads"), *_times("joined"),
    sa.Index("competition_members_by_team", "team"),
)  # fmt: skip

sa.Table(
    "competition_invitations", _SCHEMA, _id(), *_texts("competition", "kind"), *_numbers("team", "invited"),
    *_times("created"),
    sa.UniqueConstraint("team", "kind", "invited", name="competition_invitations_once"),
    sa.Index("competition_invitations_by_invited", "kind", "invited"),
    sqlite_autoincrement=True,
)  # fmt: skip

sa.Table(
    "competition_acceptances", _SCHEMA, sa.Column("competition", sa.Text, primary_key=True),
    sa.Column("account", _BIG, primary_key=True), sa.Column("rules_sha256", sa.Text, primary_key=True),
    *_times("at"),
)  # fmt: skip

sa.Table(
    "competition_uploads", _SCHEMA, sa.Column("hash", sa.Text, primary_key=True),
    *_texts("competition", "file_name"), *_numbers("account", "bytes"), *_times("created"),
    sa.Column("submission", _BIG),
)  # fmt: skip

sa.Table(
    "competition_submissions", _SCHEMA, _id(),
    *_texts("competition", "profile", "kind", "file_name", "path", "sha256", "description", "state", "stage"),
    *_texts("fault", "message"), *_numbers("team", "account", "bytes", "late", "final"),
    *_times("created"), sa.Column("started", sa.Double), sa.Column("finished", sa.Double),
    sa.Index("competition_submissions_by_team", "competition", "team", "created"),
    sa.Index("competition_submissions_by_state", "competition", "state"),
    sqlite_autoincrement=True,
)  # fmt: skip

sa.Table(
    "competition_jobs", _SCHEMA, sa.Column("submission", _BIG, primary_key=True, autoincrement=False),
    *_texts("state", "worker"), *_numbers("team", "attempt", "losses"), *_times("lease_until"),
    sa.Index("competition_jobs_by_state", "state", "lease_until"),
)  # fmt: skip

sa.Table(
    "competition_attempts", _SCHEMA, sa.Column("submission", _BIG, primary_key=True),
    sa.Column("attempt", _BIG, primary_key=True), *_texts("worker", "outcome"), *_times("started"),
    sa.Column("ended", sa.Double),
)  # fmt: skip

sa.Table(
    "competition_results", _SCHEMA, sa.Column("submission", _BIG, primary_key=True, autoincrement=False),
    *_texts("competition", "profile", "record"), *_numbers("team"),
    *_times("public", "shown", "submitted"), sa.Column("private", sa.Double),
    sa.Column("replicates", sa.LargeBinary), *_numbers("clusters"),
    sa.Index("competition_results_by_board", "competition", "profile", "team", "shown"),
)  # fmt: skip

sa.Table(
    "competition_events", _SCHEMA, _id(), *_texts("competition", "actor", "action", "details"), *_times("at"),
    sa.Index("competition_events_by_competition", "competition", "id"), sqlite_autoincrement=True,
)  # fmt: skip

sa.Table(
    "competition_watch", _SCHEMA, sa.Column("id", sa.Integer, primary_key=True), *_times("seen"),
)  # fmt: skip


def upgrade() -> None:
    """Make the tables as this version knew them."""
    _SCHEMA.create_all(op.get_bind())
