"""Names, invitations, merges, tokens and sessions."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from competitions.rules.refusals import Forbidden, NotFound, NotSignedIn, Refused
from competitions.store import invitations, people, teams
from competitions.store.database import reading, writing
from competitions.store.submissions import of_account
from competitions.store.tables import TOKENS
from tests.competitions.conftest import Hosting, Play, right


@pytest.mark.parametrize("twin", ["ANN", "аnn", "ａｎｎ", "an\u200bn", " ann ", "a n n"])
def test_a_name_that_looks_like_another_is_taken(play: Play, twin: str) -> None:
    play.account("ann")
    with pytest.raises(Refused, match="taken"):
        people.sign_up(play.engine, twin)


@pytest.mark.parametrize("name", ["", "   ", "\u200b", "---", "x" * 41, "a:b"])
def test_a_name_that_cannot_be_shown_is_refused(play: Play, name: str) -> None:
    with pytest.raises(Refused):
        people.sign_up(play.engine, name)


def test_tokens_are_stored_as_hashes_and_the_old_one_ends(play: Play) -> None:
    ann, token = people.sign_up(play.engine, "ann")
    with reading(play.engine) as connection:
        stored = connection.execute(sa.select(TOKENS)).all()
    assert token not in str(stored)
    assert people.by_token(play.engine, token, "ANN").id == ann.id
    with pytest.raises(NotSignedIn):
        people.by_token(play.engine, token, "bob")
    new = people.new_token(play.engine, ann)
    assert people.by_token(play.engine, new).id == ann.id
    with pytest.raises(NotSignedIn):
        people.by_token(play.engine, token)


def test_a_session_ends_when_it_is_closed_or_old(play: Play) -> None:
    _, token = people.sign_up(play.engine, "ann")
    account, secret = people.open_session(play.engine, token)
    assert people.by_session(play.engine, secret).csrf == account.csrf != ""
    with pytest.raises(NotSignedIn):
        people.by_token(play.engine, secret)
    people.close_session(play.engine, secret)
    with pytest.raises(NotSignedIn):
        people.by_session(play.engine, secret)
    _, second = people.open_session(play.engine, token)
    with writing(play.engine) as connection:
        connection.execute(sa.update(TOKENS).where(TOKENS.c.kind == "session").values(expires=1.0))
    with pytest.raises(NotSignedIn):
        people.by_session(play.engine, second)


def test_an_invited_account_joins_and_sees_what_its_team_did(play: Play) -> None:
    ann, bob = play.account("ann"), play.account("bob")
    teams.create(play.engine, play.slug, ann, "The Sharks")
    play.submit(ann, right(0.7))
    invitations.invite(play.engine, play.slug, ann, "Bob")
    (invitation,) = invitations.invitations(play.engine, play.slug, bob)
    cid = play.account("cid")
    with pytest.raises(NotFound):
        invitations.answer(play.engine, play.slug, cid, invitation.id, accept=True)
    invitations.answer(play.engine, play.slug, bob, invitation.id, accept=True)
    team = teams.of_account(play.engine, play.slug, bob)
    assert team is not None
    assert (team.name, team.members) == ("The Sharks", ("ann", "bob"))
    assert len(of_account(play.engine, play.hosted, bob)) == 1
    with pytest.raises(Forbidden, match="only the leader"):
        invitations.invite(play.engine, play.slug, bob, "cid")
    with pytest.raises(Forbidden, match="in a team"):
        teams.create(play.engine, play.slug, bob)


def test_a_team_grows_to_its_limit_and_no_further(hosting: Hosting) -> None:
    play = hosting(limits="team_size = 2\n")
    ann, bob, cid = (play.account(name) for name in ("ann", "bob", "cid"))
    teams.create(play.engine, play.slug, ann)
    for name in ("bob", "cid"):
        invitations.invite(play.engine, play.slug, ann, name)
    for who, fits in ((bob, True), (cid, False)):
        (invitation,) = invitations.invitations(play.engine, play.slug, who)
        if fits:
            invitations.answer(play.engine, play.slug, who, invitation.id, accept=True)
            continue
        with pytest.raises(Forbidden, match="at most 2 members"):
            invitations.answer(play.engine, play.slug, who, invitation.id, accept=True)


def test_merged_teams_share_their_submissions_and_one_row(play: Play) -> None:
    ann, bob = play.account("ann"), play.account("bob")
    for who, share in ((ann, 0.6), (bob, 0.9)):
        play.submit(who, right(share))
    play.judge_all()
    waiting = play.submit(bob, right(0.8, 5))
    invitations.propose_merge(play.engine, play.slug, ann, "bob")
    (proposal,) = invitations.invitations(play.engine, play.slug, bob)
    assert proposal.kind == "merge"
    invitations.answer(play.engine, play.slug, bob, proposal.id, accept=True)
    play.judge_all()
    assert play.read(waiting).progress.state == "scored"
    (row,) = play.board()
    assert (row.name, row.entries) == ("ann", 3)
    assert len(of_account(play.engine, play.hosted, bob)) == 3
    with pytest.raises(NotFound):
        invitations.propose_merge(play.engine, play.slug, ann, "bob")


def test_teams_cannot_merge_after_the_date(hosting: Hosting) -> None:
    play = hosting(start="2026-01-01T00:00:00Z\nmerge_until = 2026-01-02T00:00:00Z")
    ann, bob = play.account("ann"), play.account("bob")
    for who in (ann, bob):
        teams.create(play.engine, play.slug, who)
    with pytest.raises(Forbidden, match="may merge has passed"):
        invitations.propose_merge(play.engine, play.slug, ann, "bob")


def test_a_team_is_renamed_by_its_leader_alone(play: Play) -> None:
    ann, bob = play.account("ann"), play.account("bob")
    teams.create(play.engine, play.slug, ann)
    teams.create(play.engine, play.slug, bob)
    with pytest.raises(Refused, match="taken"):
        teams.rename(play.engine, play.slug, ann, "B0b".replace("0", "о"))
    teams.rename(play.engine, play.slug, ann, "Ann")
    teams.rename(play.engine, play.slug, ann, "Sharks")
    team = teams.of_account(play.engine, play.slug, ann)
    assert team is not None
    assert team.name == "Sharks"
