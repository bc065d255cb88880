"""The documentation: every page has its place, every link leads somewhere, every task has a page."""

from __future__ import annotations

import re
import subprocess
import unicodedata
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest

from harness.intake.lookup import find_task

ROOT = Path(__file__).parent.parent
PAGES = sorted((ROOT / "docs").glob("*.md"))
MKDOCS = ROOT / ".venv" / "docs" / "bin" / "mkdocs"
TASK_OF_PAGE = {
    "recommender_open": "recommender",
    "recommender_throughput": "recommender",
    "ssl_finetune": "ssl",
    "super_resolution_speed": "super_resolution",
}
"""Divisions of a task, described on the task's page."""
_FENCED = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\]\(([^)\s]+)\)")


def anchors(page: Path) -> set[str]:
    """The anchors of the headings, as GitHub and MkDocs make them."""
    text = _FENCED.sub("", page.read_text())
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    plain = [unicodedata.normalize("NFKD", heading).replace("`", "").lower() for heading in headings]
    return {re.sub(r"[\s]+", "-", re.sub(r"[^\w\s-]", "", heading).strip()) for heading in plain}


@pytest.mark.parametrize("page", [*PAGES, ROOT / "README.md"], ids=lambda page: page.name)
def test_links_lead_to_pages_and_headings(page: Path) -> None:
    for link in _LINK.findall(_FENCED.sub("", page.read_text())):
        if link.startswith(("http://", "https://")):
            continue
        file, _, anchor = link.partition("#")
        target = page.parent / file if file else page
        assert target.is_file(), f"{page.name} links to {link}"
        assert not anchor or anchor in anchors(target), f"{page.name} links to {link}"


def test_every_page_is_in_the_navigation_once() -> None:
    named = re.findall(r": ([\w-]+\.md)$", (ROOT / "mkdocs.yml").read_text(), re.MULTILINE)
    assert sorted(named) == [page.name for page in PAGES]


def test_every_task_has_a_page_with_what_is_asked_its_shapes_and_its_data() -> None:
    tasks = sorted(path.parent.name for path in (ROOT / "tasks").glob("*/task.py"))
    assert len(tasks) >= 9
    for task in tasks:
        page = (ROOT / "docs" / f"{TASK_OF_PAGE.get(task, task)}.md").read_text()
        assert f"run {task}" in page or f"`{task}`" in page, task
        assert re.search(r"^## What (is asked|a submission sees)$", page, re.MULTILINE), task
        assert re.search(r"\(\w+, ?[\w, ]*\)", page), f"no shape on the page of {task}"
        variants = find_task(task).dataset.variants
        assert variants
        assert [name for name in variants if f"`{name}`" not in page] == [], task


@pytest.mark.slow
@pytest.mark.skipif(not MKDOCS.exists(), reason="needs the environment that 'make docs' installs")
def test_the_site_builds_without_a_warning_and_loads_nothing_from_elsewhere(tmp_path: Path) -> None:
    command = [MKDOCS, "build", "--strict", "--quiet", "--site-dir", tmp_path]
    quiet = {"NO_MKDOCS_2_WARNING": "1"}
    told = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, env=quiet, check=False)
    assert (told.returncode, told.stdout, told.stderr) == (0, "", "")
    built = sorted(tmp_path.glob("*.html"))
    assert len(built) == len(PAGES) + 1  # and the page for what is not found
    loaded = {address for page in built for address in loads(page)}
    assert loaded
    assert not {address for address in loaded if "//" in address}
    assert "run_bench.py run" in (tmp_path / "commands.html").read_text()


def loads(page: Path) -> Iterator[str]:
    """The addresses from which a page loads scripts, styles and pictures."""
    found: list[str] = []

    class Reader(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            values = dict(attrs)
            if tag in {"script", "img", "iframe", "source"}:
                found.append(values.get("src") or "")
            elif tag == "link" and values.get("rel") != "canonical":
                found.append(values.get("href") or "")

    Reader().feed(page.read_text())
    return iter(found)
