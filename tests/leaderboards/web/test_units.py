"""What an entry got wrong: the worst units first, sorted otherwise, with pictures, beside another entry."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

import numpy as np
import pytest
from fastapi.testclient import TestClient

from harness.figures.evaluation import WORST, examples
from harness.intake.lookup import find_task, shipped_names, task_names
from harness.record.units import picture_name
from harness.scoring.scores import score
from harness.spec import Query
from leaderboards.web.app import create_app
from leaderboards.web.source import KnownTasks
from tasks.metrics import detection
from tests.leaderboards.web.html import Node, parse
from tests.leaderboards.web.site import PNG, Site


@pytest.fixture
def client(site: Site) -> Iterator[TestClient]:
    """Two entries with the rows of twenty frames, of which the first has a picture of frame-7."""
    for name, misses in (("tracked", 7), ("cnn", 3)):
        folder = site.home / "records" / site.records[name]
        count = np.zeros((20, 11), int)
        count[misses] = 1
        ids = np.array([f"frame/{number}" for number in range(20)])
        rows = {"tp": 1 - count, "fp": np.tile(np.arange(20)[:, None] % 5, 11), "fn": count}
        np.savez(folder / "rows.npz", id=ids, cluster=np.repeat(["v0", "v1"], 10), **rows)
        shutil.rmtree(folder / "images")
        (folder / "images").mkdir()
        (folder / "images" / "frame_7.png").write_bytes(PNG)
    known = KnownTasks(tuple(task_names()), find_task, shipped_names)
    with TestClient(create_app(site.home, known)) as client:
        yield client


def shown(client: TestClient, address: str) -> Node:
    answer = client.get(address)
    assert answer.status_code == 200, answer.text[:200]
    return parse(answer.text).one("section", id="units")


def rows(units: Node) -> list[tuple[Node, list[Node]]]:
    """Each unit's row, and the pictures below it."""
    found: list[tuple[Node, list[Node]]] = []
    for row in units.one("tbody").all("tr"):
        if row.attributes.get("class") == "pictures":
            found[-1][1].extend(row.all("img"))
        else:
            found.append((row, []))
    return found


def ids(units: Node) -> list[str]:
    return [row.one("th").text for row, _ in rows(units)]


def test_the_worst_units_come_first_with_their_picture(client: TestClient, site: Site) -> None:
    units = shown(client, f"/records/{site.records['tracked']}")
    assert "20 public units, the worst first" in units.one("h2").text
    assert ids(units)[:3] == ["frame/7", "frame/4", "frame/9"]
    (worst, (picture,)), *others = rows(units)
    assert picture.attributes["src"].endswith("/images/frame_7.png")
    assert "0.000" in worst.text
    assert not [row for row, pictures in others if pictures]


@pytest.mark.parametrize(
    ("query", "first"),
    [
        ("?order=reversed", "frame/0"),
        ("?by=unit", "frame/0"),
        ("?by=unit&order=reversed", "frame/9"),
        ("?by=fn", "frame/7"),
        ("?by=fp", "frame/4"),
        ("?by=no_such_statistic", "frame/7"),
    ],
)
def test_units_are_sorted_by_any_column(client: TestClient, site: Site, query: str, first: str) -> None:
    units = shown(client, f"/records/{site.records['tracked']}{query}")
    assert ids(units)[0] == first
    marked = [
        head for head in units.all("th", scope="col") if head.attributes.get("aria-sort", "none") != "none"
    ]
    assert len(marked) == 1


def test_pages_keep_the_order_and_hold_every_unit_once(client: TestClient, site: Site) -> None:
    address = f"/records/{site.records['tracked']}"
    first = shown(client, f"{address}?by=fp")
    following = first.one("a", rel="next").attributes["href"].partition("#")[0]
    both = ids(first) + ids(shown(client, f"{address}{following}"))
    assert sorted(both) == sorted(f"frame/{number}" for number in range(20))


def test_another_entry_stands_beside_on_the_same_units(client: TestClient, site: Site) -> None:
    address = f"/records/{site.records['tracked']}"
    units = shown(client, f"{address}?beside={site.records['cnn']}")
    row, both = rows(units)[0]
    cells = [cell.text for cell in row.all("td", kind="number")]
    assert cells[:2] == ["0.000", "0.714"]
    assert client.get(f"{address}?beside={site.records['cnn on full']}").status_code == 404
    assert client.get(f"{address}?beside={'0' * 16}").status_code == 404
    assert [image.attributes["src"].split("/")[2] for image in both] == [
        site.records["tracked"],
        site.records["cnn"],
    ]


def test_a_picture_belongs_to_its_unit_however_long_its_name(client: TestClient, site: Site) -> None:
    folder = site.home / "records" / site.records["close"]
    unit = "/".join(["a long name of a folder"] * 8)
    np.savez(
        folder / "rows.npz", id=np.array([unit, f"{unit}/b"]), cluster=np.array(["c", "c"]), n=np.ones(2)
    )
    (folder / "images" / f"{picture_name(unit)}.png").write_bytes(PNG)
    (_, first), (_, second) = rows(shown(client, f"/records/{site.records['close']}"))
    assert len(first) == 1 and not second


def test_rows_of_another_version_of_the_task_are_still_listed(client: TestClient, site: Site) -> None:
    folder = site.home / "records" / site.records["close"]
    np.savez(
        folder / "rows.npz", id=np.array(["a", "b"]), cluster=np.array(["c", "c"]), hits=np.array([1, 2])
    )
    assert ids(shown(client, f"/records/{site.records['close']}")) == ["a", "b"]


def test_the_units_that_an_entry_got_worst_are_drawn() -> None:
    frame = np.zeros((36, 64, 3), np.uint8)
    box = np.array([[4.0, 4.0, 20.0, 20.0]])
    queries = [
        Query(f"f{number:02}", "v", "private" if number == 0 else "public", lambda: {"frame": frame}, box)
        for number in range(40)
    ]
    found = np.hstack([[[0.9]], box])
    answers = {
        n: detection.check(np.zeros((0, 5)) if n in {0, 17, 31} else found, queries[n]) for n in range(40)
    }
    task = find_task("cots")
    names = set(examples(task, queries, score(task, queries, [answers], "public")))
    assert {"f17.jpg", "f31.jpg"} <= names
    assert "f00.jpg" not in names
    assert WORST <= len(names) <= WORST + 6
