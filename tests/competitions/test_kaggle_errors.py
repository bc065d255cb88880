"""What the official client shows where something is refused or breaks off, in its old version and its new."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from competitions.queue.uploads import MOST_OPEN
from competitions.store.hosted import Files
from tests.competitions.conftest import Hosting, Play, right
from tests.competitions.relay import relay
from tests.competitions.serving import KAGGLE, OLD_KAGGLE, Kaggle, person

pytestmark = pytest.mark.slow
_NO_OLD = pytest.mark.skipif(not OLD_KAGGLE.exists(), reason="needs an older client: make kaggle-1.6")
Enter = Callable[..., Kaggle]


@pytest.fixture(params=[pytest.param(KAGGLE, id="2"), pytest.param(OLD_KAGGLE, id="1.6", marks=_NO_OLD)])
def program(request: pytest.FixtureRequest) -> Path:
    path: Path = request.param
    return path


@pytest.fixture
def play(hosting: Hosting) -> Play:
    return hosting(rows=20_000)


@pytest.fixture
def enter(play: Play, port: int, tmp_path: Path, program: Path) -> Enter:
    """Make an account, and a client of its own that talks to a port."""

    def make(name: str, token: str = "", at: int = 0, *, accepts: bool = True) -> Kaggle:
        if not token:
            play.account(name, accepts=accepts)
        return person(at or port, tmp_path / name, name, token or play.tokens[name], program)

    return make


def submitted(who: Kaggle, name: str, text: str) -> str:
    (who.folder / name).write_text(text)
    return who("submit", "coins", "-f", name, "-m", "x")


def test_what_is_refused_is_told_in_our_words(play: Play, enter: Enter) -> None:
    ann, late = enter("ann"), enter("late", accepts=False)
    stranger = enter("stranger", "0" * 64)
    assert "this token is not valid" in stranger("files", "coins")
    assert "this token is not valid" in submitted(stranger, "a.csv", right(0.5))
    for told in (late("files", "coins"), late("download", "coins"), submitted(late, "a.csv", right(0.5))):
        assert "You must accept this competition's rules" in told
    for told in (ann("files", "coinz"), ann("leaderboard", "coinz", "--show"), ann("download", "coinz")):
        assert "there is no competition 'coinz'" in told
    assert "there is no competition 'coinz'" in ann("submit", "coinz", "-f", ".kaggle/kaggle.json", "-m", "x")
    assert "coins has no file 'test.csv'" in ann("download", "coins", "-f", "test.csv")
    with (ann.folder / "big.csv").open("wb") as file:
        file.truncate(100_000_001)
    told = ann("submit", "coins", "-f", "big.csv", "-m", "x")
    assert "a submission to coins has 1 to 100,000,000 bytes" in told
    assert "the name of the file must be letters" in submitted(ann, "a b.csv", right(0.5))


def test_limits_dates_and_wrong_files_are_told_in_our_words(play: Play, enter: Enter) -> None:
    ann = enter("ann")
    assert "Successfully" in submitted(ann, "wrong.csv", "a,b\n1,2\n")
    play.judge_all()
    assert "error" in ann("submissions", "coins").casefold()
    who = play.account("busy")
    for seed in range(5):
        play.submit(who, right(0.5, seed))
    busy = enter("busy", play.tokens["busy"])
    assert "daily submission allowance (5 of 5)" in submitted(busy, "a.csv", right(0.5))
    for _ in range(MOST_OPEN):
        play.upload(play.account_named("ann"), "x")
    assert f"{MOST_OPEN} uploads wait to be handed in" in submitted(ann, "a.csv", right(0.5))
    play.end_it()
    assert "The deadline of coins has passed" in submitted(enter("cem"), "a.csv", right(0.5))


def test_an_upload_that_breaks_off_is_sent_by_the_client_itself(play: Play, port: int, enter: Enter) -> None:
    text = right(0.9, rows=20_000)
    with relay(port, b"PUT ", 60_000, sent=True) as between:
        ann = enter("ann", at=between.listening.getsockname()[1])
        told = submitted(ann, "mine.csv", text)
        assert between.cut == 1
    assert "Successfully submitted to Guess the coins" in told
    (path,) = Files.of(play.home, "coins").uploads.rglob("mine.csv")
    assert path.read_text() == text


def test_a_download_that_breaks_off_is_resumed_by_the_client_itself(
    play: Play, port: int, enter: Enter
) -> None:
    whole = Files.of(play.home, "coins").public / "sample_submission.csv"
    with relay(port, b"GET ", 60_000, sent=False) as between:
        ann = enter("ann", at=between.listening.getsockname()[1])
        told = ann("download", "coins", "-f", "sample_submission.csv")
        if ann.program == OLD_KAGGLE:  # it stops there; the same command goes on from where it stopped
            told += ann("download", "coins", "-f", "sample_submission.csv")
        assert between.cut == 1
    assert "resuming from" in told.casefold()
    assert (ann.folder / "sample_submission.csv").read_bytes() == whole.read_bytes()
