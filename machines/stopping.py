"""How an evaluation on this machine is stopped from another thread: the processes that it began are ended."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import psutil

from harness.evaluate import Evaluation, evaluate
from harness.intake.request import EvaluationRequest
from harness.spec import Places, Progress
from harness.spec.errors import HarnessError

_AGAIN_S = 0.2


class Stopped(HarnessError):
    """The evaluation was stopped from outside; nothing came of it."""


def evaluate_until(
    stop: threading.Event,
) -> Callable[[EvaluationRequest, Places, Progress], Evaluation]:
    """Return ``evaluate``, made to end within a second after ``stop`` is set, and to raise Stopped then."""

    def evaluated(request: EvaluationRequest, places: Places, progress: Progress) -> Evaluation:
        try:
            with _ending_processes(stop):
                evaluation = evaluate(request, places, progress)
        except Exception as error:
            if stop.is_set():  # what broke was the end of its processes
                raise Stopped("the evaluation was stopped") from error
            raise
        if stop.is_set():
            raise Stopped("the evaluation was stopped when it had just ended")
        return evaluation

    return evaluated


@contextmanager
def _ending_processes(stop: threading.Event) -> Iterator[None]:
    """End every process that began below this one in the block, from when ``stop`` is set to its end."""
    before, over = set(_descendants()), threading.Event()

    def watch() -> None:
        while not (stop.wait(_AGAIN_S) or over.is_set()):
            pass
        while not over.wait(_AGAIN_S):
            for process in set(_descendants()) - before:
                with suppress(psutil.Error):
                    process.kill()

    thread = threading.Thread(target=watch, name="stop", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def _descendants() -> list[psutil.Process]:
    found: list[psutil.Process] = psutil.Process().children(recursive=True)
    return found
