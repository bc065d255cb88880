"""What every page of a competition shows: its state, and how the visitor takes part."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from competitions.pages.rendering import span
from competitions.pages.visits import HOME, Visit
from competitions.rules.competition import Competition
from competitions.store import hosted as store
from competitions.store import teams
from competitions.store.database import clock, reading
from competitions.store.hosted import Hosted
from competitions.store.people import Account
from competitions.store.standing import standing_of
from competitions.store.teams import Team

Phase = Literal["upcoming", "open", "ended", "closed"]


@dataclass(frozen=True)
class Frame:
    """A competition as a visitor meets it; ``team`` is theirs, ``hosts`` whether they host it."""

    hosted: Hosted
    now: float
    teams: int
    accepted: bool = False
    hosts: bool = False
    team: Team | None = None

    @property
    def competition(self) -> Competition:
        """What the host declared."""
        return self.hosted.competition

    @property
    def path(self) -> str:
        """Where its pages are."""
        return f"{HOME}/{self.hosted.slug}"

    @property
    def phase(self) -> Phase:
        """Where it is between its announcement and its close."""
        return phase_of(self.hosted, self.now)

    @property
    def phase_text(self) -> str:
        """Say the same to people."""
        return phase_text(self.hosted, self.now)

    @property
    def takes_submissions(self) -> bool:
        """Whether a submission may be made now, as far as dates go."""
        return self.phase == "open" or (self.phase == "ended" and self.competition.schedule.late)


def phase_of(hosted: Hosted, now: float) -> Phase:
    """Say where a competition is between its announcement and its close."""
    schedule = hosted.competition.schedule
    if hosted.closed is not None:
        return "closed"
    return "upcoming" if now < schedule.start else "open" if now <= schedule.end else "ended"


def phase_text(hosted: Hosted, now: float) -> str:
    """Say in words where a competition is."""
    schedule = hosted.competition.schedule
    texts = {
        "upcoming": f"starts in {span(schedule.start - now)}",
        "open": f"open, ends in {span(schedule.end - now)}",
        "ended": "ended, private scores to come",
        "closed": "closed, the result is final",
    }
    return texts[phase_of(hosted, now)]


def frame_of(visit: Visit) -> Frame:
    """Read the competition of an address. Raises NotFound."""
    slug, account = visit.slug, visit.account
    with reading(visit.service.engine) as connection:
        hosted = store.found(connection, slug)
        if account is None:
            return Frame(hosted, clock(connection), store.count_teams(connection, slug))
        mine = standing_of(connection, hosted, account.id)
        team = None if mine.team is None else teams.read(connection, mine.team)
        return Frame(hosted, mine.now, mine.teams, mine.accepted, mine.hosts, team)


def participant(visit: Visit) -> tuple[Frame, Account]:
    """Read the competition for somebody who is signed in. Raises NotSignedIn, NotFound."""
    account = visit.signed_in()
    return frame_of(visit), account
