"""Where pages read from: histories, long boards, comparisons of unlike records."""

from __future__ import annotations

from dataclasses import replace

import pytest
import sqlalchemy as sa

from leaderboards.web import board_page, ordering, source
from leaderboards.web.history import read_history
from leaderboards.web.numbers import number, p_shown
from leaderboards.web.rendering import query
from tests.leaderboards.web.html import parse
from tests.leaderboards.web.site import KEY, Site


@pytest.fixture
def here(site: Site, engine: sa.Engine) -> source.Source:
    return source.Source(site.home, engine)


def test_provisional_records_make_history_until_the_first_valid_one(
    site: Site, here: source.Source, cots_spec
) -> None:
    key = replace(KEY, profile="gpu")
    for minute, value in enumerate([0.3, 0.2, 0.5]):
        site.add(f"try {minute}", value, team=f"t{minute}", profile="gpu", state="provisional", minute=minute)
    found = read_history(here, key, cots_spec)
    assert found.provisional
    assert [one.value for one in found.advances] == [0.3, 0.5]
    assert [one.value for one in found.others] == [0.2]
    site.add("real", 0.4, team="t9", profile="gpu", minute=9)
    found = read_history(here, key, cots_spec)
    # The best value never falls: what came before the first valid record stays on the line.
    assert ([one.value for one in found.advances], found.provisional) == ([0.3, 0.5], False)
    assert [one.value for one in found.others] == [0.2, 0.4]


def test_history_goes_down_where_less_is_better_and_leaves_out_what_the_gate_stops(
    site: Site, here: source.Source, cots_spec
) -> None:
    columns = (replace(cots_spec.columns[0], goal="min"), *cots_spec.columns[1:])
    spec = replace(cots_spec, columns=columns, gate=0.5)
    for minute, value in enumerate([0.9, 0.45, 0.3, 0.4, 0.2]):
        site.add(f"try {minute}", value, team=f"t{minute}", profile="gpu", minute=minute, spec=spec)
    found = read_history(here, replace(KEY, profile="gpu"), spec)
    assert [one.value for one in found.advances] == [0.45, 0.3, 0.2]


def test_a_board_too_long_to_sort_is_read_a_page_at_a_time(
    site: Site, here: source.Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ordering, "SORTABLE", 5)
    monkeypatch.setattr(source, "PLOTTED", 3)
    monkeypatch.setattr(board_page, "SORTABLE", 5)
    found, order = ordering.read_ordered(here, KEY, "latency_p50_ms", "", 2, 3)
    assert (order.by, found.offset, len(found.rows)) == ("rank", 2, 3)
    page = parse(site.get(f"/boards/{site.board}?sort=entry"))
    assert not [head for head in page.one("thead").all("th") if "aria-sort" in head.attributes]
    plotted = {row.entry.name for row in source.plotted_rows(here, KEY)}
    assert plotted == {"tracked", "close", "cnn", "blob"}  # three first, and the front


def test_records_whose_replicates_are_not_here_are_compared_by_time_alone(site: Site) -> None:
    (site.home / "records" / site.records["cnn"] / "bootstrap.npz").unlink()
    both = f"a={site.records['cnn']}&b={site.records['tracked']}"
    told = site.client.get(f"/api/compare?{both}").json()
    assert told["scores"] == []
    assert told["notes"] == [
        "There is no paired test of F2: a record has no bootstrap draws, or they come from other resamples."
    ]
    assert told["time"]["verdict"] == "faster"
    assert "no paired test" in site.get(f"/compare?{both}")


def test_a_record_that_only_the_index_holds_is_a_line_of_the_board(site: Site) -> None:
    folder = site.home / "records" / site.records["cnn"]
    folder.rename(folder.with_name("elsewhere"))
    assert "cnn" in site.get(f"/boards/{site.board}")
    assert "not on this machine" in site.get(f"/records/{site.records['cnn']}", 404)


def test_numbers_for_people() -> None:
    assert [number(value) for value in (None, 0, 12.0, 0.03, 1234.5, -0.5)] == [
        "–", "0", "12", "0.0300", "1,234", "−0.500",
    ]  # fmt: skip
    assert p_shown(0.00001) == "p\u00a0<\u00a00.0001"
    assert p_shown(0.0314) == "p\u00a0=\u00a00.031"


def test_links_keep_what_they_do_not_change() -> None:
    held = {"sort": "entry", "x": "a b"}
    assert query(held, page=2) == "?sort=entry&x=a+b&page=2"
    assert query(held, sort=None, x=None) == "?"
    assert held == {"sort": "entry", "x": "a b"}
