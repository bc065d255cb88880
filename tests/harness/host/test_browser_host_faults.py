"""Faults of a browser submission are told to its author."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from harness.host import codec
from harness.host.browser import script
from harness.intake.lookup import inspect
from harness.sandbox import choose
from harness.session.session import Session
from harness.session.settings import ExecutionSettings
from harness.session.worker import HOST
from harness.spec import PROFILES
from harness.spec.errors import InvalidSubmission, NotAvailable, SubmissionFailed
from tests.harness.host.browser_page import LIMITS, ONLY_WITH_A_BROWSER, Page, answer

pytestmark = ONLY_WITH_A_BROWSER


@pytest.mark.parametrize(
    ("source", "told"),
    [
        ("export const other = 1;", "no function build"),
        ("export const build = () => 3;", "no function predict"),
        ("export const build = (", "SyntaxError"),
    ],
)
def test_what_is_no_submission_is_told_so(page: Page, source: str, told: str) -> None:
    with pytest.raises(InvalidSubmission, match=told):
        page(source).build()


@pytest.mark.parametrize("returned", ["null", "[1, 2]", "{ data: new Float32Array(3), shape: [4] }"])
def test_an_answer_that_is_none_is_invalid(page: Page, returned: str) -> None:
    session = page(f"export const build = () => () => ({returned});")
    session.build()
    with pytest.raises(InvalidSubmission):
        session.ask(np.zeros(1))


def test_an_error_says_the_contestants_own_line(page: Page) -> None:
    session = page("export const build = () => (x) => {\n  return x.nothing.data;\n};")
    session.build()
    with pytest.raises(SubmissionFailed, match=r"TypeError.*submission\.js, line 2"):
        session.ask(np.zeros(1))


def test_an_answer_sent_ahead_is_no_answer(page: Page) -> None:
    """Of the page's socket the contestant can get hold; the nonce of a query it cannot know before."""
    session = page(
        """const send = WebSocket.prototype.send;
           WebSocket.prototype.send = function (data) {
             send.call(this, data);
             if (globalThis.ahead && data instanceof ArrayBuffer) {
               globalThis.ahead = false;
               send.call(this, data);
             }
           };
           export const build = () => () => {
             globalThis.ahead = true;
             return { data: new Uint8Array(1), shape: [1] };
           };"""
    )
    session.build()
    session.ask(np.zeros(1))
    with pytest.raises(InvalidSubmission, match="nonce"):
        session.ask(np.zeros(1))


def test_a_message_longer_than_one_frame_arrives_whole(page: Page) -> None:
    session = page("export const build = () => (x) => x;")
    session.build()
    large = np.random.default_rng(1).random((1200, 1500)).astype(np.float32)
    assert np.array_equal(answer(session, large), large)


def test_too_large_an_answer_is_told(page: Page) -> None:
    session = page("export const build = () => () => ({ data: new Uint8Array(17e6), shape: [17e6] });")
    session.build()
    with pytest.raises(InvalidSubmission, match="fit"):
        session.ask(np.zeros(1))


def test_the_page_has_no_numbers_of_its_own() -> None:
    source = (HOST / "page" / "page.js").read_text() + (HOST / "page" / "codec.js").read_text()
    imported = {name for names in re.findall(r"import \{([^}]*)\} from \"/protocol.js\"", source)
                for name in re.findall(r"\w+", names)}  # fmt: skip
    written = dict(re.findall(r"export const (\w+) = (\d+);", script()))
    assert imported <= set(written)
    assert int(written["ALIGN"]) == codec.ALIGN
    assert {int(written[name]) for name in ("NONCE_AT", "KIND_AT", "LAYOUT_AT", "MILLISECONDS_AT")} == {
        0,
        8,
        12,
        16,
    }
    assert not re.search(r"\b(?:const|let) [A-Z_]+ = \d", source)


def test_other_isolation_than_bubblewrap_says_why_it_cannot(tmp_path: Path) -> None:
    (tmp_path / "submission.js").write_text("export const build = () => () => 1;")
    backend = choose("landlock")
    settings = ExecutionSettings(backend, PROFILES["browser"], replace(LIMITS), tmp_path, {})
    with (
        Session(settings, inspect(tmp_path, LIMITS, tmp_path / "home" / "entries"), 0) as session,
        pytest.raises(NotAvailable, match="bubblewrap"),
    ):
        session.start()
