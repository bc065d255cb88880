"""What the pages say, and that they say it without harm."""

from __future__ import annotations

from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from leaderboards.boards.spec import BoardSpec
from leaderboards.store import index
from leaderboards.web.app import create_app
from tests.leaderboards.web.html import Node, parse
from tests.leaderboards.web.site import PNG, Site


def rows(page: Node) -> list[Node]:
    return list(page.one("tbody").all("tr"))


def names(page: Node) -> list[str]:
    return [next(iter(row.one("th").all("bdi"))).text for row in rows(page)]


def test_home_lists_every_board_with_its_leader(site: Site) -> None:
    cards = list(parse(site.get("/")).all("a", kind="card"))
    assert len(cards) == 3
    main = next(card for card in cards if card.attributes["href"] == f"/boards/{site.board}")
    assert "tracked tied with 1 other" in main.text
    assert "provisional" not in main.text
    assert "0.780 F2" in main.text
    assert "7 entries · 7 records" in main.text


def test_home_marks_a_leader_whose_rank_is_provisional(site: Site) -> None:
    site.add("hasty", 0.6, profile="edge", state="provisional", variant="other", minute=20)
    cards = [card.text for card in parse(site.get("/")).all("a", kind="card")]
    assert [card for card in cards if "hasty provisional" in card and "tied" not in card]


def test_an_empty_home_says_what_to_do(tmp_path: Path) -> None:
    empty = TestClient(create_app(tmp_path / "nothing yet"))
    assert "No records yet" in empty.get("/").text
    assert "No records yet" in empty.get("/compare").text


def test_a_board_shows_ranks_prizes_front_and_why_somebody_has_no_rank(site: Site) -> None:
    page = parse(site.get(f"/boards/{site.board}"))
    assert names(page)[:3] == ["tracked", "close", "cnn"]
    assert [row.one("td", kind="rank").text for row in rows(page)] == ["1", "1", "3", "4", "~5", "5", "–"]
    accuracy, performance = page.all("div", kind="prize")
    assert "accuracy" in accuracy.one("h2").text
    assert [winner.one("a").text for winner in accuracy.all("p", kind="winner")] == ["tracked"]
    figures = [winner.one("span", kind="aside").text for winner in accuracy.all("p", kind="winner")]
    assert figures == ["F2 0.780 [0.740, 0.820]"]
    assert rows(page)[1].one("td", kind="parity").text == "open"
    assert "performance close" in performance.text
    assert "raised ValueError" in rows(page)[-1].text
    bars = [svg for row in rows(page) for svg in row.all("svg", kind="bar")]
    assert len(bars) == 6
    assert "1 record of other data (reef full) is not shown." in page.text


def test_a_board_says_what_its_task_asks_and_what_each_column_means(site: Site, cots_spec: BoardSpec) -> None:
    page = parse(site.get(f"/boards/{site.board}"))
    assert cots_spec.description in page.one("p", kind="lead").text
    legend = page.one("dl", kind="legend")
    meanings = [entry.one("dd").text for entry in legend.all("div")]
    assert meanings[0] == "ranks: F2 score, pooled over frames."
    assert meanings[1] == "–"
    assert "Peak resident memory of the whole process tree" in legend.text
    titles = {head.attributes.get("title") for head in page.one("thead").all("th")}
    assert {column.description for column in cots_spec.columns if column.description} <= titles


def test_profiles_of_a_task_are_one_step_apart(site: Site) -> None:
    tabs = parse(site.get(f"/boards/{site.board}")).one("nav", aria_label="Profile")
    links = {link.text: link.attributes for link in tabs.all("a")}
    assert set(links) == {"cpu", "edge"}
    assert links["cpu"]["aria-current"] == "page"
    edge = parse(site.get(links["edge"]["href"]))
    assert names(edge) == ["cnn on edge"]


