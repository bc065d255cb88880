"""The page of a task, and pages saved as files."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient

from harness.intake.lookup import find_task, shipped_names, task_names
from leaderboards.web.app import create_app
from leaderboards.web.source import KnownTasks
from tests.leaderboards.web.html import parse
from tests.leaderboards.web.site import Site


@pytest.fixture
def client(site: Site) -> Iterator[TestClient]:
    """The site of a server that knows the shipped tasks."""
    known = KnownTasks(tuple(task_names()), find_task, shipped_names)
    with TestClient(create_app(site.home, known)) as client:
        yield client


def test_every_shipped_task_has_a_page_with_all_that_a_contestant_asks(client: TestClient) -> None:
    listed = parse(client.get("/tasks").text).one("dl", kind="legend")
    assert [link.text for link in listed.all("a")] == task_names()
    for name in task_names():
        task, page = find_task(name), parse(client.get(f"/tasks/{name}").text)
        assert " ".join(task.description.split()) in page.text
        headings = [heading.text for heading in page.all("h2")]
        for heading in ("What is asked", "How to submit", "Metrics", "Data", "Limits of a submission"):
            assert heading in headings, name
        for metric in task.metrics:
            assert metric.title in page.text
        for variant in task.dataset.variants:
            assert variant in page.text
        assert f"run_bench.py run {name}" in page.text
        assert task.execution.reference in page.text


def test_boards_lead_to_the_page_of_their_task_where_it_is_known(client: TestClient, site: Site) -> None:
    assert 'href="/tasks/cots"' in client.get("/").text
    assert 'href="/tasks/cots"' in client.get(f"/boards/{site.board}").text
    assert f'href="/boards/{site.board}"' in client.get("/tasks/cots").text


def test_unknown_tasks_are_refused_and_a_server_without_tasks_says_so(client: TestClient, site: Site) -> None:
    assert client.get("/tasks/nothing").status_code == 404
    assert site.client.get("/tasks/cots").status_code == 404
    assert "started without tasks" in site.get("/tasks")
    assert 'href="/tasks/cots"' not in site.get("/") + site.get(f"/boards/{site.board}")


@pytest.mark.parametrize("what", ["board", "record"])
def test_a_page_saved_as_a_file_needs_no_server(site: Site, what: str) -> None:
    record = site.records["tracked"]
    address = f"/boards/{site.board}/board.html" if what == "board" else f"/records/{record}/record.html"
    answer = site.client.get(address)
    assert answer.headers["content-disposition"].startswith('attachment; filename="photofinish-')
    assert "tracked" in parse(re.sub(r"<(style|script)[^>]*>.*?</\1>", "", answer.text, flags=re.DOTALL)).text
    assert re.findall(r'(?:src|href|action)="(?!data:image/|#)[^"]*"', answer.text) == []
    assert "--paper" in answer.text
    assert "url(" not in answer.text
    assert ("data:image/png;base64," in answer.text) == (what == "record")
