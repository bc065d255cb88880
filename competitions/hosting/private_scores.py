"""Private scores from the answers that were stored: computed at the close for the first time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from competitions.evaluation.judging import arena_of, solution_of
from competitions.evaluation.predictions import split_score
from competitions.rules.competition import PredictionsChallenge, TaskChallenge
from competitions.store.hosted import Hosted
from competitions.store.submissions import Submission
from harness.spec.errors import UserError
from leaderboards.ranking import BootstrapDraws

if TYPE_CHECKING:
    from collections.abc import Sequence

    from harness.spec import Query, Task

Split = Literal["public", "private"]


@dataclass(frozen=True, eq=False)
class SplitScore:
    """A score of stored answers, with its bootstrap draws where the task resamples."""

    value: float
    draws: BootstrapDraws | None = None


@dataclass(frozen=True)
class Rescoring:
    """Scores stored answers of one competition; ``records`` are ids of records by submission."""

    home: Path
    hosted: Hosted
    records: Mapping[int, str]

    def score(self, submission: Submission, split: Split) -> SplitScore | None:
        """Score one submission again; None where its record has no answer to some unit of the split."""
        challenge = self.hosted.competition.challenge
        if isinstance(challenge, PredictionsChallenge):
            solution = solution_of(self.home, self.hosted.slug, challenge)
            return SplitScore(split_score(self.home / submission.handed.path, solution, split))
        return self._score_answers(challenge, submission, split)

    def _score_answers(
        self, challenge: TaskChallenge, submission: Submission, split: Split
    ) -> SplitScore | None:
        from harness.scoring.rescoring import rescore

        arena = arena_of(self.home, self.hosted, challenge)
        places = arena.places(hidden=True)
        task, queries = _asked(self.home, self.hosted, challenge)
        folder = places.records / self.records[submission.id]
        if not folder.is_dir():
            raise UserError(f"the record {folder.name} is not in {places.records}; copy it there")
        scores = rescore(task, queries, folder, split, places.host_log)
        name = arena.spec.metric.name
        measure = scores.metrics.get(name) if scores is not None else None
        if scores is None or measure is None or measure.value is None:
            return None
        draws = scores.replicates.get(name)
        kept = None if draws is None else BootstrapDraws(draws, len(set(scores.clusters)))
        return SplitScore(measure.value, kept)


@lru_cache(maxsize=2)
def _asked(home: Path, hosted: Hosted, challenge: TaskChallenge) -> tuple[Task, Sequence[Query]]:
    """Return the task and the queries of the hidden data."""
    from harness.intake.requested import requested_data
    from harness.spec import no_progress

    arena = arena_of(home, hosted, challenge)
    task = arena.task()
    prepared = requested_data(arena.evaluation.data, task, arena.places(hidden=True), no_progress)
    return task, task.queries(prepared)
