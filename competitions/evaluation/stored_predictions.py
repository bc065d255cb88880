"""Stored predictions as an item of work, which this machine or another one scores again."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

from competitions.evaluation.predictions import Solution, read_solution, split_score
from competitions.rules.competition import PredictionsChallenge
from competitions.store.hosted import Files
from harness.files import sha256_of
from harness.portable import OwnFile, Shared
from harness.spec import Split


@dataclass(frozen=True)
class SolutionFiles:
    """The folder with the hidden solution and the metric, and the sample; ``sha256`` is that of all files."""

    challenge: PredictionsChallenge
    private: Path
    sample: Path
    sha256: str

    @classmethod
    def of(cls, home: Path, slug: str, challenge: PredictionsChallenge) -> SolutionFiles:
        """Return those of a competition of this home."""
        files = Files.of(home, slug)
        sample = files.public / Path(challenge.sample).name
        hidden = sorted(path for path in files.private.rglob("*") if path.is_file())
        listed = "".join(f"{path.name} {sha256_of(path)}\n" for path in (*hidden, sample))
        return cls(challenge, files.private, sample, hashlib.sha256(listed.encode()).hexdigest())


@dataclass(frozen=True)
class StoredPredictions:
    """The predictions of one submission, to score on one split."""

    solution: SolutionFiles
    split: Split
    predictions: OwnFile

    def shared(self) -> Shared:
        """Return the files of the solution."""
        return {self._solution: (self.solution.private, self.solution.sample)}

    def packed(self) -> StoredPredictions:
        """Return them with the predictions themselves."""
        return replace(self, predictions=self.predictions.packed())

    def at(self, _home: Path, shared: Mapping[str, Path]) -> StoredPredictions:
        """Return them on a machine where ``shared`` has the folder of the solution."""
        folder, here = shared[self._solution], self.solution
        there = replace(here, private=folder / here.private.name, sample=folder / here.sample.name)
        return replace(self, solution=there)

    @property
    def _solution(self) -> str:
        return f"solution-{self.solution.sha256}"


def score_predictions(stored: StoredPredictions) -> bytes:
    """Score stored predictions; returns the value as a hexadecimal float, which is exact."""
    with stored.predictions.here() as path:
        return split_score(path, _read(stored.solution), stored.split).hex().encode()


@lru_cache(maxsize=2)
def _read(files: SolutionFiles) -> Solution:
    return read_solution(files.challenge, files.private, files.sample)
