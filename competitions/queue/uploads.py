"""Uploads: announced with their size, received in pieces that may be resumed, and handed in by their token.

The token is the only thing that a client needs to send bytes, and nobody can guess it.
"""

from __future__ import annotations

import secrets
import shutil
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from competitions.rules.refusals import Forbidden, NotFound, Refused, TooLarge, TooMany
from competitions.store.database import clock, folder_of, reading, writing
from competitions.store.hosted import Files, Hosted
from competitions.store.people import Account, hashed
from competitions.store.tables import UPLOADS

UNFINISHED = ".form-"
"""How the names of files begin that a form is sending."""
MOST_OPEN = 20
"""How many uploads of an account may wait to be handed in; older ones are for a day only."""
LASTS_S = 86_400.0
_LONGEST_NAME = 100


@dataclass(frozen=True)
class Upload:
    """An announced upload: ``path`` is where its bytes go, ``bytes`` how many there must be."""

    hash: str
    competition: str
    account: int
    file_name: str
    bytes: int
    path: Path
    submission: int | None


def safe_name(name: str) -> str:
    """Return a file name without any path. Raises Refused where it has unusual characters."""
    base = name.replace("\\", "/").rpartition("/")[2]
    plain = base.isascii() and all(letter.isalnum() or letter in "._-" for letter in base)
    if not plain or not base or base.startswith(".") or len(base) > _LONGEST_NAME:
        raise Refused(
            "the name of the file must be letters, digits, '.', '_' and '-', at most "
            f"{_LONGEST_NAME} of them, and not begin with a dot"
        )
    return base


def announce(engine: sa.Engine, hosted: Hosted, account: Account, file_name: str, size: int) -> str:
    """Note that a file will come, and return the token of its upload.

    Raises TooLarge beyond the limit of the competition, TooMany with too many open uploads.
    """
    most = hosted.competition.limits.upload_mb * 1_000_000
    name = safe_name(file_name)
    if not 0 < size <= most:
        raise TooLarge(
            f"{name} has {size:,} bytes; a submission to {hosted.slug} has 1 to {most:,} bytes "
            f"({hosted.competition.limits.upload_mb} MB)"
        )
    token = secrets.token_urlsafe(32)
    with writing(engine, durable=False) as connection:  # after a power failure it is announced again
        now = clock(connection)
        mine = sa.and_(UPLOADS.c.account == account.id, UPLOADS.c.submission.is_(None))
        count = sa.select(sa.func.count()).select_from(UPLOADS)
        if (connection.scalar(count.where(mine, UPLOADS.c.created > now - LASTS_S)) or 0) >= MOST_OPEN:
            raise TooMany(f"{MOST_OPEN} uploads wait to be handed in; submit or wait a day", LASTS_S)
        values = {"hash": hashed(token), "competition": hosted.slug, "file_name": name, "bytes": size}
        connection.execute(sa.insert(UPLOADS).values(**values, account=account.id, created=now))
    return token


def find_upload(engine: sa.Engine, home: Path, token: str) -> Upload:
    """Return an announced upload that was not handed in. Raises NotFound where it is unknown or too old."""
    with reading(engine) as connection:
        row, now = _row(connection, token), clock(connection)
    if now > row.created + LASTS_S:
        raise NotFound("this upload has expired; start it again")
    return _upload(home, row)


def handed_in(connection: sa.Connection, home: Path, token: str, account: Account, slug: str) -> Upload:
    """Return a complete upload of this account within a transaction.

    Raises NotFound where it is not theirs, Forbidden where bytes are missing.
    """
    upload = _upload(home, _row(connection, token))
    if (upload.account, upload.competition) != (account.id, slug):
        raise NotFound("there is no such upload of yours")
    if upload.submission is None and received(upload) != upload.bytes:
        raise Forbidden(
            f"{upload.file_name} is not complete: {received(upload):,} of {upload.bytes:,} bytes came; "
            "upload it again"
        )
    return upload


def received(upload: Upload) -> int:
    """Count the bytes that came so far; what is complete is never written again."""
    for path in (upload.path, partial(upload)):
        if path.is_file():
            return path.stat().st_size
    return 0


def partial(upload: Upload) -> Path:
    """Return where bytes are kept until all of them are there."""
    return upload.path.with_name(f".{upload.file_name}.part")


def discard_expired(engine: sa.Engine, home: Path) -> int:
    """Remove uploads that were never handed in and are too old, and return how many."""
    for left in folder_of(home).glob(f"*/uploads/{UNFINISHED}*"):
        if time.time() - left.stat().st_mtime > LASTS_S:
            left.unlink(missing_ok=True)
    with writing(engine) as connection:
        old = sa.and_(UPLOADS.c.submission.is_(None), UPLOADS.c.created < clock(connection) - LASTS_S)
        rows = connection.execute(sa.select(UPLOADS.c.hash, UPLOADS.c.competition).where(old)).all()
        connection.execute(sa.delete(UPLOADS).where(old))
    for row in rows:
        shutil.rmtree(Files.of(home, row.competition).uploads / row.hash, ignore_errors=True)
    return len(rows)


def _row(connection: sa.Connection, token: str) -> sa.Row[Any]:
    row = connection.execute(sa.select(UPLOADS).where(UPLOADS.c.hash == hashed(token))).one_or_none()
    if row is None:
        raise NotFound("there is no such upload; start it again")
    return row


def _upload(home: Path, row: sa.Row[Any]) -> Upload:
    path = Files.of(home, row.competition).uploads / row.hash / row.file_name
    return Upload(row.hash, row.competition, row.account, row.file_name, row.bytes, path, row.submission)
