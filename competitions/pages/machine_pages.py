"""The page of machines: state, class, what runs, the last beat, canary runs, and the log of the worker."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa
from starlette.responses import Response

from competitions.pages.visits import HOME, Visit
from competitions.rules.refusals import Forbidden
from competitions.store.database import folder_of, reading
from competitions.store.people import Account
from competitions.store.tables import COMPETITIONS, HOSTS
from machines.canary import CanaryHistory, Drift, drifts
from machines.code_version import code_version
from machines.enrolment import EnrolledMachine, Enrolment
from machines.sightings import Sighting, Sightings

_LOG_BYTES, _RUNS = 20_000, 50
_JOB = re.compile(r"/([a-z0-9-]+)/attempts/(\d+)-\d+\.log$")
GONE_S = 60.0
"""A machine that was not seen for so long is shown as one that does not answer."""


@dataclass(frozen=True)
class MachineRow:
    """A machine as the page shows it; what is not known is None."""

    key: str
    enrolled: EnrolledMachine | None
    seen: Sighting | None
    drift: Drift | None
    beat_s: float | None

    @property
    def name(self) -> str:
        """Its name, or the beginning of its key where it is not enrolled."""
        return self.enrolled.name if self.enrolled else self.key[:12]

    @property
    def job(self) -> str:
        """The path of the page of what it evaluates for a competition; empty where it does nothing such."""
        found = _JOB.search(str(self.seen.log)) if self.seen and self.seen.runs and self.answers else None
        return f"{HOME}/{found[1]}/host/submissions/{found[2]}" if found else ""

    @property
    def answers(self) -> bool:
        """Whether it was seen lately."""
        return self.beat_s is not None and self.beat_s < GONE_S


def machines(visit: Visit) -> Response:
    """Show the machines to those who host a competition, and the log to those who host all of them."""
    account = visit.signed_in()
    hosted, others = _hosts(visit, account)
    if not hosted:
        raise Forbidden("Only those who host a competition may see the machines.")
    home = visit.service.home
    return visit.page(
        "competitions/machines.html",
        rows=rows(home),
        names={key: machine.name for key, machine in Enrolment(home).all().items()},
        runs=CanaryHistory(home).runs()[-_RUNS:][::-1],
        log=None if others else _log(home),
        version=code_version(),
    )


def rows(home: Path) -> list[MachineRow]:
    """Return a row for every machine that is enrolled or was seen, by name."""
    enrolled, seen = Enrolment(home).all(), Sightings(home).all()
    found, now = drifts(CanaryHistory(home).runs()), time.time()
    made = [
        MachineRow(
            key, enrolled.get(key), seen.get(key), found.get(key), now - seen[key].at if key in seen else None
        )
        for key in {*enrolled, *seen}
    ]
    return sorted(made, key=lambda row: (row.enrolled is None, row.name))


def _hosts(visit: Visit, account: Account) -> tuple[int, int]:
    """Count the competitions that an account hosts, and the others."""
    mine = sa.select(HOSTS.c.competition).where(HOSTS.c.account == account.id)
    with reading(visit.service.engine) as connection:
        hosted = len(connection.scalars(mine).all())
        every = connection.scalar(sa.select(sa.func.count()).select_from(COMPETITIONS)) or 0
    return hosted, every - hosted


def _log(home: Path) -> str:
    """Return the end of the worker's log."""
    path = folder_of(home) / "worker.log"
    if not path.is_file():
        return ""
    with path.open("rb") as file:
        file.seek(max(path.stat().st_size - _LOG_BYTES, 0))
        return file.read().decode("utf-8", "replace")
