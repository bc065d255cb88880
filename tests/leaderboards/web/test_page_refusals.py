"""Addresses that lead nowhere, changed records, hostile names and private data."""

from __future__ import annotations

import unicodedata

import pytest

from harness.record import read_record
from tests.leaderboards.web.html import parse
from tests.leaderboards.web.site import HOSTILE, Site


@pytest.mark.parametrize("path", ["/boards/0123456789abcdef", "/records/0123456789abcdef", "/nothing"])
def test_what_is_not_here_is_a_page_that_says_so(site: Site, path: str) -> None:
    assert "Not found" in parse(site.get(path, 404)).text


@pytest.mark.parametrize("path", ["/boards/XYZ", "/records/%00", "/records/'--", "/compare?a=<script>"])
def test_an_address_that_cannot_be_is_refused(site: Site, path: str) -> None:
    answer = site.client.get(path)
    assert answer.status_code in {404, 422}
    assert "<script>" not in answer.text
    parse(answer.text)


def test_a_changed_record_is_not_shown(site: Site) -> None:
    path = site.home / "records" / site.records["cnn"] / "record.json"
    path.write_text(path.read_text().replace("0.712", "0.999"))
    assert "changed or damaged" in site.get(f"/records/{site.records['cnn']}", 404)


@pytest.mark.parametrize("kind", HOSTILE)
def test_hostile_names_are_text(site: Site, kind: str) -> None:
    name = HOSTILE[kind]
    record = site.add(name, 0.785, team=name, state="provisional", reasons=(name,), minute=40)
    other = site.records["cnn"]
    paths = ["/", f"/boards/{site.board}", f"/boards/{site.board}/history", f"/records/{record}",
             f"/compare?a={record}&b={other}", f"/compare?a={record}"]  # fmt: skip
    for path in paths:
        page = site.get(path)
        tree = parse(page)
        scripts = [script.attributes.get("src", "") for script in tree.all("script")]
        assert set(scripts) <= {"/static/theme.js", "/static/board.js", "/static/record.js"}, path
        assert not [node for node in tree.all() if any(name.startswith("on") for name in node.attributes)]
        assert all(image.attributes["src"].startswith("/records/") for image in tree.all("img"))
        marks = [c for c in page if c != "\n" and unicodedata.category(c).startswith("C")]
        assert not marks, path
        assert "x" * 500 not in page
        assert not {"49"} & set(tree.text.split())
    assert f"/records/{record}" in site.get(f"/boards/{site.board}")


def test_every_page_is_whole_and_has_a_title_a_language_and_one_heading(site: Site) -> None:
    record = site.records["tracked"]
    paths = ["/", f"/boards/{site.board}", f"/boards/{site.board}/history", f"/records/{record}",
             f"/compare?a={record}&b={site.records['cnn']}", "/compare", "/api"]  # fmt: skip
    titles = set()
    for path in paths:
        page = parse(site.get(path))
        assert page.one("html").attributes["lang"] == "en"
        assert len(list(page.all("h1"))) == 1, path
        titles.add(page.one("head").one("title").text)
        assert page.one("a", kind="skip").attributes["href"] == "#content"
        ids = [node.attributes["id"] for node in page.all() if "id" in node.attributes]
        assert len(ids) == len(set(ids)), path
        assert not [node for node in page.all() if "style" in node.attributes]
    assert len(titles) == len(paths)


def test_only_what_the_record_says_of_the_public_split_is_served(site: Site) -> None:
    record = site.records["tracked"]
    held = read_record(site.home / "records" / record)
    assert site.client.get(f"/api/records/{record}").json() == held.model_dump(mode="json", by_alias=True)
    for name in ("answers.npz", "rows.npz", "bootstrap.npz", "log.txt", "record.json"):
        assert site.client.get(f"/records/{record}/{name}").status_code == 404
        assert site.client.get(f"/static/../records/{record}/{name}").status_code == 404
