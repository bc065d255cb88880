"""A submission in JavaScript, in real Chromium: the wire, the contract, and the walls."""

from __future__ import annotations

import numpy as np
import pytest

from harness.spec.errors import SubmissionFailed
from tests.harness.host.browser_page import ONLY_WITH_A_BROWSER, Page, answer

pytestmark = ONLY_WITH_A_BROWSER


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
