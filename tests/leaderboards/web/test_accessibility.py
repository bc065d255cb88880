"""Every page at four widths in both themes: nothing sticks out, no error, and axe-core finds no fault."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from playwright.sync_api import Page

from harness.intake.lookup import find_task, shipped_names, task_names
from leaderboards.web.source import KnownTasks
from tests.leaderboards.web.site import HOSTILE, Close, Site, kept_comparison
from tests.leaderboards.web.test_browser import CHROMIUM, address, browser, page

__all__ = ["address", "browser", "page"]
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not CHROMIUM.exists(), reason="needs Debian's chromium: apt-get install chromium"),
]


@pytest.fixture
def known_tasks() -> KnownTasks:
    return KnownTasks(tuple(task_names()), find_task, shipped_names)


def paths(site: Site) -> dict[str, str]:
    board, record = f"/boards/{site.board}", site.records["tracked"]
    return {
        "home": "/",
        "board": board,
        "board-by-memory": f"{board}?x=memory_peak_mb&sort=memory_peak_mb",
        "profiles": f"{board}/table",
        "history": f"{board}/history",
        "final": f"{board}/final",
        "entry": f"/records/{record}",
        "entry-beside": f"/records/{record}?beside={site.records['cnn']}",
        "failed-entry": f"/records/{site.records['broken']}",
        "comparison": f"/compare?a={record}&b={site.records['cnn']}",
        "kept-comparison": f"/comparisons/{kept_comparison(site, disturbed=2)}",
        "provisional-comparison": f"/compare?a={record}&b={site.records['newcomer']}",
        "choose": "/compare",
        "tasks": "/tasks",
        "task": "/tasks/cots",
        "api": "/api",
    }


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 390, 1280, 1440])
def test_every_page_fits_and_can_be_read_by_all(
    page: Page, site: Site, close: Close, width: int, scheme: str
) -> None:
    axe = pytest.importorskip(
        "axe_playwright_python.sync_playwright", reason="'make setup' installs it"
    ).Axe()
    site.add(HOSTILE["long"], 0.3, team=HOSTILE["rtl"], minute=30)
    close({"tracked": 0.6, "close": 0.718, "cnn": 0.72, "slow": 0.3, "blob": 0.4, "newcomer": 0.9})
    page.set_viewport_size({"width": width, "height": 900})
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    found = {}
    for name, path in paths(site).items():
        page.goto(path)
        if folder := os.environ.get("PHOTOFINISH_SCREENSHOTS"):
            page.screenshot(path=Path(folder) / f"{name}-{width}-{scheme}.png", full_page=True)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, name
        for violation in axe.run(page).response["violations"]:
            found[name, violation["id"]] = [node["html"][:160] for node in violation["nodes"]][:4]
    assert found == {}
