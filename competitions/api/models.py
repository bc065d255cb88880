"""The shapes of the JSON API."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from competitions.evaluation.reports import Report
from competitions.store.submissions import State, Submission


class Shape(BaseModel):
    """Strict about fields that it does not know."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class NewAccount(Shape):
    """A name to sign up with."""

    name: str = Field(max_length=200)


class NewToken(Shape):
    """A token, shown this once: it is stored as a hash only."""

    name: str
    token: str


class CompetitionAnswer(Shape):
    """One competition. Times are seconds since 1970; ``signing_key`` checks its trail."""

    slug: str
    title: str
    profiles: tuple[str, ...]
    feedback: str
    start: float
    end: float
    closed: float | None
    teams: int
    metric: str
    signing_key: str


class RowAnswer(Shape):
    """One row of a board."""

    rank: int | None
    team: int
    name: str
    score: float
    submitted: float
    entries: int
    note: str


class BoardAnswer(Shape):
    """A part of a board in its order; ``private`` after the close.

    ``hardware`` is the hardware class whose times are compared; empty where nothing was timed.
    """

    profile: str
    hardware: str
    goal: Literal["max", "min"]
    private: bool
    total: int
    rows: tuple[RowAnswer, ...]


class FileAnswer(Shape):
    """A file that participants download."""

    name: str
    bytes: int
    url: str


class NewUpload(Shape):
    """A file that will be sent."""

    file_name: str = Field(max_length=300)
    bytes: int = Field(ge=0, lt=2**53)


class UploadAnswer(Shape):
    """Where to PUT the bytes, and the token to hand them in with."""

    token: str
    path: str


class NewSubmission(Shape):
    """A complete upload to hand in; without ``profile`` to the main board."""

    token: str
    profile: str = ""
    description: str = Field(default="", max_length=2000)


class SubmissionAnswer(Shape):
    """One submission of one's team. Scores are those that are shown."""

    id: int
    competition: str
    profile: str
    file_name: str
    description: str
    state: State
    stage: str
    fault: str
    message: str
    created: float
    started: float | None
    finished: float | None
    public: float | None
    private: float | None
    final: bool

    @classmethod
    def of(cls, one: Submission) -> SubmissionAnswer:
        """Return the shape of a submission."""
        progress, times = one.progress, one.times
        return cls(
            id=one.id,
            competition=one.entered.competition,
            profile=one.entered.profile,
            file_name=one.handed.name,
            description=one.description,
            state=progress.state,
            stage=progress.stage,
            fault=progress.fault,
            message=progress.message,
            created=times.created,
            started=times.started,
            finished=times.finished,
            public=one.public,
            private=one.private,
            final=one.final,
        )


class ReportAnswer(Shape):
    """The report of a rehearsal; ``report`` is None where there is none yet."""

    report: Report | None


class Selection(Shape):
    """Whether a submission is selected as final."""

    selected: bool


class AllowanceAnswer(Shape):
    """How many submissions one's team made, and may make now."""

    today: int
    total: int
    left: int


class NewTeam(Shape):
    """A name of a team or of an account."""

    name: str = Field(max_length=200)


class TeamAnswer(Shape):
    """One's team."""

    id: int
    name: str
    members: tuple[str, ...]
    disqualified: str


class InvitationAnswer(Shape):
    """An invitation to answer."""

    id: int
    kind: str
    team: str


class Reply(Shape):
    """The answer to an invitation."""

    accept: bool


class Disqualification(Shape):
    """Why a team is taken off the boards; empty to put it back."""

    reason: str = Field(max_length=1000)


class Extension(Shape):
    """The new end, in seconds since 1970."""

    end: float


class Done(Shape):
    """It was done."""

    done: bool = True
