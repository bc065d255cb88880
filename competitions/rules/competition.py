"""A competition as its host declared it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from harness.spec import Goal, OwnEnvironments

Feedback = Literal["exact", "rounded", "ladder"]
"""How public scores are shown: as they are, with three digits, or only when significantly better."""
Visibility = Literal["public", "unlisted"]
Award = Literal["score", "performance"]
PREDICTIONS = "predictions"
"""The board of a competition whose submissions are predictions: nothing is run, so there is no profile."""


@dataclass(frozen=True)
class TaskChallenge:
    """Submissions are code or models, evaluated on a task; there is one board for each profile.

    ``task`` is the name of a shipped task or the path of a task's file in the competition's folder. With
    ``sealed`` the data are generated from a secret key that is drawn for this competition. ``environments``
    says which packages submissions may bring, where that is something else than the task says.
    ``hardware_class`` is the one whose times are compared; empty: that of each board's first record.
    """

    task: str
    data: str
    profiles: tuple[str, ...]
    sealed: bool = True
    quick: bool = False
    environments: OwnEnvironments | None = None
    hardware_class: str = ""


@dataclass(frozen=True)
class PredictionsChallenge:
    """Submissions are tables of predictions, scored against a hidden solution.

    ``solution`` and ``sample`` are files in the competition's folder; column ``row_id`` names the rows, and
    column ``Usage`` of the solution says which are ``Public``. ``metric`` is a file with Kaggle's
    ``score(solution, submission, row_id_column_name)``, or the name of a metric of ours.
    """

    solution: str
    sample: str
    row_id: str
    metric: str
    goal: Goal
    profiles: tuple[str, ...] = (PREDICTIONS,)


Challenge = TaskChallenge | PredictionsChallenge


@dataclass(frozen=True)
class Schedule:
    """When it runs, in seconds since 1970. ``late`` allows submissions after the end, which never rank."""

    start: float
    end: float
    merge_until: float
    late: bool


@dataclass(frozen=True)
class Limits:
    """How much a team may do. ``daily`` counts by UTC days; ``total`` is 0 where there is no limit."""

    daily: int
    total: int
    team_size: int
    finals: int
    upload_mb: int


@dataclass(frozen=True)
class Prize:
    """A prize for the team at ``place`` by private score, or for the fastest among the most accurate."""

    title: str
    award: Award
    place: int = 1
    reward: str = ""


@dataclass(frozen=True)
class Awards:
    """The prizes, and whether medals are given by Kaggle's bands."""

    prizes: tuple[Prize, ...]
    medals: bool


@dataclass(frozen=True)
class Competition:
    """Everything that a host declares, beside the pages and the data."""

    slug: str
    title: str
    challenge: Challenge
    schedule: Schedule
    limits: Limits
    awards: Awards
    feedback: Feedback
    visibility: Visibility

    @property
    def profiles(self) -> tuple[str, ...]:
        """The boards, the main one first."""
        return self.challenge.profiles

    def board_slug(self, profile: str) -> str:
        """Name a board where a client knows one board a name: the main one by the slug itself."""
        return self.slug if profile == self.profiles[0] else f"{self.slug}--{profile}"
