"""Chains as queries, what an answer must be, and how far it may be from the right one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from random import Random
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from harness.spec import Figures, Prepared, Query, RunOutcome, Table
from harness.spec.errors import InvalidSubmission
from tasks.tiny_latency import slopes

if TYPE_CHECKING:
    from harness.spec import Array, Arrays

TOLERANCE = 1e-4
"""How far an answer may be from a float64 computation, as a share of the largest state (at least of 1)."""
NAMED = np.array("weights.npz")
"""The file in ``public`` that a query's ``weights`` names."""


class Truth(NamedTuple):
    """The steps of a chain and its right ``answer``, float64 (steps // 1000 + 1, width)."""

    steps: int
    answer: Array


def queries(prepared: Prepared) -> Sequence[Query]:
    """Return one query for each chain, the longest first and the others from the shortest on.

    The first of them warm a model up: the longest touches all memory that a chain needs, and others of its
    length would take a slow model seconds in every process.
    """
    from datasets.chains import layout

    longest, *others = [
        Query(
            id=f"chain {number:02}, {len(chain.inputs)} steps",
            cluster="chains",
            split="public",
            load=partial(load, chain.inputs, chain.state),
            truth=Truth(len(chain.inputs), chain.answer),
        )
        for number, chain in enumerate(layout.read(prepared.private))
    ]
    return [longest, *reversed(others)]


def load(inputs: Array, state: Array) -> Arrays:
    """Return what a model is handed."""
    return {"weights": NAMED, "inputs": inputs, "state": state}


def perturb(x: Arrays, rng: Random) -> Arrays:
    """Change the first state a little: a chain that costs the same and has another answer."""
    assert isinstance(x, Mapping)
    factor = np.array([1 + rng.uniform(-0.01, 0.01) for _ in x["state"]], np.float32)
    return {**x, "state": x["state"] * factor}


def check(answer: Arrays, query: Query) -> Arrays:
    """Return the answer as float64. Raises InvalidSubmission for another shape or dtype."""
    wanted = query.truth.answer.shape
    if isinstance(answer, Mapping) or answer.shape != wanted or answer.dtype.kind != "f":
        raise InvalidSubmission(f"{query.id}: an answer is one array of floating-point numbers {wanted}")
    return answer.astype(np.float64)


def tally(answer: Arrays, truth: Any) -> Mapping[str, float]:
    """Return the steps of a chain and the error of its answer."""
    return {"steps": float(truth.steps), "error": error(answer, truth)}


def error(answer: Arrays, truth: Truth) -> float:
    """Return the largest difference as a share of the largest right number, or of 1 if that is more.

    Where the right number is NaN, the answer must be; a NaN anywhere else is infinitely wrong.
    """
    given, right = np.asarray(answer), truth.answer
    known = np.isfinite(right)
    if not (np.isnan(given) == np.isnan(right)).all():
        return np.inf
    apart = np.abs(given[known] - right[known]).max(initial=0.0)
    return float(apart / np.abs(right[known]).max(initial=1.0))


def largest_error(answers: Sequence[Arrays], truths: Sequence[Any]) -> float:
    """Return the largest error of all answers."""
    return max(map(error, answers, truths))


def unit_errors(rows: Table) -> Array:
    """Return the error of each chain (n,)."""
    return rows["error"]


def faults(run: RunOutcome, figures: Figures) -> Sequence[str]:
    """Say which answers are wrong, and whether the time is less than the arithmetic can take."""
    return tuple(_faults(run, figures))


def _faults(run: RunOutcome, figures: Figures) -> Iterator[str]:
    wrong = [
        (found, run.queries[index].id)
        for process in run.processes
        for index, answer in process.answers.items()
        if (found := error(answer, run.queries[index].truth)) > TOLERANCE
    ]
    if wrong:
        worst, name = max(wrong)
        yield f"{len(wrong)} wrong answers: {name} is off by {worst:.2g}, at most {TOLERANCE:g} is allowed"
    ns, roofline = figures["ns_per_step"][0], figures["roofline_ns"][0]
    if ns is not None and roofline is not None and ns < roofline * LEAST_OF_ROOFLINE:
        yield f"{ns:.3g} ns a step: at this machine's peak the arithmetic alone takes {roofline:.3g} ns"

    waits = slopes.waiting(run)
    if waits is not None and waits > MOST_WAITING:
        yield (
            f"a call costs more than the reference's by at least {waits:.0%} of the longest chain's steps, "
            f"{MOST_WAITING:.0%} are allowed: a slope with short chains that wait says nothing"
        )


MOST_WAITING = 0.15
LEAST_OF_ROOFLINE = 0.4
"""Below this share of the roofline no honest time can be; the peak is measured, and may be measured low."""
