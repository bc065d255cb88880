"""Run all audits: plan everything, ask in one fresh process, let each audit judge."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median

from harness.audits.asking import Asking, Rhythm
from harness.audits.checks import all_audits
from harness.audits.plugin import AuditPlugin, Seen, Setting
from harness.measurement.process_pair import ProcessPair
from harness.measurement.run_plan import RunPlan
from harness.measurement.schedule import Share
from harness.record import Audit

MOST, LEAST = 16, 4
ASKING_S = 2.0
PASSES = 6
"""How often the audits together ask what one of them asks once."""
MOST_STRETCH = 4
"""How many units in order are asked for each public one that is wanted, at most."""
QUICK_S, RANKED_S = 5.0, 120.0
"""Audits that would take longer are left out: another process has to build the model again."""


def audit(
    run_plan: RunPlan, share: Share, pair: ProcessPair, plugins: Sequence[AuditPlugin] | None = None
) -> tuple[Audit, ...]:
    """Run the audits in a twin of the process that was asked ``share`` and left ``pair`` behind.

    Trainings beside a pace have none: their answers' time ranks nothing, and a twin would train once more.
    Raises SubmissionError where the submission fails here as it did not before.
    """
    if not pair.timings:
        return ()
    plugins = all_audits() if plugins is None else plugins
    if run_plan.pace:
        return _left_out(plugins, "the time of training is ranked here, not that of answers")
    quick = run_plan.setup.quick
    rhythm = Rhythm.of(pair)
    expected_s, setting = _setting(run_plan, share, pair, rhythm)
    if not setting.asked:
        return _left_out(plugins, "the process was asked no public unit")
    if expected_s > (QUICK_S if quick else RANKED_S):
        run = "a quick" if quick else "this"
        return _left_out(
            plugins, f"left out of {run} run: another process would take about {expected_s:.0f} s"
        )
    plans = [plugin.plan(setting) for plugin in plugins]
    asking = Asking(run_plan, setting, rhythm)
    warm_up = share.warm_up[: pair.build.warmed + 1]
    seen = iter(asking.ask(warm_up, [step for plan in plans for step in plan]))
    return tuple(
        _judged(plugin, setting, setting.public([next(seen) for _ in plan]))
        for plugin, plan in zip(plugins, plans, strict=True)
    )


def _left_out(plugins: Sequence[AuditPlugin], reason: str) -> tuple[Audit, ...]:
    return tuple(Audit(name=plugin.name, passed=None, detail=reason) for plugin in plugins)


def _judged(plugin: AuditPlugin, setting: Setting, seen: Sequence[Seen]) -> Audit:
    if not seen:
        return Audit(name=plugin.name, passed=None, detail="does not suit this task")
    reason = plugin.validate(setting, seen)
    if reason:
        return Audit(name=plugin.name, passed=None, detail=reason)
    passed, detail = plugin.verify(setting, seen)
    return Audit(name=plugin.name, passed=passed, detail=detail)


def _setting(run_plan: RunPlan, share: Share, pair: ProcessPair, rhythm: Rhythm) -> tuple[float, Setting]:
    """Choose what is asked, and say how many seconds it will take.

    Public units alone decide a verdict that contestants see. Of tasks in order it is the beginning of the
    measured sequence, so that a model that remembers has the same to remember, and then the beginning of a
    later stretch; else a mixture of everything public.
    """
    answering_s = median(timing.submission_ns / timing.count for timing in pair.timings) / 1e9
    query_s = answering_s + rhythm.pause_s / rhythm.block
    count = max(LEAST, min(MOST, int(ASKING_S / (PASSES * query_s))))
    warmed = set(share.warm_up[: pair.build.warmed + 1])
    answered = [index for index in share.timed if index in pair.answers]
    timed = [index for index in answered if run_plan.queries[index].split == "public"]
    if run_plan.task.interaction.scripted:
        asked, fresh = list(share.timed[:count]), []
    elif run_plan.task.interaction.ordered:
        asked = _beginning(run_plan, answered, count)
        stretches = {run_plan.queries[index].cluster for index in asked}
        fresh = [index for index in timed if run_plan.queries[index].cluster not in stretches][:count]
    else:
        step = max(1, len(timed) // (2 * count))
        asked, fresh = timed[:: 2 * step][:count], timed[step :: 2 * step]
        fresh = [index for index in fresh if index not in warmed][:count]
    building_s = sum(phase.seconds for name, phase in pair.phases.items() if name in _BUILDING)
    expected_s = building_s + PASSES * max(count, len(asked)) * query_s
    return expected_s, Setting(
        run_plan.task, run_plan.queries, pair.answers, tuple(asked), tuple(fresh), run_plan.seed
    )


_BUILDING = {"start", "import", "prepare", "build", "first_query"}


def _beginning(run_plan: RunPlan, timed: Sequence[int], count: int) -> list[int]:
    """Return the beginning of the measured sequence, soon ending once it holds ``count`` public units."""
    public = 0
    for end, index in enumerate(timed, 1):
        public += run_plan.queries[index].split == "public"
        if public == count or end == MOST_STRETCH * count:
            return list(timed[:end])
    return list(timed)
