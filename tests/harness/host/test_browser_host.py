"""A submission in JavaScript, in real Chromium: the wire, the contract, and the walls."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from harness.host import codec
from harness.host.browser import protocol
from harness.intake.lookup import inspect
from harness.sandbox import choose
from harness.session.session import Session
from harness.session.settings import ExecutionSettings
from harness.session.worker import HOST, browser
from harness.spec import PROFILES, Limits
from harness.spec.errors import InvalidSubmission, NotAvailable, SubmissionFailed

LIMITS = Limits(build_s=30, query_s=10, memory_mb=2048)


def reason() -> str:
    """Why no page can be run here; empty where one can."""
    try:
        browser()
    except NotAvailable as error:
        return str(error)
    backend = choose(None)
    return "" if backend.name == "bubblewrap" else "only bubblewrap gives a browser a network of its own"


pytestmark = [pytest.mark.slow, pytest.mark.skipif(bool(reason()), reason=reason() or "-")]


class Page:
    """Starts a page around a submission's source."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.sessions: list[Session] = []

    def __call__(self, source: str, **files: str) -> Session:
        entry = self.folder / "entry"
        entry.mkdir()
        (entry / "submission.js").write_text(source)
        for name, text in files.items():
            (entry / name).write_text(text)
        public = self.folder / "public"
        public.mkdir()
        (public / "word.txt").write_text("from the public folder")
        settings = ExecutionSettings(choose(None), PROFILES["browser"], LIMITS, public, {"answer": 42})
        session = Session(settings, inspect(entry, LIMITS, public.parent / "entries"), seed=7)
        self.sessions.append(session)
        session.start()
        session.load()
        return session


@pytest.fixture
def page(tmp_path: Path) -> Any:
    made = Page(tmp_path)
    yield made
    for session in made.sessions:
        session.close()


def answer(session: Session, x: Any) -> Any:
    return session.answers(session.ask(x))[0]


def test_arrays_of_every_kind_cross_and_come_back(page: Page) -> None:
    session = page(
        """export const build = () => (x) => Object.fromEntries(
             Object.entries(x).map(([name, { data, shape }]) => [name, { data, shape }]));"""
    )
    session.build()
    rng = np.random.default_rng(0)
    for sides in ((3, 5), (300, 400), (0, 2), ()):
        x = {
            dtype: rng.integers(0, 100, sides).astype(dtype)
            for dtype in ("u1", "i1", "u2", "i2", "u4", "i4", "i8", "f4", "f8")
        }
        back = answer(session, x)
        assert back.keys() == x.keys()
        for name, array in x.items():
            assert back[name].dtype == array.dtype
            assert np.array_equal(back[name], array)


def test_the_context_says_what_pythons_says(page: Page) -> None:
    session = page(
        """export async function build(context) {
             const word = await (await fetch(context.public + "word.txt")).text();
             console.log(word);
             const told = [context.profile.threads, context.seed, context.params.answer];
             return () => ({ data: Float64Array.from(told), shape: [3] });
           }"""
    )
    session.build()
    assert list(answer(session, np.zeros(1))) == [len(session.settings.cpus), 7, 42]
    assert "from the public folder" in session.log_text()


def test_many_at_once_go_to_batch_or_to_each(page: Page) -> None:
    session = page(
        "export const build = () => async ({ data, shape }) => ({ data: data.map((v) => v * 2), shape });"
    )
    session.build()
    xs = [np.full(4, n, np.float32) for n in range(5)]
    answers = session.answers(session.ask_all(xs), 5)
    assert [float(one[0]) for one in answers] == [0, 2, 4, 6, 8]


def test_threads_and_a_fine_clock_are_there(page: Page) -> None:
    session = page(
        """export const build = () => () =>
             ({ data: Uint8Array.of(crossOriginIsolated ? 1 : 0), shape: [1] });"""
    )
    session.build()
    assert answer(session, np.zeros(1))[0] == 1


def test_the_pages_own_clock_is_told_beside(page: Page) -> None:
    session = page(
        """export const build = () => async () => {
             await new Promise((over) => setTimeout(over, 60));
             return { data: new Uint8Array(1), shape: [1] };
           };"""
    )
    session.build()
    timed = session.ask(np.zeros(1))
    (own,) = session.report()["page_ms"]
    assert 55 < own <= timed.ns / 1e6


def test_nothing_but_the_harness_can_be_reached_and_the_report_says_who_was_wanted(page: Page) -> None:
    session = page(
        """export async function build() {
             const failed = [];
             for (const url of ["https://example.com/weights.bin", "http://127.0.0.1:9/"]) {
               await fetch(url).catch((error) => failed.push(error.name));
             }
             const picture = new Image();
             picture.src = "http://example.org/a.png";
             await new Promise((over) => { picture.onerror = over; });
             return () => ({ data: Uint8Array.of(failed.length), shape: [1] });
           }"""
    )
    session.build()
    assert answer(session, np.zeros(1))[0] == 2
    wanted = {"https://example.com/weights.bin", "http://127.0.0.1:9/", "http://example.org/a.png"}
    for _ in range(20):  # reports come a little later, more so on a busy machine
        refused = {said.partition(" ")[0] for said in session.report()["refused"]}
        if refused == wanted:
            break
    assert refused == wanted


def test_a_page_that_leaves_for_another_address_is_gone(page: Page) -> None:
    session = page(
        """export const build = () => () => {
             location.href = "https://example.com/";
             return new Promise(() => {});
           };"""
    )
    session.build()
    with pytest.raises(SubmissionFailed):
        session.ask(np.zeros(1))


def test_the_files_of_the_machine_are_out_of_reach(page: Page) -> None:
    session = page(
        """export async function build() {
             const up = ["/submission/../../../", "/submission/%2e%2e/%2e%2e/", "/submission//", "/"];
             const paths = up.map((folder) => folder + "etc/passwd");
             const found = await Promise.all(paths.map(async (path) => (await fetch(path)).status));
             return () => ({ data: Int32Array.from(found), shape: [found.length] });
           }"""
    )
    session.build()
    assert list(answer(session, np.zeros(1))) == [404] * 4


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
    written = dict(re.findall(r"export const (\w+) = (\d+);", protocol()))
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
