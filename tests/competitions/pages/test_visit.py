"""A whole competition in headless Chromium: a new user takes part, the host closes; nothing is simulated."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from competitions.evaluation.worker import Bench, work
from competitions.store import people
from tests.competitions.conftest import Play, right
from tests.competitions.serving import serving
from tests.leaderboards.web.test_browser import CHROMIUM, FLAGS

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not CHROMIUM.exists(), reason="needs Debian's chromium: apt-get install chromium"),
]
COINS = "/competitions/coins"
Open = Callable[..., Page]
_LOOKS = [(320, "light"), *((width, scheme) for width in (1280, 390) for scheme in ("light", "dark"))]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=str(CHROMIUM), args=list(FLAGS))
        yield launched
        launched.close()


@pytest.fixture
def address(play: Play) -> Iterator[str]:
    """The site on a free port, with a worker beside it."""
    stop = threading.Event()
    worker = threading.Thread(target=work, args=(Bench.here(play.engine, play.home), stop))
    with serving(play.home) as port:
        worker.start()
        yield f"http://127.0.0.1:{port}"
        stop.set()
        worker.join()


@pytest.fixture
def opened(browser: Browser, address: str) -> Iterator[Open]:
    """Open browsers of their own, and complain of errors and of what is loaded from elsewhere."""
    contexts: list[BrowserContext] = []
    wrong: list[str] = []

    def open_(expected: str = "nothing") -> Page:
        size = {"width": 1280, "height": 900}
        context = browser.new_context(base_url=address, viewport=size)
        contexts.append(context)
        page = context.new_page()
        page.on(
            "console",
            lambda m: wrong.append(m.text) if m.type == "error" and expected not in m.text else None,
        )
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on(
            "request", lambda r: wrong.append(r.url) if not r.url.startswith((address, "data:")) else None
        )
        page.set_default_timeout(15_000)
        return page

    yield open_
    for context in contexts:
        context.close()
    assert not wrong


def sign_up(page: Page, name: str) -> str:
    page.goto("/competitions/-/sign-up")
    page.get_by_label("Name").fill(name)
    page.get_by_role("button", name="Sign up").click()
    return page.locator("#token").inner_text()


def hand_in(page: Page, folder: Path, name: str, text: str, description: str) -> None:
    (folder / name).write_text(text)
    page.goto(f"{COINS}/submit")
    page.get_by_label("File").set_input_files(folder / name)
    page.get_by_label("What is new in it?").fill(description)
    page.get_by_role("button", name="Submit", exact=True).click()
    expect(page.locator("#told")).to_contain_text("Submitted as number")


def look(page: Page, path: str, name: str) -> None:
    """Check that a page fits every width in both themes; keep pictures where a folder is named for them."""
    for width, scheme in _LOOKS:
        page.set_viewport_size({"width": width, "height": 844})
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        page.goto(path)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, (path, width)
        if folder := os.environ.get("PHOTOFINISH_SCREENSHOTS"):
            page.screenshot(path=Path(folder) / f"{name}-{scheme}-{width}.png", full_page=True)
    page.set_viewport_size({"width": 1280, "height": 900})


def test_a_new_user_takes_part_and_the_host_closes(play: Play, opened: Open, tmp_path: Path) -> None:
    play.submit(play.account("rival"), right(0.75, seed=2))
    page = opened()

    # Join: from the list to the rules.
    page.goto("/competitions")
    page.get_by_role("link", name="Guess the coins").click()
    page.get_by_role("link", name="Rules").click()
    page.locator("main").get_by_role("link", name="sign up").click()
    page.get_by_label("Name").fill("newcomer")
    page.keyboard.press("Enter")
    with page.expect_download() as download:
        page.get_by_role("link", name="Save kaggle.json").click()
    assert page.locator("#token").inner_text() in download.value.path().read_text()
    page.get_by_role("link", name="Continue").click()
    page.get_by_role("button", name="I accept the rules").click()
    assert page.url.endswith(f"{COINS}/submit")

    # Submit, and watch it being scored without loading the page again.
    hand_in(page, tmp_path, "first.csv", right(0.9), "first try")
    expect(page.locator("#live li").first).to_contain_text("scored")
    expect(page.locator("#heard")).to_contain_text("scored")

    # Another fails: its author reads why.
    hand_in(page, tmp_path, "broken.csv", "id,side\n0,1\n", "half a file")
    expect(page.locator("#live li").first).to_contain_text("failed")
    page.get_by_role("link", name="broken.csv").click()
    expect(page.locator("main")).to_contain_text("Failed in the rehearsal: no attempt was used.")
    expect(page.locator("p.verdict.bad")).to_contain_text("Failed.")

    # A file is dragged into the form; the better of two becomes final, by keyboard.
    page.goto(f"{COINS}/submit")
    drop(page, "dragged.csv", right(0.95, seed=3))
    page.get_by_role("button", name="Submit", exact=True).click()
    expect(page.locator("#live li").first).to_contain_text("scored")
    page.goto(f"{COINS}/submissions")
    row = page.get_by_role("row").filter(has_text="dragged.csv")
    row.get_by_role("button", name="as final").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("row").filter(has_text="dragged.csv").locator(".medal")).to_have_text("final")
    page.goto(f"{COINS}/board")
    expect(page.locator("tbody tr").first).to_contain_text("newcomer")

    # The host disqualifies and reinstates, then closes after the end.
    host = opened()
    host.goto("/competitions/-/sign-in?next=/competitions/coins/host")
    host.get_by_label("Token").fill(people.new_token(play.engine, play.host))
    host.get_by_role("button", name="Sign in").click()
    host.get_by_label("Disqualify").select_option(label="rival")
    host.get_by_label("Reason").fill("two accounts")
    host.get_by_role("button", name="Disqualify").click()
    expect(host.locator("main")).to_contain_text("rival is disqualified: two accounts")
    host.get_by_role("button", name="Reinstate rival").click()
    play.end_it()
    host.reload()
    host.get_by_label("Score the private rows").check()
    host.get_by_role("button", name="Close the competition").click()
    expect(host.locator("h2")).to_have_text("Final board")
    expect(host.locator("tbody tr").first).to_contain_text("newcomer")
    expect(host.locator("tbody tr").first).to_contain_text("First prize")


def drop(page: Page, name: str, text: str) -> None:
    """Drop a file on the form, as a mouse would."""
    transfer = page.evaluate_handle(
        "([name, text]) => { const t = new DataTransfer(); t.items.add(new File([text], name)); return t; }",
        [name, text],
    )
    page.locator("#drop").dispatch_event("dragover", {"dataTransfer": transfer})
    page.locator("#drop").dispatch_event("drop", {"dataTransfer": transfer})
    expect(page.locator("#told")).to_have_text(f"{name} is chosen.")


def test_refusals_of_an_upload_are_told_in_the_form(play: Play, opened: Open, tmp_path: Path) -> None:
    page = opened(expected="403")
    sign_up(page, "newcomer")
    page.goto(f"{COINS}/rules")
    page.get_by_role("button", name="I accept the rules").click()
    play.end_it()
    (tmp_path / "late.csv").write_text(right(0.9))
    page.get_by_label("File").set_input_files(tmp_path / "late.csv")
    page.get_by_role("button", name="Submit", exact=True).click()
    expect(page.locator("#told")).to_contain_text("The deadline of coins has passed")


def test_a_file_is_handed_in_without_scripts(
    play: Play, browser: Browser, address: str, tmp_path: Path
) -> None:
    play.account("ann")
    (tmp_path / "plain.csv").write_text(right(0.9))
    context = browser.new_context(base_url=address, java_script_enabled=False)
    page = context.new_page()
    page.goto(f"/competitions/-/sign-in?next={COINS}/submit")
    page.get_by_label("Token").fill(play.tokens["ann"])
    page.get_by_role("button", name="Sign in").click()
    page.get_by_label("File").set_input_files(tmp_path / "plain.csv")
    page.get_by_role("button", name="Submit", exact=True).click()
    expect(page).to_have_url(f"{address}{COINS}/submissions")
    expect(page.get_by_role("row").filter(has_text="plain.csv")).to_have_count(1)
    context.close()


def test_every_page_fits_a_phone_and_a_desk_in_both_themes(play: Play, opened: Open) -> None:
    ann = play.account("ann")
    for number, name in enumerate(("bob", "a team with a long name for a phone", "cem", "x" * 40)):
        play.submit(play.account(name), right(0.6 + number / 12, seed=number))
    scored = play.submit(ann, right(0.9), "a_rather_long_name_of_a_submission_file.csv")
    failed = play.submit(ann, "id,side\n0,1\n", "broken.csv")
    page, host = opened(), opened()
    for who, token in ((page, play.tokens["ann"]), (host, people.new_token(play.engine, play.host))):
        look(who, "/competitions/-/sign-in", "sign-in")
        who.get_by_label("Token").fill(token)
        who.get_by_role("button", name="Sign in").click()
    page.goto(f"{COINS}/submissions/{failed.id}")
    expect(page.locator(".verdict")).to_contain_text("Failed.")
    for tab in ("overview", "data", "rules", "board", "submit", "submissions", "team"):
        look(page, f"{COINS}/{tab}" if tab != "overview" else COINS, tab)
    look(page, f"{COINS}/submissions/{failed.id}", "failed")
    look(page, f"{COINS}/submissions/{scored.id}", "scored")
    look(page, "/competitions", "list")
    look(page, "/", "boards")
    look(page, "/competitions/-/account", "account")
    look(page, "/competitions/-/sign-up", "sign-up")
    look(host, f"{COINS}/host", "host")
    play.end_it()
    look(host, f"{COINS}/host", "host-ended")
    host.get_by_label("Score the private rows").check()
    host.get_by_role("button", name="Close the competition").click()
    expect(host.locator("h2")).to_have_text("Final board")
    look(page, f"{COINS}/board", "final")
    look(page, f"{COINS}/submissions", "submissions-closed")
