"""Compare repeated with unique queries (MLPerf's TEST04): a cache of answers shows as speed.

Queries that were asked before are put again among fresh ones, or among slight perturbations of
themselves where the task says how to make them. A repeat may be a little faster, as memory is warm;
answered without work it is faster than everything fresh by a factor.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from harness.audits.plugin import AuditPlugin, Seen, Setting, Step

if TYPE_CHECKING:
    from harness.spec import Arrays

LEAST = 4
FACTOR = 2.0
LEAST_GAIN_NS = 50_000
"""Below this gap a repeat gains nothing that is worth a cache: caches of the processor explain it."""


def plan(setting: Setting) -> Sequence[Step]:
    """Ask each once so that it is known, then repeats among fresh ones, each pair in random order."""
    rng, task = setting.rng(), setting.task
    if task.interaction.scripted:
        return []  # what is asked again after a lesson is another question
    known = [Step(index) for index in setting.asked]
    if task.answer.perturb is None:
        known_shapes = {_shapes(setting.queries[index].load()) for index in setting.asked}
        # A shape not met before may cost a compilation.
        like = [index for index in setting.fresh if _shapes(setting.queries[index].load()) in known_shapes]
        fresh = [Step(index, alone=True) for index in like]
    else:
        fresh = [Step(index, perturbed=True, alone=True) for index in setting.asked]
    repeats = [Step(index, alone=True) for index in setting.asked[: len(fresh)]]
    if task.interaction.ordered:  # whole stretches, so that what a model remembers is in order
        return [*known, *fresh, *repeats]
    pairs = [rng.sample(pair, 2) for pair in zip(repeats, fresh, strict=False)]
    return [*known, *(step for pair in pairs for step in pair)]


def validate(setting: Setting, seen: Sequence[Seen]) -> str | None:
    """Quartiles need a few of each."""
    repeats, fresh = _split(setting, seen)
    few = min(len(repeats), len(fresh)) < LEAST
    return f"fewer than {LEAST} repeats among as many fresh queries of the same shape" if few else None


def verify(setting: Setting, seen: Sequence[Seen]) -> tuple[bool, str]:
    """Repeats must not be apart from fresh queries in time: by quartiles, for a few are slow by chance."""
    repeats, fresh = _split(setting, seen)
    slow_repeat = np.quantile([each.ns for each in repeats], 0.75)
    fast_fresh = np.quantile([each.ns for each in fresh], 0.25)
    cached = FACTOR * slow_repeat < fast_fresh and fast_fresh - slow_repeat > LEAST_GAIN_NS
    seen_times = (
        f"repeats took {slow_repeat / 1e6:.3g} ms or less, fresh queries {fast_fresh / 1e6:.3g} ms or more"
    )
    return not cached, f"answers are cached: {seen_times}" if cached else seen_times


def _split(setting: Setting, seen: Sequence[Seen]) -> tuple[list[Seen], list[Seen]]:
    """Repeats and fresh ones, without the pass that made the queries known."""
    later, known = [each for each in seen if each.step.alone], set(setting.asked)
    repeats = [each for each in later if each.step.query in known and not each.step.perturbed]
    return repeats, [each for each in later if each.step.query not in known or each.step.perturbed]


def _shapes(x: Arrays) -> tuple[tuple[str, tuple[int, ...]], ...]:
    named = x if isinstance(x, Mapping) else {"": x}
    return tuple((name, array.shape) for name, array in named.items())


AUDIT = AuditPlugin("repeats", plan, validate, verify)
