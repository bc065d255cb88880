"""One course through all audits: plan everything, ask in one fresh process, let each audit judge."""

from __future__ import annotations

import time
from collections.abc import Sequence
from statistics import median

from harness.audits.idle import idle
from harness.audits.order import order
from harness.audits.plugin import Plugin, Seen, Setting, Step
from harness.audits.repeats import repeats
from harness.audits.unhurried import unhurried
from harness.driver import Session
from harness.pairing import Bout, Replicate, Side, unheard
from harness.plan import Share
from harness.probes.usage import cpu_seconds
from harness.record import Audit

ALL: tuple[Plugin, ...] = (unhurried, order, repeats, idle)
MOST, LEAST = 16, 4
ASKING_S = 2.0
PASSES = 6
"""How often the audits together ask what one of them asks once."""
QUICK_S, RANKED_S = 5.0, 120.0
"""A run is not kept waiting longer than this; what takes longer trains in ``build``."""


def audit(
    bout: Bout, replicates: Sequence[Replicate], quick: bool, plugins: Sequence[Plugin] = ALL
) -> tuple[Audit, ...]:
    """Run the audits. Raises SubmissionError where the submission fails here as it did not before."""
    if not replicates or not replicates[0].timings:
        return ()
    expected_s, setting = _setting(bout, replicates[0])
    detail = ""
    if bout.task.training:
        detail = "left out: another process would have to train again, and no two trainings are equal"
    elif quick and expected_s > QUICK_S:
        detail = f"left out of a quick run: it would take about {expected_s:.0f} s"
    if detail:
        return tuple(Audit(name=plugin.name, passed=None, detail=detail) for plugin in plugins)
    plans = [plugin.plan(setting) for plugin in plugins]
    seen = iter(_ask(bout, setting, [step for plan in plans for step in plan]))
    return tuple(
        _judged(plugin, setting, [next(seen) for _ in plan])
        for plugin, plan in zip(plugins, plans, strict=True)
    )


def _judged(plugin: Plugin, setting: Setting, seen: Sequence[Seen]) -> Audit:
    reason = plugin.validate(setting, seen) if seen else "does not suit this task"
    if reason:
        return Audit(name=plugin.name, passed=None, detail=reason)
    passed, detail = plugin.verify(setting, seen)
    return Audit(name=plugin.name, passed=passed, detail=detail)


def _setting(bout: Bout, first: Replicate) -> tuple[float, Setting]:
    """Choose what is asked, and say how many seconds it will take."""
    query_s = median(timing.submission_ns / timing.count for timing in first.timings) / 1e9
    count = max(LEAST, min(MOST, int(ASKING_S / (PASSES * query_s))))
    answered = [index for index in range(len(bout.queries)) if index in first.answers]
    stretches: dict[str, list[int]] = {}
    for index in answered:
        stretches.setdefault(bout.queries[index].cluster, []).append(index)
    # Of tasks in order the beginning of a stretch, and of another one; else a mixture of all.
    mixed = [index for stretch in stretches.values() for index in stretch]
    if bout.task.ordered:
        longest = sorted(stretches.values(), key=len, reverse=True)
        asked, fresh = longest[0][:count], [i for stretch in longest[1:2] for i in stretch[:count]]
    else:
        step = max(1, len(mixed) // (2 * count))
        asked, fresh = mixed[:: 2 * step][:count], mixed[step :: 2 * step][:count]
    building_s = sum(phase.seconds for name, phase in first.phases.items() if name in _BUILDING)
    expected_s = building_s + PASSES * count * query_s
    return expected_s, Setting(bout.task, bout.queries, first.answers, tuple(asked), tuple(fresh), bout.seed)


_BUILDING = {"start", "import", "prepare", "build", "first_query"}


def _ask(bout: Bout, setting: Setting, steps: Sequence[Step]) -> list[Seen]:
    """Follow the steps in one process; it is the first measured one's twin, down to the seed."""
    at_once = bout.scenario in {"multi_stream", "offline"}
    chance, seen = setting.chance(), []
    with Session(bout.stand, bout.submission, bout.seed) as session:
        Side(session, bout, unheard).begin(Share(setting.asked[:1], ()))
        for step in steps:
            before = cpu_seconds(session.tree()) if step.rest_s else 0.0
            time.sleep(step.rest_s)
            rested = cpu_seconds(session.tree()) - before if step.rest_s else 0.0
            if step.query is None:
                seen.append(Seen(step, None, 0, rested))
                continue
            query = bout.queries[step.query]
            x = query.load()
            if step.perturbed and bout.task.perturb:
                x = bout.task.perturb(x, chance)
            timed = session.ask_all([x]) if at_once else session.ask(x)
            answer = bout.task.check(session.answers(timed)[0], query)
            seen.append(Seen(step, answer, timed.ns, rested))
    return seen