@pytest.mark.parametrize(
    ("query", "first", "sorted_by", "direction"),
    [
        ("?sort=latency_p50_ms", "close", "p50", "ascending"),
        ("?sort=latency_p50_ms&order=descending", "slow", "p50", "descending"),
        ("?sort=throughput_qps", "close", "queries", "descending"),
        ("?sort=memory_peak_mb", "blob", "memory", "ascending"),
        ("?sort=entry", "blob", "entry", "ascending"),
        ("?sort=rank&order=descending", "blob", "#", "descending"),
        ("?sort=no_such_column", "tracked", "#", "ascending"),
    ],
)
def test_sorting(site: Site, query: str, first: str, sorted_by: str, direction: str) -> None:
    page = parse(site.get(f"/boards/{site.board}{query}"))
    assert names(page)[0] == first
    heads = {head.one("a").text: head for head in page.one("thead").all("th") if list(head.all("a"))}
    marked = {name for name, head in heads.items() if head.attributes["aria-sort"] != "none"}
    assert marked == {sorted_by}
    assert heads[sorted_by].attributes["aria-sort"] == direction
    assert sum(head.attributes["aria-sort"] == "none" for head in heads.values()) == len(heads) - 1


@pytest.mark.parametrize("column", ["latency_p50_ms", "f2", "rank"])
@pytest.mark.parametrize("direction", ["ascending", "descending"])
def test_who_has_no_rank_stays_last_whichever_way_rows_are_sorted(
    site: Site, column: str, direction: str
) -> None:
    site.add("too fast", 0.99, team="sly", ratio=0.01, state="invalid", reasons=("cheated",), minute=9)
    page = parse(site.get(f"/boards/{site.board}?sort={column}&order={direction}"))
    assert set(names(page)[-2:]) == {"broken", "too fast"}


def test_the_head_of_a_sorted_column_turns_the_order(site: Site) -> None:
    page = parse(site.get(f"/boards/{site.board}?sort=memory_peak_mb&x=latency_ratio"))
    head = next(head for head in page.one("thead").all("th") if head.text.startswith("memory"))
    assert head.one("a").attributes["href"] == "?sort=memory_peak_mb&x=latency_ratio&order=descending#table"


@pytest.mark.parametrize("across", ["latency_p50_ms", "latency_ratio", "memory_peak_mb"])
def test_the_scatter_has_a_reachable_point_for_every_ranked_entry(site: Site, across: str) -> None:
    picture = parse(site.get(f"/boards/{site.board}?x={across}")).one("section", id="scatter")
    points = list(picture.all("a", kind="point"))
    assert {point.attributes["href"] for point in points} == {
        f"/records/{site.records[name]}" for name in ("blob", "cnn", "slow", "tracked", "close", "newcomer")
    }
    front = {point.attributes["href"] for point in points if "front" in point.attributes["class"]}
    assert front == {f"/records/{site.records[name]}" for name in ("tracked", "close", "blob")}
    for point in points:
        disc = point.one("circle", kind="disc").attributes
        assert 0 <= float(disc["cx"].rstrip("%")) <= 100
        assert 0 <= float(disc["cy"].rstrip("%")) <= 100
        assert "F2" in point.attributes["aria-label"]
    assert len(list(picture.all("path", kind="front-line"))) == 1


