"""The pages in a real browser: no error, nothing asked of another machine, usable by keyboard."""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import uvicorn
from playwright.sync_api import Browser, Page, sync_playwright

from leaderboards.web.app import create_app
from leaderboards.web.source import KnownTasks
from tests.leaderboards.web.site import HOSTILE, Close, Site

CHROMIUM = Path("/usr/bin/chromium")
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)

pytestmark = pytest.mark.skipif(
    not CHROMIUM.exists(), reason="needs Debian's chromium: apt-get install chromium"
)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=str(CHROMIUM), args=list(FLAGS))
        yield launched
        launched.close()


@pytest.fixture
def known_tasks() -> KnownTasks | None:
    """The tasks that have pages; none here."""
    return None


@pytest.fixture
def address(site: Site, known_tasks: KnownTasks | None) -> Iterator[str]:
    """The site, served on a free port of this machine."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        server = uvicorn.Server(uvicorn.Config(create_app(site.home, known_tasks), log_level="warning"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        server.should_exit = True
        thread.join(timeout=20)
    assert not thread.is_alive()


@pytest.fixture
def page(browser: Browser, address: str) -> Iterator[Page]:
    """A page of a fresh profile that complains about any error and any request that leaves this machine."""
    context = browser.new_context(base_url=address, viewport={"width": 1280, "height": 900})
    opened, wrong = context.new_page(), []
    opened.on("console", lambda m: wrong.append(m.text) if m.type in {"error", "warning"} else None)
    opened.on("pageerror", lambda error: wrong.append(str(error)))
    opened.on("response", lambda r: wrong.append(f"{r.status} {r.url}") if r.status >= 400 else None)
    opened.on("request", lambda r: wrong.append(r.url) if not r.url.startswith(f"{address}/") else None)
    opened.set_default_timeout(10_000)
    yield opened
    context.close()
    assert not wrong


def first_entry(page: Page) -> str:
    return page.locator("tbody tr:first-child .entry bdi").first.inner_text()


@pytest.mark.parametrize(
    ("width", "scheme"),
    [
        (1280, "light"),
        (390, "dark"),
        pytest.param(1280, "dark", marks=pytest.mark.slow),
        pytest.param(390, "light", marks=pytest.mark.slow),
    ],
)
def test_every_page_opens_and_fits(page: Page, site: Site, close: Close, width: int, scheme: str) -> None:
    for name in HOSTILE.values():
        site.add(name, 0.3, team=name, minute=30)
    close({"tracked": 0.6, "close": 0.718, "cnn": 0.72, "slow": 0.3, "blob": 0.4, "newcomer": 0.9})
    record = site.records["tracked"]
    page.set_viewport_size({"width": width, "height": 844})
    page.emulate_media(color_scheme=scheme)
    board, pair = f"/boards/{site.board}", f"/compare?a={record}&b={site.records['cnn']}"
    for path in (
        "/",
        board,
        f"{board}/history",
        f"{board}/final",
        f"/records/{record}",
        pair,
        "/compare",
        "/api",
    ):
        answer = page.goto(path)
        assert answer is not None and answer.status == 200
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
        background = page.evaluate("getComputedStyle(document.body).backgroundColor")
        assert background == {"light": "rgb(251, 250, 247)", "dark": "rgb(19, 21, 24)"}[scheme]
        if folder := os.environ.get("PHOTOFINISH_SCREENSHOTS"):
            name = path.partition("&b=")[0].strip("/").replace("/", "-").replace("?a=", "-") or "home"
            page.screenshot(path=Path(folder) / f"{name}-{scheme}-{width}.png", full_page=True)


def test_a_visit_from_the_list_of_boards_to_a_comparison(page: Page, site: Site) -> None:
    page.goto("/")
    page.locator(f"a.card[href='/boards/{site.board}']").click()
    assert first_entry(page) == "tracked"

    ranking = page.get_by_role("region", name="The ranking")
    ranking.get_by_role("link", name="p50", exact=True).click()
    assert first_entry(page) == "close"
    assert page.locator("th[aria-sort=ascending]").inner_text().startswith("p50")
    ranking.get_by_role("link", name="p50", exact=True).click()
    assert first_entry(page) == "slow"

    page.get_by_role("navigation", name="Profile").get_by_role("link", name="edge").click()
    assert first_entry(page) == "cnn on edge"
    page.go_back()

    button = page.locator("#pick button")
    assert button.is_disabled()
    page.get_by_label("compare tracked").check()
    page.get_by_label("compare cnn").check()
    assert page.get_by_label("compare blob").is_disabled()
    assert button.inner_text() == "Compare tracked and cnn"
    button.click()
    assert "ahead of cnn in F2" in page.inner_text("main")

    page.get_by_role("link", name="tracked").first.click()
    page.wait_for_url(f"**/records/{site.records['tracked']}")
    assert page.locator("img").evaluate_all("images => images.every(i => i.complete && i.naturalWidth > 0)")
    page.get_by_label("compare with").select_option(label="4 slow")
    page.get_by_role("button", name="Compare", exact=True).click()
    assert "slow" in page.inner_text("h1")


def test_points_tell_and_lead_by_keyboard(page: Page, site: Site) -> None:
    page.goto(f"/boards/{site.board}")
    tip = page.locator(".tip")
    assert tip.is_hidden()
    points = page.locator("a.point")
    points.first.focus()
    assert tip.is_visible()
    told = tip.inner_text()
    page.keyboard.press("ArrowRight")
    assert tip.inner_text() != told
    record = page.evaluate("document.activeElement.dataset.record")
    assert page.locator(f"tr.lit[data-record='{record}']").count() == 1
    page.keyboard.press("Escape")
    assert tip.is_hidden()
    page.get_by_label("Pareto front only").check()
    assert points.locator("visible=true").count() == 3
    page.keyboard.press("Shift+Tab")
    page.locator(f"a.point[data-record='{site.records['close']}']").focus()
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/records/{site.records['close']}")


def test_the_first_tab_skips_to_the_content_and_focus_is_seen(page: Page) -> None:
    page.goto("/")
    page.keyboard.press("Tab")
    skip = page.locator("a.skip")
    assert skip.evaluate("one => one === document.activeElement")
    page.wait_for_function("document.querySelector('.skip').getBoundingClientRect().top >= 0")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "card"
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"


def test_the_theme_is_switched_and_kept(page: Page) -> None:
    page.emulate_media(color_scheme="light")
    page.goto("/")
    button = page.get_by_role("button", name="Switch between dark and light")
    button.click()
    assert button.get_attribute("aria-pressed") == "true"
    page.goto("/api")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(19, 21, 24)"


def test_without_scripts_everything_is_still_there(browser: Browser, address: str, site: Site) -> None:
    context = browser.new_context(base_url=address, java_script_enabled=False)
    page = context.new_page()
    page.goto(f"/boards/{site.board}")
    page.get_by_role("link", name="memory", exact=True).last.click()
    assert first_entry(page) == "blob"
    page.get_by_label("compare tracked").check()
    page.get_by_label("compare cnn").check()
    page.get_by_role("button", name="Compare").click()
    assert "tells them apart" in page.inner_text("main")
    context.close()


def test_hostile_names_run_nothing(page: Page, site: Site) -> None:
    records = [
        site.add(name, 0.79 + number / 100, team=name, ratio=0.1 + number, minute=40)
        for number, name in enumerate(HOSTILE.values())
    ]
    page.on("dialog", lambda dialog: pytest.fail(f"a dialog opened: {dialog.message}"))
    for record in records[:2]:
        page.goto(f"/records/{record}")
        page.goto(f"/compare?a={record}&b={site.records['cnn']}")
    page.goto(f"/boards/{site.board}")
    for record in records:
        page.locator(f"a.point[data-record='{record}']").focus()
        assert page.locator(".tip").is_visible()
        assert page.locator(".tip *:not(strong, span)").count() == 0
