"""From an upload to a score: limits, rehearsal, failures, states."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import sqlalchemy as sa

from competitions.evaluation.reports import read_report
from competitions.queue.submitting import Intake, allowance_of, cancel, resubmit, submit
from competitions.queue.uploads import LASTS_S, announce, discard_expired, find_upload
from competitions.rules.refusals import Forbidden, NotFound, TooLarge
from competitions.store.database import writing
from competitions.store.hosted import accept_rules
from competitions.store.people import hashed
from competitions.store.submissions import find, of_account
from competitions.store.tables import JOBS, SUBMISSIONS, UPLOADS
from tests.competitions.conftest import Hosting, Play, right, table, truth


def test_a_submission_is_scored_on_public_rows_alone(play: Play) -> None:
    ann = play.account("ann")
    made = play.submit(ann, right(0.8))
    assert made.progress.state == "queued"
    play.judge_all()
    scored = play.read(made)
    assert scored.progress.state == "scored"
    assert scored.private is None
    solution = pd.read_csv(play.home / "competitions" / "coins" / "private" / "solution.csv")
    guess = pd.read_csv(io.StringIO(right(0.8)))["side"]
    public = solution["Usage"] == "Public"
    assert scored.public == pytest.approx((guess == solution["side"])[public].mean())
    assert [(row.rank, row.name) for row in play.board()] == [(1, "ann")]


def test_parquet_in_any_order_scores_as_csv_does(play: Play) -> None:
    ann = play.account("ann")
    frame = pd.read_csv(io.StringIO(right(0.8))).sample(frac=1, random_state=0)
    stream = io.BytesIO()
    frame.to_parquet(stream)
    made = [play.submit(ann, right(0.8)), play.submit(ann, stream.getvalue(), "submission.parquet")]
    play.judge_all()
    csv, parquet = (play.read(one) for one in made)
    assert csv.public == parquet.public is not None


@pytest.mark.parametrize(
    ("text", "name", "said"),
    [
        (table(truth()).replace("id,side", "id,face"), "a.csv", "missing ['side'], unexpected ['face']"),
        (table(truth()[:-2]), "a.csv", "2 of 200 rows of the sample submission are missing"),
        (table(truth()) + "900,1\n", "a.csv", "more than the 200 rows"),
        (table(truth()).replace("\n7,", "\n8,"), "a.csv", "id '8' is there more than once"),
        (table(truth()).replace("\n7,", "\n700,"), "a.csv", "the first is id '7'"),
        (table(truth().astype(float)).replace("\n3,", "\n3,nan#").replace("#0.0", "").replace("#1.0", ""),
         "a.csv", "column 'side' is missing in 1 rows, first at id '3'"),
        (table(np.where(np.arange(200) == 3, np.inf, 1.0)), "a.csv", "is not finite in 1 rows"),
        ("", "a.csv", ""),
        ("\x00\xff" * 50, "a.csv", ""),
        ("PAR1" + "x" * 90, "a.parquet", "cannot be read as Parquet"),
        (right(1.0), "a.xlsx", "no table of predictions"),
    ],
)  # fmt: skip
def test_a_wrong_file_is_explained_and_costs_no_attempt(play: Play, text: str, name: str, said: str) -> None:
    ann = play.account("ann")
    if not text:
        with pytest.raises(TooLarge, match="1 to"):
            announce(play.engine, play.hosted, ann, name, 0)
        return
    made = play.submit(ann, text, name)
    play.judge_all()
    failed = play.read(made)
    assert (failed.progress.state, failed.progress.fault) == ("failed", "rehearsal")
    assert said in failed.progress.message
    report = read_report(play.engine, play.home, ann, made.id)
    assert report is not None
    assert not report.passed
    assert report.message == failed.progress.message
    assert allowance_of(play.engine, play.hosted, ann).today == 0


METRIC = """
class ParticipantVisibleError(Exception):
    pass

def score(solution, submission, row_id_column_name):
    assert "Usage" not in solution
    guess = submission["side"]
    if (guess == 5).any():
        raise ParticipantVisibleError("a coin has two sides")
    if (guess == 6).any():
        raise KeyError(str(solution["side"].tolist()))
    return float((solution["side"] == guess).mean())