def test_pages_of_a_long_board(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(index, "PAGE", 4)
    first = parse(site.get(f"/boards/{site.board}?sort=entry"))
    following = first.one("a", rel="next").attributes["href"].partition("#")[0]
    second = parse(site.get(f"/boards/{site.board}{following}"))
    assert names(first) + names(second) == ["blob", "broken", "close", "cnn", "newcomer", "slow", "tracked"]
    assert len(names(first)) == 4
    assert not list(second.all("a", rel="next"))
    site.get(f"/boards/{site.board}?page=3", 404)


def test_an_entry_shows_its_phases_times_memory_units_and_reasons(site: Site) -> None:
    page = parse(site.get(f"/records/{site.records['tracked']}"))
    text = page.text
    assert "rank 1 on its board" in text
    assert "120 timed requests" in text
    assert "the peak was 119 MB in phase steady" in text
    assert "0.500" in next(row for row in page.all("tr") if row.text.startswith("build")).text
    assert "bubblewrap (level 1)" in text
    assert "two cores" in text
    assert "40 public units" in text
    assert "mean of 11" in text
    assert len(list(page.all("rect", kind="submission"))) > 3
    provisional = parse(site.get(f"/records/{site.records['newcomer']}")).text
    assert "a quick run" in provisional
    assert "rank ~5" in provisional
    assert "raised ValueError" in parse(site.get(f"/records/{site.records['broken']}")).text


def test_units_come_in_pages(site: Site) -> None:
    entry = f"/records/{site.records['tracked']}"
    assert "frame-014" in site.get(entry)
    assert "frame-015" not in parse(site.get(entry)).one("section", id="units").text
    last = parse(site.get(f"{entry}?units=3")).one("section", id="units")
    assert "frame-039" in last.text


def test_an_entry_that_a_better_one_of_its_team_replaced_says_so(site: Site) -> None:
    better = site.add("museum again", 0.7, team="museum", minute=30)
    page = parse(site.get(f"/records/{site.records['slow']}"))
    assert f"shows this team’s better record, {better[:8]}" in page.text
    assert any(link.attributes["href"] == f"/records/{better}" for link in page.all("a"))


def test_pictures_come_from_the_folder_and_nothing_else_does(site: Site) -> None:
    entry = f"/records/{site.records['tracked']}"
    page = parse(site.get(entry))
    pictures = [image.attributes["src"] for image in page.all("img")]
    # Once among the examples and once beside its unit.
    assert pictures == [f"{entry}/images/frame-007.png"] * 2
    assert site.client.get(pictures[0]).content == PNG
    for other in ("notes.txt", "..%2Frecord.json", "%2e%2e%2flog.txt", "/etc/passwd", "nothing.png"):
        assert site.client.get(f"{entry}/images/{other}").status_code == 404
    everything = site.get(entry) + site.get(f"/api{entry}/units")
    assert "hello from the submission" not in everything


def test_history_has_a_step_for_each_record_that_was_the_best_when_it_came(site: Site) -> None:
    page = parse(site.get(f"/boards/{site.board}/history"))
    assert names(page) == ["tracked", "cnn", "blob"]
    assert len(list(page.all("a", kind="front"))) == 3
    assert len(list(page.all("a", kind="other"))) == 2


def test_a_failed_entry_points_to_its_log(site: Site) -> None:
    record = site.records["broken"]
    page = parse(site.get(f"/records/{record}"))
    assert f"records/{record}/log.txt" in page.text
    assert (site.home / "records" / record / "log.txt").is_file()
    assert "log.txt" not in parse(site.get(f"/records/{site.records['cnn']}")).text


def test_an_entry_names_its_metrics_by_title_and_tells_a_bound_from_a_median(site: Site) -> None:
    page = parse(site.get(f"/records/{site.records['tracked']}"))
    numbers = page.one("section", aria_labelledby="numbers").one("tbody")
    rows = [row.one("th").text for row in numbers.all("tr")]
    assert "F2 ↑" in rows
    assert "p50 bound ↓" in rows
    assert not [row for row in rows if row.startswith(("f2", "latency"))]
    tiles = page.one("section", kind="tiles").text
    assert "median latency is at most 9.00ms with 95 % confidence" in tiles
    assert "upper 95 % confidence bounds" in page.one("section", aria_labelledby="latency").text


def test_a_scatter_begins_with_the_ratio_and_draws_its_intervals(site: Site) -> None:
    picture = parse(site.get(f"/boards/{site.board}")).one("section", id="scatter")
    assert picture.one("a", aria_current="true").text == "time ratio"
    for point in picture.all("a", kind="point"):
        across, up = (line.attributes for line in point.all("line", kind="whisker"))
        assert float(across["x1"].rstrip("%")) < float(across["x2"].rstrip("%"))
        assert across["y1"] == across["y2"]
        assert float(up["y1"].rstrip("%")) > float(up["y2"].rstrip("%"))
