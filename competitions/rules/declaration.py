"""``competition.toml``: read, checked, and turned into values."""

from __future__ import annotations

import tomllib
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, ValidationError
from pydantic import model_validator as checks_model

from competitions.rules.competition import (
    Award,
    Awards,
    Challenge,
    Competition,
    Feedback,
    Limits,
    PredictionsChallenge,
    Prize,
    Schedule,
    TaskChallenge,
    Visibility,
)
from harness.files import read_given
from harness.spec import Goal, OwnEnvironments
from harness.spec.errors import UserError

FILE = "competition.toml"
_MOST_BYTES = 1_000_000
_CURE = "docs/competitions.md shows one"


def _inside(name: str) -> str:
    """Refuse a path that leads out of the competition's folder."""
    path = Path(name)
    if path.is_absolute() or ".." in path.parts or not path.parts or "\\" in name:
        raise ValueError("name a file inside the competition's folder")
    return name


def _inside_or_none(name: str) -> str:
    return _inside(name) if name else name


Inside = Annotated[str, AfterValidator(_inside)]
InsideOrNone = Annotated[str, AfterValidator(_inside_or_none)]
Text = Annotated[str, Field(min_length=1, max_length=200)]
Word = Annotated[str, Field(pattern=r"^[A-Za-z0-9_.-]{1,64}$")]
WordOrNone = Annotated[str, Field(pattern=r"^[A-Za-z0-9_.-]{0,64}$")]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class EnvironmentsPart(_Part):
    """``[task.environments]``: the packages that submissions may bring with a lock file."""

    allowed: bool = True
    sources: tuple[Text, ...] = Field(default=OwnEnvironments().sources, min_length=1)
    most_mb: int = Field(default=OwnEnvironments().most_mb, ge=1)
    most_packages: int = Field(default=OwnEnvironments().most_packages, ge=1)

    @checks_model(mode="after")
    def _reachable(self) -> Self:
        for source in self.sources:
            if not source.startswith(("https://", "http://", "/")):
                raise ValueError(f"{source!r} is neither an address of an index nor the path of a folder")
        return self

    def value(self) -> OwnEnvironments:
        """Return the rules."""
        return OwnEnvironments(self.allowed, self.sources, self.most_mb, self.most_packages)


class TaskPart(_Part):
    """``[task]``: a task by ``name``, or by the ``file`` beside the declaration."""

    name: WordOrNone = ""
    file: InsideOrNone = ""
    data: WordOrNone = ""
    profiles: tuple[Word, ...] = Field(default=("cpu",), min_length=1)
    sealed: bool = True
    quick: bool = False
    environments: EnvironmentsPart | None = None
    hardware_class: Annotated[str, Field(pattern=r"^([0-9a-f]{6})?$")] = ""

    @checks_model(mode="after")
    def _one_task(self) -> Self:
        if bool(self.name) == bool(self.file):
            raise ValueError("give either 'name', a shipped task, or 'file', a task's file beside this one")
        if len(set(self.profiles)) != len(self.profiles):
            raise ValueError("a profile is named twice")
        return self

    def value(self) -> Challenge:
        """Return the challenge."""
        return TaskChallenge(
            self.name or self.file,
            self.data,
            self.profiles,
            self.sealed,
            self.quick,
            self.environments.value() if self.environments else None,
            self.hardware_class,
        )


class PredictionsPart(_Part):
    """``[predictions]``: a hidden solution and how predictions are scored against it."""

    solution: Inside = "solution.csv"
    sample: Inside = "sample_submission.csv"
    row_id: Text = "id"
    metric: Text
    goal: Goal = "max"

    def value(self) -> Challenge:
        """Return the challenge."""
        return PredictionsChallenge(self.solution, self.sample, self.row_id, self.metric, self.goal)


class SchedulePart(_Part):
    """``[schedule]``: dates with a time zone. Teams may merge until the end unless a date says otherwise."""

    start: AwareDatetime
    end: AwareDatetime
    merge_until: AwareDatetime | None = None
    late_submissions: bool = False

    @checks_model(mode="after")
    def _in_order(self) -> Self:
        if not self.start < self.end:
            raise ValueError("'end' must be after 'start'")
        return self

    def value(self) -> Schedule:
        """Return the schedule."""
        merge_until = self.merge_until or self.end
        return Schedule(
            self.start.timestamp(), self.end.timestamp(), merge_until.timestamp(), self.late_submissions
        )


class LimitsPart(_Part):
    """``[limits]``: what one team may do."""

    daily: int = Field(default=5, ge=1, le=1_000_000)
    total: int = Field(default=0, ge=0)
    team_size: int = Field(default=5, ge=1, le=1000)
    finals: int = Field(default=2, ge=1, le=100)
    upload_mb: int = Field(default=100, ge=1, le=100_000)

    def value(self) -> Limits:
        """Return the limits."""
        return Limits(self.daily, self.total, self.team_size, self.finals, self.upload_mb)


class PrizePart(_Part):
    """One ``[[prizes]]``."""

    title: Text
    award: Award = "score"
    place: int = Field(default=1, ge=1)
    reward: Annotated[str, Field(max_length=200)] = ""

    def value(self) -> Prize:
        """Return the prize."""
        return Prize(self.title, self.award, self.place, self.reward)


class Declaration(_Part):
    """The whole file."""

    schema_: Literal[1] = Field(default=1, alias="schema")
    slug: Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", min_length=2, max_length=50)]
    title: Text
    task: TaskPart | None = None
    predictions: PredictionsPart | None = None
    schedule: SchedulePart
    limits: LimitsPart = LimitsPart()
    prizes: tuple[PrizePart, ...] = ()
    medals: bool = False
    feedback: Feedback = "exact"
    visibility: Visibility = "public"

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    @checks_model(mode="after")
    def _one_challenge(self) -> Self:
        if (self.task is None) == (self.predictions is None):
            raise ValueError("give either [task] or [predictions]")
        if self.predictions and any(prize.award == "performance" for prize in self.prizes):
            raise ValueError("predictions are not timed, so there is no prize for performance")
        return self

    def value(self) -> Competition:
        """Return the competition."""
        challenge = self.task or self.predictions
        assert challenge is not None, "one of the two is given, as was checked"
        return Competition(
            self.slug,
            self.title,
            challenge.value(),
            self.schedule.value(),
            self.limits.value(),
            Awards(tuple(prize.value() for prize in self.prizes), self.medals),
            self.feedback,
            self.visibility,
        )

    def stored(self) -> str:
        """Return the declaration as JSON, which ``from_stored`` reads."""
        return self.model_dump_json(by_alias=True)


def from_stored(text: str) -> Competition:
    """Return the competition whose declaration was stored."""
    return Declaration.model_validate_json(text).value()


def read_declaration(folder: Path) -> Declaration:
    """Read ``competition.toml``. Raises UserError that names the field at fault."""
    path = folder / FILE
    try:
        return Declaration.model_validate(tomllib.loads(read_given(path, _MOST_BYTES).decode()))
    except OSError as error:
        raise UserError(
            f"{path} cannot be read: {error.strerror}; a competition is a folder with it"
        ) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise UserError(f"{path} is not TOML: {error}; {_CURE}") from None
    except ValidationError as errors:
        first = errors.errors(include_url=False, include_context=False, include_input=False)[0]
        where = ".".join(map(str, first["loc"])) or FILE
        raise UserError(f"{path}: {where}: {first['msg'].removeprefix('Value error, ')}; {_CURE}") from None


def day(seconds: float) -> str:
    """Write a time for people: ``2026-11-28 14:05 UTC``."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M UTC")
