"""What a host may still change after the start: nothing that teams relied on."""

from __future__ import annotations

from competitions.rules.competition import Competition
from competitions.rules.declaration import day
from harness.spec.errors import UserError


def changes(before: Competition, after: Competition, *, started: bool) -> tuple[str, ...]:
    """List what changed, in words.

    Raises UserError where the competition has started and one of the changes is not allowed any more.
    """
    if started:
        refused = [*_fixed(before, after), *_narrowed(before, after)]
        if refused:
            raise UserError(
                f"{before.slug} has started, and this may not change any more: {'; '.join(refused)}"
            )
    return tuple(_described(before, after))


def _fixed(before: Competition, after: Competition) -> list[str]:
    """Name what is fixed from the start on."""
    pairs = {
        "the task, its data or the solution": (_questions(before), _questions(after)),
        "the feedback": (before.feedback, after.feedback),
        "the number of final selections": (before.limits.finals, after.limits.finals),
        "the start": (before.schedule.start, after.schedule.start),
        "medals": (before.awards.medals, after.awards.medals),
    }
    return [name for name, (old, new) in pairs.items() if old != new]


def _questions(competition: Competition) -> dict[str, object]:
    """Return what is asked; boards may be added, and machines may have to be replaced by others."""
    challenge = vars(competition.challenge)
    return {name: value for name, value in challenge.items() if name not in {"profiles", "hardware_class"}}


def _narrowed(before: Competition, after: Competition) -> list[str]:
    """Name what may be widened and was narrowed."""
    narrowed = {
        "an earlier end": after.schedule.end < before.schedule.end,
        "a board that is taken away or moved": after.profiles[: len(before.profiles)] != before.profiles,
        "a prize that is taken away or changed": not set(before.awards.prizes) <= set(after.awards.prizes),
        "a smaller team": after.limits.team_size < before.limits.team_size,
        "fewer submissions a day": after.limits.daily < before.limits.daily,
        "fewer submissions in all": _most(after) < _most(before),
        "late submissions taken away": before.schedule.late and not after.schedule.late,
    }
    return [name for name, is_narrowed in narrowed.items() if is_narrowed]


def _most(competition: Competition) -> float:
    return competition.limits.total or float("inf")


def _described(before: Competition, after: Competition) -> list[str]:
    """Say what changed, one line for each field."""
    lines = []
    for name in ("title", "feedback", "visibility", "challenge", "awards"):
        old, new = getattr(before, name), getattr(after, name)
        if old != new:
            lines.append(f"{name}: {old} -> {new}")
    for group in ("schedule", "limits"):
        old, new = vars(getattr(before, group)), vars(getattr(after, group))
        for name, value in new.items():
            if old[name] != value:
                shown = day if isinstance(value, float) else str
                lines.append(f"{group}.{name}: {shown(old[name])} -> {shown(value)}")
    return lines
