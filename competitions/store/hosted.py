"""Competitions that were opened: their declaration, files, hosts and acceptances of rules."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from competitions.rules.competition import Competition, TaskChallenge
from competitions.rules.declaration import from_stored
from competitions.rules.refusals import NotFound
from competitions.store.database import clock, folder_of, reading, writing
from competitions.store.events import note
from competitions.store.people import Account
from competitions.store.tables import ACCEPTANCES, COMPETITIONS, HOSTS, MEMBERS, TEAMS

PAGES = ("overview", "data", "rules")


@dataclass(frozen=True)
class Hosted:
    """A competition that was opened. ``evaluation`` is JSON that the evaluation reads; ``closed`` a time.

    ``settled`` is the hardware class of the first scored record, by profile.
    """

    competition: Competition
    rules_sha256: str
    evaluation: str
    opened: float
    closed: float | None
    stamp: int
    settled: tuple[tuple[str, str], ...]

    def hardware(self, profile: str) -> str:
        """Return the hardware class whose times a board compares; empty where none is settled yet."""
        challenge = self.competition.challenge
        declared = challenge.hardware_class if isinstance(challenge, TaskChallenge) else ""
        return declared or dict(self.settled).get(profile, "")

    @property
    def slug(self) -> str:
        """The name in addresses."""
        return self.competition.slug


@dataclass(frozen=True)
class Files:
    """Where the files of a competition lie, below the home."""

    folder: Path

    @classmethod
    def of(cls, home: Path, slug: str) -> Files:
        """Return the files of one competition."""
        return cls(folder_of(home) / slug)

    @property
    def public(self) -> Path:
        """What participants download."""
        return self.folder / "public"

    @property
    def private(self) -> Path:
        """The solution and the metric."""
        return self.folder / "private"

    @property
    def pages(self) -> Path:
        """The Markdown pages."""
        return self.folder / "pages"

    @property
    def records(self) -> Path:
        """The folders of the records of evaluations on hidden data."""
        return self.folder / "records"

    @property
    def uploads(self) -> Path:
        """What was handed in."""
        return self.folder / "uploads"

    @property
    def archive(self) -> Path:
        """All public files in one archive."""
        return self.folder / "archive" / f"{self.folder.name}.zip"


def find(engine: sa.Engine, slug: str) -> Hosted:
    """Return a competition. Raises NotFound where there is none of that name."""
    with reading(engine) as connection:
        return found(connection, slug)


def found(connection: sa.Connection, slug: str) -> Hosted:
    """Return a competition within a transaction. Raises NotFound."""
    row = connection.execute(sa.select(COMPETITIONS).where(COMPETITIONS.c.slug == slug)).one_or_none()
    if row is None:
        raise NotFound(f"there is no competition '{slug[:60]}' here")
    return _hosted(row)


def find_board(engine: sa.Engine, board_slug: str) -> tuple[Hosted, str]:
    """Return the competition and the profile that a board's name means. Raises NotFound."""
    slug, _, profile = board_slug.partition("--")
    hosted = find(engine, slug)
    return hosted, profile_of(hosted, profile)


def profile_of(hosted: Hosted, profile: str) -> str:
    """Return a profile of a competition, the first one where none is named. Raises NotFound."""
    profiles = hosted.competition.profiles
    if profile and profile not in profiles:
        raise NotFound(f"{hosted.slug} has no board '{profile[:60]}'; it has {', '.join(profiles)}")
    return profile or profiles[0]


def listed(engine: sa.Engine) -> Sequence[Hosted]:
    """Return the competitions that everybody may find, the newest first."""
    with reading(engine) as connection:
        rows = connection.execute(sa.select(COMPETITIONS).order_by(COMPETITIONS.c.opened.desc())).all()
    every = [_hosted(row) for row in rows]
    return [hosted for hosted in every if hosted.competition.visibility == "public"]


def now(engine: sa.Engine) -> float:
    """Return the time by the database's clock."""
    with reading(engine) as connection:
        return clock(connection)


def team_count(engine: sa.Engine, slug: str) -> int:
    """Count the teams that take part."""
    with reading(engine) as connection:
        return count_teams(connection, slug)


def count_teams(connection: sa.Connection, slug: str) -> int:
    """Count the teams that take part, within a transaction."""
    query = sa.select(sa.func.count()).where(TEAMS.c.competition == slug, TEAMS.c.merged_into.is_(None))
    return connection.scalar(query) or 0


def is_host(engine: sa.Engine, slug: str, account: Account) -> bool:
    """Say whether an account hosts a competition."""
    with reading(engine) as connection:
        return hosts(connection, slug, account.id)


def hosts(connection: sa.Connection, slug: str, account: int) -> bool:
    """Say within a transaction whether an account hosts a competition."""
    query = sa.select(HOSTS.c.account).where(HOSTS.c.competition == slug, HOSTS.c.account == account)
    return connection.scalar(query) is not None


def accept_rules(engine: sa.Engine, slug: str, account: Account) -> None:
    """Note that an account accepts the rules as they are now."""
    with writing(engine) as connection:
        hosted = found(connection, slug)
        values = {"competition": slug, "account": account.id, "rules_sha256": hosted.rules_sha256}
        where = [ACCEPTANCES.c[name] == value for name, value in values.items()]
        if connection.scalar(sa.select(ACCEPTANCES.c.account).where(*where)) is None:
            connection.execute(sa.insert(ACCEPTANCES).values(**values, at=clock(connection)))
            note(connection, slug, account.name, "accepted the rules", sha256=hosted.rules_sha256)


def has_accepted(engine: sa.Engine, hosted: Hosted, account: Account) -> bool:
    """Say whether an account accepted the rules as they are now."""
    with reading(engine) as connection:
        return accepted(connection, hosted, account.id)


def accepted(connection: sa.Connection, hosted: Hosted, account: int) -> bool:
    """Say within a transaction whether an account accepted the rules as they are now."""
    query = sa.select(ACCEPTANCES.c.account).where(
        ACCEPTANCES.c.competition == hosted.slug,
        ACCEPTANCES.c.account == account,
        ACCEPTANCES.c.rules_sha256 == hosted.rules_sha256,
    )
    return connection.scalar(query) is not None


def has_entered(engine: sa.Engine, slug: str, account: Account) -> bool:
    """Say whether an account is a member of a team."""
    query = sa.select(MEMBERS.c.team).where(MEMBERS.c.competition == slug, MEMBERS.c.account == account.id)
    with reading(engine) as connection:
        return connection.scalar(query) is not None


def page(home: Path, slug: str, name: str) -> str:
    """Return the Markdown of one of the pages; empty where the host wrote none."""
    path = Files.of(home, slug).pages / f"{name}.md"
    return path.read_text("utf-8") if name in PAGES and path.is_file() else ""


def public_files(home: Path, slug: str) -> dict[str, Path]:
    """Return the files that participants download, by their relative names."""
    folder = Files.of(home, slug).public
    paths = sorted(path for path in folder.rglob("*") if path.is_file() and not path.is_symlink())
    return {str(path.relative_to(folder)): path for path in paths}


def _hosted(row: sa.Row[Any]) -> Hosted:
    return Hosted(
        _competition(row.declaration),
        row.rules_sha256,
        row.evaluation,
        row.opened,
        row.closed,
        row.stamp,
        tuple(json.loads(row.hardware).items()),
    )


@lru_cache(maxsize=256)
def _competition(declaration: str) -> Competition:
    return from_stored(declaration)
