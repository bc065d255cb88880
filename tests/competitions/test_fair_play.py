"""Attempts to have more than others: invitations, merges, days, late selections, looks at what is hidden."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from competitions.queue.submitting import allowance_of
from competitions.rules.refusals import Forbidden, NotFound
from competitions.store import finals, invitations, submissions, teams
from competitions.store.people import Account
from competitions.store.submissions import of_account
from tests.competitions.conftest import Hosting, Play, right, table, truth

DAY = 86_400.0


def proposal(play: Play, leader: Account, other: str, to: Account) -> int:
    invitations.propose_merge(play.engine, play.slug, leader, other)
    (one,) = invitations.invitations(play.engine, play.slug, to)
    return one.id


def test_an_invitation_is_answered_once_and_by_its_account_alone(play: Play) -> None:
    ann, bob, cid = (play.account(name) for name in ("ann", "bob", "cid"))
    for who in (ann, cid):
        teams.create(play.engine, play.slug, who)
    invitations.invite(play.engine, play.slug, ann, "bob")
    invitations.invite(play.engine, play.slug, cid, "bob")
    first, second = (one.id for one in invitations.invitations(play.engine, play.slug, bob))
    invitations.answer(play.engine, play.slug, bob, first, accept=True)
    for who in (bob, cid):
        for accept in (True, False):
            with pytest.raises(NotFound):
                invitations.answer(play.engine, play.slug, who, first, accept=accept)
    with pytest.raises(Forbidden, match="in a team"):
        invitations.answer(play.engine, play.slug, bob, second, accept=True)
    with pytest.raises(NotFound):
        invitations.answer(play.engine, "another", bob, second, accept=True)
    team = teams.of_account(play.engine, play.slug, bob)
    assert team is not None
    assert team.members == ("ann", "bob")


def test_a_merge_gives_no_more_submissions_than_one_team_has(hosting: Hosting) -> None:
    today = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    play = hosting(start=today.isoformat())
    ann, bob = play.account("ann"), play.account("bob")
    for seed in range(3):
        play.submit(ann, right(0.6, seed))
        play.submit(bob, right(0.6, seed))
    with pytest.raises(Forbidden, match="together the teams made 6 submissions, one team could have made 5"):
        invitations.propose_merge(play.engine, play.slug, ann, "bob")
    cid = play.account("cid")
    play.submit(cid, right(0.6))
    number = proposal(play, ann, "cid", cid)
    for seed in range(2):
        play.submit(ann, right(0.5, seed))
    with pytest.raises(Forbidden, match="one team could have made 5"):
        invitations.answer(play.engine, play.slug, cid, number, accept=True)


def test_a_merged_team_has_one_daily_limit(play: Play) -> None:
    ann, bob = play.account("ann"), play.account("bob")
    for seed in range(3):
        play.submit(ann, right(0.6, seed))
        play.submit(bob, right(0.6, seed))
    number = proposal(play, ann, "bob", bob)  # the competition began yesterday: one team could have made 10
    invitations.answer(play.engine, play.slug, bob, number, accept=True)
    for who in (ann, bob):
        assert allowance_of(play.engine, play.hosted, who).left == 0
        with pytest.raises(Forbidden, match="daily submission allowance"):
            play.submit(who, right(0.7))


def test_the_day_of_a_limit_is_that_of_utc(play: Play, monkeypatch: pytest.MonkeyPatch) -> None:
    ann = play.account("ann")
    made = play.submit(ann, right(0.6)).times.created
    midnight = (made // DAY + 1) * DAY
    for now, today in ((midnight - 0.001, 1), (midnight, 0), (midnight + DAY, 0)):
        monkeypatch.setattr(submissions, "clock", lambda _, now=now: now)
        allowance = allowance_of(play.engine, play.hosted, ann)
        assert (allowance.today, allowance.left, allowance.total) == (today, 5 - today, 1)


def test_no_selection_after_the_end_or_of_what_was_not_scored(play: Play) -> None:
    ann = play.account("ann")
    first, second = play.submit(ann, right(0.9)), play.submit(ann, right(0.8))
    with pytest.raises(Forbidden, match="was scored"):
        finals.select_final(play.engine, ann, first.id, selected=True)
    play.judge_all()
    finals.select_final(play.engine, ann, second.id, selected=True)
    play.end_it()
    for one, selected in ((first, True), (second, False)):
        with pytest.raises(Forbidden, match="until the end"):
            finals.select_final(play.engine, ann, one.id, selected=selected)
    assert [one.final for one in of_account(play.engine, play.hosted, ann)] == [True, False]


@pytest.mark.parametrize("better_first", [True, False])
def test_neither_order_nor_scores_tell_of_private_rows(play: Play, better_first: bool) -> None:
    public = (play.hosted, truth())[1].copy()
    usage = [line.rpartition(",")[2] for line in (play.home / "competitions" / "coins" / "private"
             / "solution.csv").read_text().split()[1:]]  # fmt: skip
    wrong = public.copy()
    for row, split in enumerate(usage):
        if split == "Private":
            wrong[row] = 1 - wrong[row]
    texts = [table(public), table(wrong)]
    for name, text in zip(("ann", "bob"), texts if better_first else texts[::-1], strict=True):
        play.submit(play.account(name), text)
    play.judge_all()
    rows = play.board()
    assert [(row.name, row.score, row.rank) for row in rows] == [("ann", 1.0, 1), ("bob", 1.0, 1)]
    assert {one.private for who in ("ann", "bob")
            for one in of_account(play.engine, play.hosted, play.account_named(who))} == {None}  # fmt: skip
