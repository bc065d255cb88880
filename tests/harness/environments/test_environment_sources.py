"""Where packages come from: an index, a folder of wheels, a page of links; and for which Python."""

from __future__ import annotations

import platform
from collections.abc import Callable
from pathlib import Path

import pytest

from harness.environments import pythons
from harness.spec import Environment
from harness.spec.errors import InvalidSubmission, NotAvailable
from tests.harness.environments.wheelhouse import (
    HASH,
    SMALL,
    requirements,
    served,
)

MINE = platform.python_version()


Build = Callable[..., Environment]


def test_bytes_that_are_not_those_of_the_index_are_refused(index: str, build: Build) -> None:
    [name] = SMALL
    with (
        served({name: b"other"}) as lying,
        pytest.raises(InvalidSubmission, match="no hash of 'small'"),
    ):
        build({"requirements.txt": requirements(SMALL)}, sources=(lying,))


def test_a_source_that_does_not_answer_is_named(build: Build, index: str, silent: str) -> None:
    with pytest.raises(NotAvailable, match=r"/simple/small/ cannot be reached.*run again"):
        build({"requirements.txt": requirements(SMALL)}, sources=(silent,))
    with pytest.raises(InvalidSubmission, match=rf"no package 'gone' at {index};.*\({silent} gave no list"):
        build({"requirements.txt": f"gone==1 --hash=sha256:{HASH}"}, sources=(silent, index))
    assert build({"requirements.txt": requirements(SMALL)}, sources=(silent, index)).versions


def test_a_folder_of_wheels_is_a_source(
    build: Build, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, data in SMALL.items():
        (tmp_path / name).write_bytes(data)
    monkeypatch.setenv("PHOTOFINISH_PACKAGES", str(tmp_path))
    assert build({"requirements.txt": requirements(SMALL)}).versions == {"small": "1.0"}


def test_a_page_of_links_is_a_source(build: Build) -> None:
    from harness.environments import index as indexes

    page = f'<a href="../../files/small-1.0-py3-none-any.whl#sha256={HASH}">small</a><a href="x">y</a>'
    [file] = indexes._of_html(page, "http://host/simple/small/")
    assert (file.url, file.sha256) == ("http://host/files/small-1.0-py3-none-any.whl", HASH)


def test_another_python_is_used_where_the_machine_has_it(build: Build) -> None:
    others = [python for python in pythons.known() if python.version != MINE]
    if not others:
        pytest.skip("this machine has one Python alone")
    made = build({"requirements.txt": requirements(SMALL), ".python-version": others[0].version})
    assert made.python_version == others[0].version
    assert made.python.resolve() == others[0].program


def test_a_python_that_is_not_here_is_named_with_those_that_are(build: Build) -> None:
    with pytest.raises(NotAvailable, match=rf"asks for Python ==2.5.\*; this machine has {MINE}"):
        build({"requirements.txt": requirements(SMALL), ".python-version": "2.5"})
