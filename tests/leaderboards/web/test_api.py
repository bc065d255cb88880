"""The JSON API: the same values as everywhere, with a schema, ETags and pages."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable

import pytest
from rich.console import Console

from leaderboards.boards.board import Board
from leaderboards.boards.names import plain
from leaderboards.views.export import to_csv, to_json
from leaderboards.views.terminal import show_board
from tests.leaderboards.web.html import parse
from tests.leaderboards.web.site import HOSTILE, Site


def test_terminal_csv_json_and_page_show_the_same_board(site: Site, shown: Callable[[], Board]) -> None:
    for number, name in enumerate(HOSTILE.values()):
        site.add(name, 0.3 + number / 100, team=name, minute=50 + number)
    site.add("=1+1", 0.2, team="@team", minute=60)
    board = shown()

    held = json.loads(to_json(board))
    assert site.client.get(f"/api/boards/{site.board}").json() == held

    assert site.get(f"/api/boards/{site.board}/board.csv") == to_csv(board)
    lines = list(csv.DictReader(io.StringIO(to_csv(board))))
    page = parse(site.get(f"/boards/{site.board}"))
    rows = list(page.one("tbody").all("tr"))
    out = io.StringIO()
    show_board(board, Console(file=out, width=260))
    printed = [line.split() for line in out.getvalue().splitlines()]
    places = {row["rank_label"] for row in held["rows"]}
    table = [line for line in printed if line and line[0] in places][: len(rows)]

    assert len(held["rows"]) == len(lines) == len(rows) == len(table) == 14
    for row, line, seen, said in zip(held["rows"], lines, rows, table, strict=True):
        assert row["rank_label"] == line["rank_label"] == seen.one("td", kind="rank").text == said[0]
        link = next(iter(seen.one("th").all("a")))
        # CSV has whole names; where people read them, long ones are cut.
        assert row["entry"] == link.text == plain(line["entry"].removeprefix("'"))
        assert row["entry"].split()[0] in said
        assert link.attributes["href"] == f"/records/{row['record']}"
        assert line["record"] == row["record"]
        assert row["prizes"] == line["prizes"].split()
        for prize in row["prizes"]:
            assert list(seen.all("span", aria_label=f"{prize} prize"))
        for column, numbers in zip(board.columns, row["metrics"].values(), strict=True):
            cell = seen.one("td", data_metric=column.name)
            values = [data.attributes["value"] for data in cell.all("data")]
            told = [
                values[0] if values else "",
                *(cell.attributes.get(f"data-{end}", "") for end in ("low", "high")),
            ]
            written = [line[f"{column.name}{end}"] for end in ("", "_low", "_high")]
            assert told == written == ["" if number is None else repr(number) for number in numbers.values()]
            assert column.shown(numbers["value"]) in cell.text
            assert column.shown(numbers["value"]) in said


def test_sorted_and_paged_as_the_page_is(site: Site) -> None:
    path = f"/api/boards/{site.board}?sort=memory_peak_mb&limit=3"
    answer = site.client.get(path)
    first = answer.json()
    assert [row["entry"] for row in first["rows"]] == ["blob", "close", "cnn"]
    assert (first["total"], first["offset"]) == (7, 0)
    following = answer.headers["link"].partition(">")[0].removeprefix("<")
    second = site.client.get(following)
    assert [row["entry"] for row in second.json()["rows"]][:2] == ["newcomer", "tracked"]
    assert second.json()["offset"] == 3
    last = site.client.get(f"{path}&offset=6")
    assert "link" not in last.headers


def test_boards_are_listed_and_narrowed(site: Site) -> None:
    told = site.client.get("/api/boards?limit=2").json()
    assert (told["total"], len(told["boards"])) == (3, 2)
    listed = site.client.get("/api/boards").json()["boards"]
    main = next(one for one in listed if one["id"] == site.board)
    assert (main["records"], main["rows"], main["data"]["variant"]) == (7, 7, "mini")
    assert site.client.get("/api/boards?task=other").json()["total"] == 0


def test_history_units_and_comparison(site: Site) -> None:
    history = site.client.get(f"/api/boards/{site.board}/history").json()
    assert [(one["entry"], one["value"]) for one in history["advances"]] == [
        ("blob", 0.4),
        ("cnn", 0.712),
        ("tracked", 0.78),
    ]
    units = site.client.get(f"/api/records/{site.records['cnn']}/units?offset=38").json()
    assert (units["names"], units["means"], units["total"]) == (["tp", "right"], [11, 1], 40)
    assert [unit["id"] for unit in units["units"]] == ["frame-038", "frame-039"]
    a, b = site.records["tracked"], site.records["cnn"]
    both = site.client.get(f"/api/compare?a={a}&b={b}").json()
    turned = site.client.get(f"/api/compare?a={b}&b={a}").json()
    score, opposite = both["scores"][0], turned["scores"][0]
    assert score["value"] == pytest.approx(0.068)
    assert score["low"] < score["value"] < score["high"]
    assert (opposite["value"], opposite["low"]) == pytest.approx((-score["value"], -score["high"]))
    assert score["words"] == opposite["words"]
    assert both["time"]["ratio"] == pytest.approx(9 / 7)
    assert (both["time"]["verdict"], turned["time"]["verdict"]) == ("slower", "faster")


def test_what_cannot_be_answered(site: Site) -> None:
    a, b = site.records["cnn"], site.records["cnn on edge"]
    answer = site.client.get(f"/api/compare?a={a}&b={b}")
    assert answer.status_code == 409
    assert "profile: cpu and edge" in answer.json()["detail"]
    for path, status in {
        "/api/boards/0123456789abcdef": 404,
        "/api/records/0123456789abcdef": 404,
        "/api/boards/nothing": 422,
        f"/api/boards/{site.board}?limit=100000": 422,
        "/api/nothing": 404,
    }.items():
        assert site.client.get(path).status_code == status, path
        assert site.client.get(path).json()["detail"]


def test_the_schema_names_every_answer(site: Site) -> None:
    schema = site.client.get("/api/openapi.json").json()
    assert schema["openapi"].startswith("3.")
    for path, methods in schema["paths"].items():
        assert path.startswith("/api/")
        assert set(methods) == {"get"}
        if not path.endswith((".csv", ".md")):
            answer = methods["get"]["responses"]["200"]["content"]["application/json"]["schema"]
            assert "$ref" in answer, path
    assert schema["components"]["schemas"]["BoardAnswer"]["properties"]["rows"]["items"]["$ref"].endswith(
        "/RowAnswer"
    )


@pytest.mark.parametrize("path", ["/", "/boards/{board}", "/api/boards/{board}", "/static/style.css"])
def test_an_etag_stands_for_the_content(site: Site, path: str) -> None:
    path = path.format(board=site.board)
    answer = site.client.get(path)
    etag = answer.headers["etag"]
    for held in (etag, f"W/{etag}", f'"other", {etag}', "*"):
        again = site.client.get(path, headers={"if-none-match": held})
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", etag)
    assert site.client.get(path, headers={"if-none-match": '"other"'}).content == answer.content
    head = site.client.head(path)
    assert (head.status_code, head.content, head.headers["etag"]) == (200, b"", etag)
    site.add("one more", 0.9, team="late", minute=90)
    changed = site.client.get(path, headers={"if-none-match": etag}).status_code
    assert changed == (304 if path.startswith("/static") else 200)


@pytest.mark.parametrize(
    "path", ["/", "/boards/{board}", "/api/boards", "/static/board.js", "/nothing", "/api/nothing"]
)
def test_every_answer_keeps_to_itself(site: Site, path: str) -> None:
    headers = site.client.get(path.format(board=site.board)).headers
    policy = dict(part.strip().split(" ", 1) for part in headers["content-security-policy"].split(";"))
    assert policy["default-src"] == policy["base-uri"] == policy["frame-ancestors"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == policy["connect-src"] == "'self'"
    assert "unsafe" not in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"


def test_nothing_can_be_written(site: Site) -> None:
    for path in ("/", f"/boards/{site.board}", f"/api/boards/{site.board}", "/compare"):
        for method in ("post", "put", "delete", "patch"):
            assert getattr(site.client, method)(path).status_code == 405
