"""The page and the answer of a closed board, and that an open one has neither."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from leaderboards.boards.rank_changes import rank_changes
from leaderboards.boards.spec import BoardKey
from leaderboards.store import publishing
from leaderboards.views.rank_changes import rank_changes_view
from tests.leaderboards.web.html import parse
from tests.leaderboards.web.site import HOSTILE, KEY, Close, Site


def test_an_open_board_has_no_final_standing(site: Site) -> None:
    assert "is open" in site.get(f"/boards/{site.board}/final", 404)
    assert site.client.get(f"/api/boards/{site.board}/final").status_code == 404
    assert "/final" not in site.get(f"/boards/{site.board}")


def test_a_closed_board_shows_who_moved_and_who_won(site: Site, close: Close) -> None:
    before = site.client.get(f"/boards/{site.board}")
    final = close({"tracked": 0.6, "close": 0.718, "cnn": 0.72, "slow": 0.3, "blob": 0.4, "newcomer": 0.9})
    again = site.client.get(f"/boards/{site.board}", headers={"if-none-match": before.headers["etag"]})
    assert again.status_code == 200 and f"/boards/{site.board}/final" in again.text

    page = parse(site.get(f"/boards/{site.board}/final"))
    rows = [[cell.text for cell in row.all("td")] for row in page.one("tbody").all("tr")]
    entries = [next(iter(row.all("bdi"))).text for row in page.one("tbody").all("tr")]
    assert entries == ["newcomer", "cnn", "close", "tracked", "blob", "slow", "broken"]
    assert [row[0] for row in rows] == ["~1", "1", "1", "3", "4", "4", "–"]
    assert [row[1] for row in rows] == ["~5", "3", "1", "1", "5", "4", "–"]
    assert [row[2] for row in rows] == ["↑ 4", "↑ 2", "=", "↓ 2", "↑ 1", "=", ""]
    assert rows[1][3:] == ["0.7200.680–0.760", "0.7120.672–0.752"]
    assert "accuracy cnn F2" in page.one("section", aria_label="Prizes").text

    answer = site.client.get(f"/api/boards/{site.board}/final").json()
    assert [row["entry"] for row in answer["board"]["rows"]] == entries
    assert [answer["public_ranks"][row["record"]] for row in answer["board"]["rows"]] == [
        5,
        3,
        1,
        1,
        5,
        4,
        None,
    ]
    assert answer["shake_up"] == pytest.approx((4 + 2 + 0 + 2 + 1 + 0) / 6 / 6)

    out = io.StringIO()
    moves = rank_changes(final.public, final.private)
    Console(file=out, width=120).print(
        rank_changes_view(final.public, final.private, moves, ("public", "private"))
    )
    for row, entry in zip(rows, entries, strict=True):
        line = next(
            line for line in out.getvalue().splitlines() if f"{entry} ·" in line or f" {entry} " in line
        )
        assert line.split()[:2] == row[:2]


def test_the_public_board_stays_as_it_is(site: Site, close: Close) -> None:
    before = site.client.get(f"/api/boards/{site.board}").json()
    close({"tracked": 0.1, "cnn": 0.9})
    assert site.client.get(f"/api/boards/{site.board}").json() == before
    assert "0.9" not in str(site.client.get(f"/api/records/{site.records['cnn']}").json()["metrics"]["f2"])


def test_hostile_names_are_harmless_at_the_close(site: Site, close: Close) -> None:
    for name in HOSTILE.values():
        site.add(name, 0.3, team=name, minute=50)
    rows = site.client.get(f"/api/boards/{site.board}").json()["rows"]
    final = close({row["entry"]: 0.5 for row in rows})
    text = site.get(f"/boards/{site.board}/final")
    page = parse(text)
    assert not list(page.all("img")) and "<script>alert" not in text
    assert "\u202e" not in text and "x" * 100 not in text
    out = io.StringIO()
    moves = rank_changes(final.public, final.private)
    Console(file=out, width=120).print(rank_changes_view(final.public, final.private, moves, ("a", "b")))
    assert "\u202e" not in out.getvalue() and max(map(len, out.getvalue().splitlines())) <= 120


def test_a_board_of_another_key_is_not_closed_with_it(site: Site, close: Close) -> None:
    close({"tracked": 0.6})
    other = BoardKey(KEY.task, KEY.version, KEY.data, KEY.variant, KEY.sha256, "edge", KEY.scenario)
    assert publishing.read_final(site.home, other) is None
