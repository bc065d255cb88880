"""Private scores from the answers that were stored: computed at the close for the first time."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from competitions.evaluation.judging import arena_of
from competitions.evaluation.stored_predictions import SolutionFiles, StoredPredictions, score_predictions
from competitions.rules.competition import PredictionsChallenge, TaskChallenge
from competitions.store.hosted import Hosted
from competitions.store.submissions import Submission
from harness.fanning import Fan
from harness.portable import OwnFile
from harness.spec import Split, no_progress
from harness.spec.errors import UserError
from leaderboards.ranking import BootstrapDraws

if TYPE_CHECKING:
    from harness.scoring.rescoring import Rescored


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
    fan: Fan

    def scores(self, wanted: Sequence[tuple[Submission, Split]]) -> Iterator[SplitScore | None]:
        """Score submissions again, in order; None where a record has no answer to some unit of the split."""
        challenge = self.hosted.competition.challenge
        if not wanted:
            return iter(())
        if isinstance(challenge, PredictionsChallenge):
            return self._predictions(challenge, wanted)
        return self._answers(challenge, wanted)

    def _predictions(
        self, challenge: PredictionsChallenge, wanted: Sequence[tuple[Submission, Split]]
    ) -> Iterator[SplitScore | None]:
        solution = SolutionFiles.of(self.home, self.hosted.slug, challenge)
        stored = [
            StoredPredictions(solution, split, OwnFile(self.home / submission.handed.path))
            for submission, split in wanted
        ]
        for value in self.fan(score_predictions, stored):
            yield SplitScore(float.fromhex(value.decode()))

    def _answers(
        self, challenge: TaskChallenge, wanted: Sequence[tuple[Submission, Split]]
    ) -> Iterator[SplitScore | None]:
        from harness.intake.requested import requested_data
        from harness.scoring.rescoring import Rescored
        from harness.scoring.stored import AskedTask, StoredAnswers, score_stored

        arena = arena_of(self.home, self.hosted, challenge)
        places = arena.places(hidden=True)
        data = requested_data(arena.evaluation.data, arena.task(), places, no_progress)
        asked = AskedTask(secrets.token_hex(8), arena.task_name, data)
        stored = []
        for submission, split in wanted:
            folder = places.records / self.records[submission.id]
            if not folder.is_dir():
                raise UserError(f"the record {folder.name} is not in {places.records}; copy it there")
            stored.append(StoredAnswers(asked, split, OwnFile(folder / "answers.npz"), places.host_log))
        name = arena.spec.metric.name
        for result in self.fan(score_stored, stored):
            yield _score(Rescored.of_bytes(result), name) if result else None


def _score(rescored: Rescored, metric: str) -> SplitScore | None:
    """Return the score by one metric; None where it has no value."""
    measure, draws = rescored.metrics.get(metric), rescored.draws.get(metric)
    if measure is None or measure.value is None:
        return None
    return SplitScore(measure.value, None if draws is None else BootstrapDraws(draws, rescored.clusters))
