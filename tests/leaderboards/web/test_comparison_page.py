"""The page that compares two records."""

from __future__ import annotations

from typing import Any

import pytest

from tests.leaderboards.web.html import parse
from tests.leaderboards.web.site import Site, kept_comparison


def test_a_comparison_in_words(site: Site) -> None:
    a, b = site.records["tracked"], site.records["cnn"]
    text = parse(site.get(f"/compare?a={a}&b={b}")).text
    assert "tracked is 0.068 [" in text
    assert "ahead of cnn in F2. A paired test tells them apart" in text
    assert "tracked takes 1.29 [" in text
    assert "× the time of cnn: cnn is faster." in text
    assert "cnn peaks at 120 MB, 14% below the 140 MB of tracked." in text
    near = parse(site.get(f"/compare?a={a}&b={site.records['close']}")).text
    assert "A paired test cannot tell them apart" in near


def test_records_of_different_boards_are_not_compared(site: Site) -> None:
    page = site.get(f"/compare?a={site.records['cnn']}&b={site.records['cnn on full']}", 409)
    assert "variant of the data: mini and full" in parse(page).text
    assert "paired" not in parse(page).one("main").text


def test_comparing_is_chosen_by_tick_boxes_or_from_an_entry(site: Site) -> None:
    a, b = site.records["tracked"], site.records["cnn"]
    answer = site.client.get(f"/compare?entry={a}&entry={b}", follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, f"/compare?a={a}&b={b}")
    options = parse(site.get(f"/compare?a={a}")).one("select")
    assert b in {option.attributes["value"] for option in options.all("option")}
    assert a not in {option.attributes["value"] for option in options.all("option")}
    site.get("/compare?entry=http%3A%2F%2Fevil.example", 422)


def test_a_comparison_says_what_each_side_counts_for(site: Site) -> None:
    invalid = site.add("cheat", 0.9, state="invalid", reasons=("answers were kept",), minute=9)
    for other, told in (
        (invalid, "cheat: invalid answers were kept"),
        ("newcomer", "newcomer: provisional a quick run"),
    ):
        record = site.records.get(other, other)
        page = parse(site.get(f"/compare?a={site.records['tracked']}&b={record}"))
        standing = page.one("section", kind="standing").text
        assert told in standing
        assert "tracked: valid" in standing
    both_valid = site.get(f"/compare?a={site.records['tracked']}&b={site.records['cnn']}")
    assert not list(parse(both_valid).all("section", kind="standing"))


def test_a_kept_comparison_has_a_page(site: Site) -> None:
    page = site.get(f"/comparisons/{kept_comparison(site)}")
    assert "<b>cnn</b> takes 0.5000 [0.4000, 0.6000] times as long as blob." in parse(page).text
    assert "<b>cnn</b>" not in page, "a name is text"
    assert "faster" in parse(page).one("p", kind="verdict").text
    assert "two cores, 2 cores" in parse(page).text
    row = next(row for row in parse(page).all("tr") if "median of a query" in row.text)
    assert [cell.text for cell in row.all("td")] == ["2.5", "5.01"]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"verdict": "no difference", "low": 0.1, "high": 9.0}, "a difference is not ruled out"),
        ({"disturbed": 3}, "Other processes used the machine while 3 of 8 process pairs were timed"),
        ({"ratio": None, "verdict": "unknown"}, "The ratio of times is not known."),
        ({"low": None, "high": None}, "takes 0.5000 times as long as blob"),
        ({"calibrated": False}, "it is assumed, because the machine was not calibrated"),
    ],
)
def test_what_makes_a_kept_comparison_doubtful_is_said(
    site: Site, changes: dict[str, Any], said: str
) -> None:
    assert said in parse(site.get(f"/comparisons/{kept_comparison(site, **changes)}")).text


def test_a_kept_comparison_that_is_not_here_or_was_changed_is_said(site: Site) -> None:
    assert "there is no comparison" in site.get(f"/comparisons/{'0' * 16}", 404)
    name = kept_comparison(site)
    path = site.home / "comparisons" / f"{name}.json"
    path.write_bytes(path.read_bytes().replace(b"0.5", b"0.1"))
    assert "changed or damaged" in site.get(f"/comparisons/{name}", 404)
