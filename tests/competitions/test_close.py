"""The close: final selections, private scores, prizes, medals, the signed trail, and another machine."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from competitions.hosting.closing import close
from competitions.hosting.managing import disqualify
from competitions.hosting.private_scores import Rescoring
from competitions.hosting.trail import read_trail, signed_trail, trail_key
from competitions.hosting.verifying import verify
from competitions.rules.refusals import Forbidden
from competitions.standings.final import medal
from competitions.standings.shown import board_now
from competitions.store import database, hosted
from competitions.store.finals import select_final
from competitions.store.submissions import get, of_account
from harness.fanning import fanned
from harness.spec.errors import BadData
from machines.archives import packed, unpack
from tests.competitions.conftest import Play, right


def private_share(play: Play, text: str) -> float:
    import io

    solution = pd.read_csv(play.home / "competitions" / "coins" / "private" / "solution.csv")
    guess = pd.read_csv(io.StringIO(text))["side"]
    return float((guess == solution["side"])[solution["Usage"] == "Private"].mean())


def played(play: Play) -> dict[str, list[int]]:
    """Three teams with three submissions each."""
    made: dict[str, list[int]] = {}
    for number, name in enumerate(("ann", "bob", "cid")):
        who = play.account(name)
        made[name] = [
            play.submit(who, right(0.5 + 0.1 * number + 0.1 * n, 10 * number + n)).id for n in range(3)
        ]
    play.judge_all()
    return made


def test_private_scores_are_computed_at_the_close_and_final_selections_count(play: Play) -> None:
    made = played(play)
    ann = play.account_named("ann")
    select_final(play.engine, ann, made["ann"][0], selected=True)
    with pytest.raises(Forbidden, match="has not ended"):
        close(play.engine, play.home, play.slug, play.host)
    assert all(one.private is None for one in of_account(play.engine, play.hosted, ann))
    play.end_it()
    with pytest.raises(Forbidden, match="only a host"):
        close(play.engine, play.home, play.slug, ann)
    public = {row.name: row for row in play.board()}
    (board,) = close(play.engine, play.home, play.slug, play.host)
    with pytest.raises(Forbidden, match="is closed"):
        close(play.engine, play.home, play.slug, play.host)
    rows = {row.name: row for row in board.rows}
    scores = {
        name: [private_share(play, right(0.5 + 0.1 * k + 0.1 * n, 10 * k + n)) for n in range(3)]
        for k, name in enumerate(("ann", "bob", "cid"))
    }
    # Ann selected her first one and is filled up with her best public one; the others have their best two.
    best_public = made["ann"].index(public["ann"].submission)
    assert rows["ann"].private == pytest.approx(max(scores["ann"][0], scores["ann"][best_public]))
    order = sorted(rows.values(), key=lambda row: -row.private)
    assert [row.name for row in board.rows] == [row.name for row in order]
    assert board.rows[0].prizes == ("First prize",)
    moves = [abs((row.rank or 0) - (row.public_rank or 0)) for row in board.rows]
    assert board.shake_up == pytest.approx(sum(moves) / 9)
    private = {one.id: one.private for one in of_account(play.engine, play.hosted, ann)}
    assert [private[number] for number in made["ann"]] == pytest.approx(scores["ann"])
    shown = board_now(play.engine, play.hosted, "predictions")
    assert [row.score for row in shown.rows] == [row.private for row in board.rows]


def test_scores_are_the_same_where_the_files_lie_elsewhere(play: Play, tmp_path: Path) -> None:
    numbers = [number for made in played(play).values() for number in made]
    used: set[str] = set()

    def away(function: Callable[[Any], bytes], items: Sequence[Any]) -> Iterator[bytes]:
        for item in items:
            folders = {name: tmp_path / name for name in item.shared()}
            for name, paths in item.shared().items():
                used.add(name)
                unpack(packed(paths), folders[name])
            yield function(item.packed().at(tmp_path, folders))

    with database.reading(play.engine) as connection:
        wanted = [(get(connection, number), "private") for number in numbers]
    here, there = (
        [score.value for score in Rescoring(play.home, play.hosted, {}, fan).scores(wanted) if score]
        for fan in (fanned, away)
    )
    assert here == there
    assert len(here) == 9
    assert len(used) == 1, "the solution travels once"


def test_no_more_finals_than_the_rules_allow_and_none_after_the_end(play: Play) -> None:
    made = played(play)["ann"]
    ann = play.account_named("ann")
    for number in made[:2]:
        select_final(play.engine, ann, number, selected=True)
    with pytest.raises(Forbidden, match="at most 2"):
        select_final(play.engine, ann, made[2], selected=True)
    select_final(play.engine, ann, made[0], selected=False)
    select_final(play.engine, ann, made[2], selected=True)
    play.end_it()
    with pytest.raises(Forbidden, match="until the end"):
        select_final(play.engine, ann, made[0], selected=True)


def test_a_disqualified_team_is_on_no_board(play: Play) -> None:
    played(play)
    team = next(row.team for row in play.board() if row.name == "cid")
    disqualify(play.engine, play.slug, play.host, team, "two accounts\nof one person")
    assert {row.name for row in play.board()} == {"ann", "bob"}
    with pytest.raises(Forbidden, match="disqualified: two accounts of one person"):
        play.submit(play.account_named("cid"), right(0.5))
    disqualify(play.engine, play.slug, play.host, team, "")
    assert {row.name for row in play.board()} == {"ann", "bob", "cid"}
    disqualify(play.engine, play.slug, play.host, team, "again")
    play.end_it()
    (board,) = close(play.engine, play.home, play.slug, play.host)
    assert {row.name for row in board.rows} == {"ann", "bob"}


def test_the_trail_is_verified_by_its_key_its_files_and_its_scores(play: Play, tmp_path: Path) -> None:
    made = played(play)
    play.end_it()
    close(play.engine, play.home, play.slug, play.host)
    path = tmp_path / "trail.json"
    path.write_bytes(signed_trail(play.engine, play.home, play.hosted))
    trail = read_trail(path, trail_key(play.home).public)
    found = verify(play.engine, play.home, trail)
    assert (found.files, found.scores, found.faults) == (9, 9, ())
    changed = json.loads(path.read_bytes())
    changed["trail"]["submissions"][0]["private"] = 1.0
    path.write_text(json.dumps(changed))
    with pytest.raises(BadData, match="changed after it was signed"):
        read_trail(path)
    with pytest.raises(BadData, match="another key"):
        path.write_bytes(signed_trail(play.engine, play.home, play.hosted))
        read_trail(path, "11" * 32)
    first = next(
        one
        for one in of_account(play.engine, play.hosted, play.account_named("ann"))
        if one.id == made["ann"][0]
    )
    file = play.home / first.handed.path
    file.write_text(right(1.0))
    assert verify(play.engine, play.home, trail).faults == (
        f"the file of submission {first.id} was changed: {file}",
    )
    solution = play.home / "competitions" / "coins" / "private" / "solution.csv"
    solution.write_text(solution.read_text().replace(",0,Private", ",1,Private"))
    assert len(verify(play.engine, play.home, trail).faults) == 9


def test_another_machine_shows_the_same_boards(play: Play, tmp_path: Path) -> None:
    played(play)
    play.end_it()
    close(play.engine, play.home, play.slug, play.host)
    shutil.copytree(play.home, tmp_path / "elsewhere")
    engine = database.open_database(tmp_path / "elsewhere")
    there = hosted.find(engine, play.slug)
    assert board_now(engine, there, "predictions") == board_now(play.engine, play.hosted, "predictions")
    path = tmp_path / "trail.json"
    path.write_bytes(signed_trail(play.engine, play.home, play.hosted))
    shutil.rmtree(play.home)
    found = verify(engine, tmp_path / "elsewhere", read_trail(path))
    assert (found.files, found.scores, found.faults) == (9, 9, ())
    engine.dispose()


def test_many_who_ask_for_the_signing_key_at_once_get_one(home: Path) -> None:
    with ThreadPoolExecutor(16) as pool:
        keys = list(pool.map(lambda _: trail_key(home).public, range(64)))
    assert len(set(keys)) == 1
    assert [path.name for path in (home / "competitions" / "keys").iterdir()] == ["trail"]


@pytest.mark.parametrize(
    ("rank", "teams", "expected"),
    [
        (1, 10, "gold"), (2, 10, "silver"), (4, 10, "bronze"), (5, 10, ""), (10, 100, "gold"),
        (11, 100, "silver"),
        (40, 100, "bronze"), (11, 500, "gold"), (50, 500, "silver"), (100, 500, "bronze"), (101, 500, ""),
        (12, 1000, "gold"), (50, 1000, "silver"), (100, 1000, "bronze"), (101, 1000, ""),
    ],
)  # fmt: skip
def test_medals_are_given_by_kaggles_bands(rank: int, teams: int, expected: str) -> None:
    assert medal(rank, teams) == expected
