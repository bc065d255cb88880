"""A host watches a job in headless Chromium: what it prints appears without loading the page again."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect, sync_playwright

from competitions.evaluation.attempts import attempt_log
from competitions.evaluation.finishing import Failed, finish
from competitions.queue import leases
from competitions.store import people
from harness.session.live_log import LiveLog
from tests.competitions.conftest import Play
from tests.competitions.pages.test_visit import look
from tests.competitions.serving import serving
from tests.leaderboards.web.test_browser import CHROMIUM, FLAGS


@pytest.mark.slow
@pytest.mark.skipif(not CHROMIUM.exists(), reason="needs Debian's chromium: apt-get install chromium")
def test_lines_and_stages_appear_while_a_job_runs(tiny: Play) -> None:
    made = tiny.submit(tiny.account("ann"), "# mine", "mine.py")
    held = leases.claim(tiny.engine, "north-1")
    assert held is not None
    log = LiveLog(attempt_log(tiny.home, "tiny", made.id, 1))
    path = f"/competitions/tiny/host/submissions/{made.id}"
    with serving(tiny.home) as port, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=list(FLAGS))
        page = browser.new_context(base_url=f"http://127.0.0.1:{port}").new_page()
        page.set_default_timeout(15_000)
        page.goto("/competitions/-/sign-in")
        page.get_by_label("Token").fill(people.new_token(tiny.engine, tiny.host))
        with page.expect_navigation():  # or the next page would be asked for while this one is on its way
            page.keyboard.press("Enter")
        page.goto(path)
        expect(page.locator("#live")).to_contain_text("Nothing was printed.")
        log.say("evaluation on hidden data, worker north-1")
        for step in range(40):
            log.add(f'{{"step": {step}, "steps": 40, "loss": {1 / (step + 1):.3f}}} <b>& more\n'.encode())
        expect(page.locator("#live pre")).to_contain_text('{"step": 39, "steps": 40')
        leases.tell_stage(tiny.engine, held, "evaluation on hidden data (120 of 400, about 3 min left)")
        expect(page.locator("#live")).to_contain_text("about 3 min left")
        look(page, path, "job")
        assert finish(tiny.engine, held, Failed("theirs", "it raised an error or its process ended"))
        expect(page.locator("#live")).to_contain_text("Attempt 1: failed: theirs")
        browser.close()