"""


def test_a_metric_tells_participants_what_it_wants_to_and_nothing_else(
    hosting: Hosting, tmp_path: Path
) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "metric.py").write_text(METRIC)
    play = hosting(metric="metric.py")
    ann = play.account("ann")
    told, hidden = play.submit(ann, table(np.full(200, 5))), play.submit(ann, table(np.full(200, 6)))
    play.judge_all()
    told, hidden = play.read(told), play.read(hidden)
    assert (told.progress.fault, told.progress.message) == ("theirs", "a coin has two sides")
    assert hidden.progress.fault == "ours"
    assert "[" not in hidden.progress.message
    assert "KeyError" in (play.home / "competitions" / "worker.log").read_text()
    assert allowance_of(play.engine, play.hosted, ann).today == 1


def test_the_daily_limit_counts_what_is_not_our_fault(play: Play) -> None:
    ann = play.account("ann")
    made = [play.submit(ann, right(0.6, seed)) for seed in range(5)]
    with pytest.raises(Forbidden, match=r"daily submission allowance \(5 of 5\) today"):
        play.submit(ann, right(0.9))
    cancel(play.engine, ann, made[0].id)
    sixth = play.submit(ann, right(0.9))
    with writing(play.engine) as connection:
        late = sa.update(SUBMISSIONS).where(SUBMISSIONS.c.id == sixth.id)
        connection.execute(late.values(created=SUBMISSIONS.c.created - 86_400))
    assert allowance_of(play.engine, play.hosted, ann).left == 1


def test_a_total_limit_holds_beside_the_daily_one(hosting: Hosting) -> None:
    play = hosting(limits="total = 2\n")
    ann = play.account("ann")
    for seed in range(2):
        play.submit(ann, right(0.6, seed))
    with pytest.raises(Forbidden, match="all of its 2 submissions"):
        play.submit(ann, right(0.9))


def test_the_same_upload_is_one_submission(play: Play) -> None:
    ann = play.account("ann")
    token = play.upload(ann, right(0.7))
    intake = Intake(play.engine, play.home)
    first = submit(intake, play.slug, "predictions", ann, token)
    assert submit(intake, play.slug, "predictions", ann, token).id == first.id
    with play.engine.connect() as connection:
        assert connection.scalar(sa.select(sa.func.count()).select_from(JOBS)) == 1


def test_who_did_not_accept_the_rules_cannot_submit(play: Play) -> None:
    bob = play.account("bob", accepts=False)
    with pytest.raises(Forbidden, match="must accept the rules"):
        play.submit(bob, right(0.7))


def test_nobody_submits_before_the_start_or_after_the_end(hosting: Hosting) -> None:
    play = hosting()
    ann = play.account("ann")
    play.submit(ann, right(0.7))
    play.end_it()
    with pytest.raises(Forbidden, match="deadline"):
        play.submit(ann, right(0.7))


def test_another_teams_submission_cannot_be_seen_cancelled_or_sent_again(play: Play) -> None:
    ann, bob = play.account("ann"), play.account("bob")
    made = play.submit(ann, right(0.7))
    token = play.upload(ann, right(0.8))
    play.judge_all()
    intake = Intake(play.engine, play.home)
    for attempt in (
        lambda: find(play.engine, bob, made.id),
        lambda: cancel(play.engine, bob, made.id),
        lambda: resubmit(intake, bob, made.id),
        lambda: read_report(play.engine, play.home, bob, made.id),
        lambda: submit(intake, play.slug, "predictions", bob, token),
    ):
        with pytest.raises(NotFound):
            attempt()
    assert of_account(play.engine, play.hosted, bob) == []


def test_a_file_can_be_sent_again(play: Play) -> None:
    ann = play.account("ann")
    made = play.submit(ann, right(0.7))
    again = resubmit(Intake(play.engine, play.home), ann, made.id)
    play.judge_all()
    assert again.id != made.id
    assert play.read(again).public == play.read(made).public
    with pytest.raises(Forbidden, match="waits in the queue"):
        cancel(play.engine, ann, again.id)


@pytest.mark.parametrize("name", ["../../x.csv", "a b.csv", ".hidden", "a\n.csv", "x" * 101, "ä.csv", ""])
def test_a_file_name_cannot_lead_anywhere(play: Play, name: str) -> None:
    ann = play.account("ann")
    if "/" in name:
        token = play.upload(ann, right(0.7), name)
        made = submit(Intake(play.engine, play.home), play.slug, "predictions", ann, token)
        assert made.handed.name == "x.csv"
        assert made.handed.path.startswith("competitions/coins/uploads/")
        return
    with pytest.raises(Exception, match="name of the file"):
        announce(play.engine, play.hosted, ann, name, 10)


def test_uploads_that_were_forgotten_are_removed_and_others_stay(play: Play) -> None:
    ann = play.account("ann")
    made = play.submit(ann, right(0.7))
    old, new = play.upload(ann, right(0.8)), play.upload(ann, right(0.9))
    old_path, new_path = (find_upload(play.engine, play.home, token).path for token in (old, new))
    with writing(play.engine) as connection:
        stale = sa.update(UPLOADS).where(
            sa.or_(UPLOADS.c.hash == hashed(old), UPLOADS.c.submission == made.id)
        )
        connection.execute(stale.values(created=UPLOADS.c.created - 2 * LASTS_S))
    with pytest.raises(NotFound, match="expired"):
        find_upload(play.engine, play.home, old)
    assert discard_expired(play.engine, play.home) == 1
    assert (old_path.exists(), new_path.exists()) == (False, True)
    assert (play.home / made.handed.path).exists()


def test_hosts_do_not_take_part(play: Play) -> None:
    accept_rules(play.engine, play.slug, play.host)
    with pytest.raises(Forbidden, match="hosts do not take part"):
        play.submit(play.host, right(0.9))
