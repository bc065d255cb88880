"""Run all audits: plan everything, ask in one fresh process, let each audit judge."""

from __future__ import annotations

import time
from collections.abc import Sequence
from statistics import median
from typing import TYPE_CHECKING

from harness.audits.checks import all_audits
from harness.audits.plugin import AuditPlugin, Seen, Setting, Step
from harness.measurement.participant import Participant, ignore_answers
from harness.measurement.process_pair import ProcessPair
from harness.measurement.run_plan import RunPlan
from harness.measurement.schedule import Share
from harness.probes.usage import cpu_seconds
from harness.record import Audit
from harness.session.session import TimedReply

if TYPE_CHECKING:
    from harness.spec import Arrays

MOST, LEAST = 16, 4
ASKING_S = 2.0
PASSES = 6
"""How often the audits together ask what one of them asks once."""
QUICK_S, RANKED_S = 5.0, 120.0
"""Audits that would take longer are left out: another process has to build the model again."""


def audit(
    run_plan: RunPlan, share: Share, pair: ProcessPair, plugins: Sequence[AuditPlugin] | None = None
) -> tuple[Audit, ...]:
    """Run the audits in a twin of the process that was asked ``share`` and left ``pair`` behind.

    Raises SubmissionError where the submission fails here as it did not before.
    """
    if not pair.timings:
        return ()
    plugins = all_audits() if plugins is None else plugins
    quick = run_plan.setup.quick
    expected_s, setting = _setting(run_plan, share, pair)
    if expected_s > (QUICK_S if quick else RANKED_S):
        run = "a quick" if quick else "this"
        detail = f"left out of {run} run: another process would take about {expected_s:.0f} s"
        return tuple(Audit(name=plugin.name, passed=None, detail=detail) for plugin in plugins)
    plans = [plugin.plan(setting) for plugin in plugins]
    seen = iter(
        _ask(run_plan, setting, share.warm_up[: pair.build.warmed], [step for plan in plans for step in plan])
    )
    return tuple(
        _judged(plugin, setting, [next(seen) for _ in plan])
        for plugin, plan in zip(plugins, plans, strict=True)
    )


def _judged(plugin: AuditPlugin, setting: Setting, seen: Sequence[Seen]) -> Audit:
    reason = plugin.validate(setting, seen) if seen else "does not suit this task"
    if reason:
        return Audit(name=plugin.name, passed=None, detail=reason)
    passed, detail = plugin.verify(setting, seen)
    return Audit(name=plugin.name, passed=passed, detail=detail)


def _setting(run_plan: RunPlan, share: Share, pair: ProcessPair) -> tuple[float, Setting]:
    """Choose what is asked, and say how many seconds it will take.

    Of tasks in order it is the beginning of the measured sequence, so that a model that remembers has the
    same to remember, and then the beginning of a later stretch; else a mixture of everything.
    """
    query_s = median(timing.submission_ns / timing.count for timing in pair.timings) / 1e9
    count = max(LEAST, min(MOST, int(ASKING_S / (PASSES * query_s))))
    warmed = set(share.warm_up[: pair.build.warmed])
    timed = [index for index in share.timed if index in pair.answers]
    if run_plan.task.interaction.scripted:
        asked, fresh = list(share.timed[:count]), []
    elif run_plan.task.interaction.ordered:
        asked = timed[:count]
        stretches = [run_plan.queries[index].cluster for index in asked]
        fresh = [index for index in timed if run_plan.queries[index].cluster not in stretches][:count]
    else:
        step = max(1, len(timed) // (2 * count))
        asked, fresh = timed[:: 2 * step][:count], timed[step :: 2 * step]
        fresh = [index for index in fresh if index not in warmed][:count]
    building_s = sum(phase.seconds for name, phase in pair.phases.items() if name in _BUILDING)
    expected_s = building_s + PASSES * count * query_s
    return expected_s, Setting(
        run_plan.task, run_plan.queries, pair.answers, tuple(asked), tuple(fresh), run_plan.seed
    )


_BUILDING = {"start", "import", "prepare", "build", "first_query"}


def _ask(run_plan: RunPlan, setting: Setting, warm_up: Sequence[int], steps: Sequence[Step]) -> list[Seen]:
    """Follow the steps in one process, the measured one's twin down to its seed and its warm-up."""
    at_once = run_plan.scenario in {"multi_stream", "offline"}
    rng, seen = setting.rng(), []
    with run_plan.open_session() as session:

        def put(x: Arrays) -> TimedReply:
            return session.ask_all([x]) if at_once else session.ask(x)

        Participant(session, run_plan, ignore_answers).begin(Share(tuple(warm_up[:1]), ()))
        for index in warm_up[1:]:
            put(run_plan.queries[index].load())
        for step in steps:
            before = cpu_seconds(session.tree()) if step.rest_s else 0.0
            time.sleep(step.rest_s)
            rested = cpu_seconds(session.tree()) - before if step.rest_s else 0.0
            if step.query is None:
                seen.append(Seen(step, None, 0, rested))
                continue
            query, rules = run_plan.queries[step.query], run_plan.task.answer
            x = query.load()
            if query.teach:
                seen.append(Seen(step, None, session.update(x, query.teach()).ns, rested))
                continue
            if step.perturbed and rules.perturb:
                x = rules.perturb(x, rng)
            timed = put(x)
            answer = rules.check(session.answers(timed)[0], query)
            seen.append(Seen(step, answer, timed.ns, rested))
    return seen
