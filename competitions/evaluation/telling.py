"""How those who watch a submission are told: its team how far it is, its host also what it prints."""

from __future__ import annotations

import math
import time
from dataclasses import replace
from pathlib import Path

import sqlalchemy as sa

from competitions.evaluation.attempts import attempt_log
from competitions.queue.leases import Claim, tell_stage
from harness.session.live_log import LiveLog
from machines.executor import Evaluator

_TELL_S = 5.0


class TimeLeft:
    """How long something takes yet, at the pace since it began; times are seconds of one clock."""

    def __init__(self, now: float) -> None:
        self._what, self._since, self._from = "", now, 0

    def words(self, what: str, done: int, total: int, now: float) -> str:
        """Say it in words: ``, about 3 min left``; empty where it is not known."""
        if what != self._what or done < self._from:
            self._what, self._since, self._from = what, now, done
        gained, spent = done - self._from, now - self._since
        if gained <= 0 or spent < _TELL_S or done > total:
            return ""
        left = spent * (total - done) / gained
        return f", about {left:.0f} s left" if left < 90 else f", about {math.ceil(left / 60):,} min left"


def telling(engine: sa.Engine, home: Path, held: Claim, stage: str, evaluator: Evaluator) -> Evaluator:
    """Return the evaluator, made to tell the stage and of it how much is done, and to keep the log.

    A team is told counts and times alone: what else progress says may come from hidden data.
    """
    tell_stage(engine, held, stage)
    log = attempt_log(home, held.submission.entered.competition, held.submission.id, held.attempt)
    LiveLog(log).say(f"{stage}, worker {held.worker}")
    told = time.monotonic()
    left = TimeLeft(told)

    def tell(what: str, done: int, total: int) -> None:
        nonlocal told
        now = time.monotonic()
        words = left.words(what, done, total, now) if total else ""
        if total and now - told >= _TELL_S:
            told = now
            tell_stage(engine, held, f"{stage} ({done:,} of {total:,}{words})")

    return lambda request, places, _: evaluator(request, replace(places, live_log=log), tell)
