"""Attack a board as its feedback allows: climb the public split by chance, and say what was gained.

An attacker without any model hands in 1,000 random predictions, keeps those that the board calls better than
chance, and hands in their majority (Blum and Hardt 2015). Its gain is the best score that it was ever shown
over that of its first submission; on fresh rows all of them are right for every second row.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import pandas as pd

from competitions.evaluation.predictions import Solution, public_score
from competitions.rules.competition import Feedback, PredictionsChallenge
from competitions.rules.feedback import PublicScore, shown_score


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=4000, help="public rows")
    parser.add_argument("--submissions", type=int, default=1000)
    parser.add_argument("--seeds", type=int, nargs="+", default=range(5))
    chosen = parser.parse_args()
    print(f"{chosen.submissions} submissions, {chosen.rows} public rows, accuracy of a coin: 50 points")
    for feedback in ("exact", "rounded", "ladder"):
        gains = [attack(feedback, chosen.rows, chosen.submissions, seed) for seed in chosen.seeds]
        print(f"{feedback:8} gain {', '.join(f'{100 * gain:+.2f}' for gain in gains)} points")


def attack(feedback: Feedback, rows: int, submissions: int, seed: int) -> float:
    """Return the gain of an adaptive attack: the best shown score minus the first one."""
    rng = np.random.default_rng(seed)
    board = Board(feedback, rng.integers(0, 2, rows))
    first = board.submit(rng.integers(0, 2, rows))
    votes = np.zeros(rows)
    for _ in range(submissions - 2):
        guess = rng.integers(0, 2, rows)
        before = board.best.value if board.best else first
        shown = board.submit(guess)
        # The exact board tells on which side of chance each try lies; the ladder only that one was better.
        signal = shown - (0.5 if feedback != "ladder" else before)
        votes += np.sign(signal) * (2 * guess - 1)
    board.submit((votes > 0).astype(int))
    return board.highest - first


class Board:
    """The public rows, and what one team is shown of them."""

    def __init__(self, feedback: Feedback, truth: np.ndarray) -> None:
        table = pd.DataFrame({"id": np.arange(len(truth)), "side": truth})
        challenge = PredictionsChallenge("s", "s", "id", "accuracy", "max")
        public = pd.Series(True, index=table.index)
        self.solution = Solution(challenge, Path(), table, table, public)
        self.feedback: Feedback = feedback
        self.best: PublicScore | None = None
        self.highest = 0.0

    def submit(self, guess: np.ndarray) -> float:
        """Score a submission as a worker does, and return what is shown."""
        table = self.solution.table.assign(side=guess)
        new = public_score(table, self.solution, draws=self.feedback == "ladder")
        shown = shown_score(self.feedback, "max", new, self.best)
        if self.best is None or (shown == new.value and shown > self.best.value):
            self.best = new
        self.highest = max(self.highest, shown)
        return shown


if __name__ == "__main__":
    main()
