"""Labelled texts: prose out of packages, reviews out of a user's file, and input that is refused."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from datasets.texts import docstrings, imdb, texts
from datasets.texts.layout import Text, classes, read_test, read_train, rows
from harness.spec import DataRequest, Prepared
from harness.spec.errors import BadData, NotAvailable

SHARED = Path(os.environ.get("PHOTOFINISH_CHECK_DATA", Path(__file__).parents[3] / "shared" / "data"))
IMDB = SHARED / "imdb" / "aclImdb_labelled.parquet"
SOURCE = '''
"""Short."""

def fit(x):
    """Fit ``x`` and keep pandas.DataFrame rows whose value_counts() agree with what networkx says about them.

    x : array
        Indented text is a description of a parameter and follows its name on the next line here.

    >>> fit(1)  # an example of code is not prose, however many English words of comment it may have

    Fit ``y`` and keep pandas.DataFrame rows whose value_counts() agree with what networkx says about them.
    """
'''


def test_prose_is_whole_and_names_are_masked() -> None:
    first, *_, last = docstrings.prose(SOURCE.encode())
    assert first == "Fit X and keep X rows whose X agree with what X says about them."
    assert last == first
    assert list(docstrings.prose(b"not ( python")) == []
    assert docstrings.masked("Too few words here.") == ""


def test_what_occurs_twice_is_kept_once_and_what_two_packages_say_not_at_all() -> None:
    found = {
        "a": [Text(b"One two.", 0, "a/1"), Text(b"one, TWO", 0, "a/2"), Text(b"Shared words", 0, "a/2")],
        "b": [Text(b"shared words!", 1, "b/1"), Text(b"Own words", 1, "b/1")],
    }
    kept = docstrings.unique(found)
    assert [text.text for text in kept["a"]] == [b"One two."]
    assert [text.text for text in kept["b"]] == [b"Own words"]


@pytest.fixture
def two_packages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(docstrings, "PACKAGES", {name: (name, name) for name in ("alembic", "jinja2")})
    monkeypatch.setattr(docstrings, "MOST", 200)


def test_docstrings_split_by_file_and_are_the_same_every_time(tmp_path: Path, two_packages: None) -> None:
    one = texts.prepare(DataRequest("docstrings", tmp_path / "one"))
    again = texts.prepare(DataRequest("docstrings", tmp_path / "again"))
    assert one.sha256 == again.sha256
    assert classes(one.public) == ["alembic", "jinja2"]
    train, test = read_train(one.public), read_test(one.private)
    assert rows(one.public) == len(train)
    assert len(train) + len(test) <= 400
    assert {text.label for text in train} == {text.label for text in test} == {0, 1}
    assert not {text.text for text in train} & {text.text for text in test}
    assert all(text.group for text in test)
    assert not any(b"_" in text.text for text in train)


def test_a_missing_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(docstrings, "PACKAGES", {"none": ("no_such_module", "no-such-package")})
    with pytest.raises(NotAvailable, match="no-such-package is missing"):
        list(docstrings.lots_of("none"))


def reviews(path: Path, **columns: Any) -> Path:
    given: Mapping[str, Any] = {
        "text": ["good", "bad", "good", "fine", "bad"],
        "label": [1, 0, 1, 1, 0],
        "split": ["train", "train", "test", "test", "test"],
        **columns,
    }
    pq.write_table(pa.table({name: values for name, values in given.items() if values is not None}), path)
    return path


def test_reviews_in_both_splits_are_not_asked_about(tmp_path: Path) -> None:
    path = reviews(tmp_path / "reviews.parquet")
    prepared: Prepared = texts.prepare(DataRequest("docstrings", tmp_path / "cache", path))
    assert prepared.variant == "imdb"
    assert [text.text for text in read_test(prepared.private)] == [b"fine"]
    assert {(text.text, text.label) for text in read_train(prepared.public)} == {(b"good", 1), (b"bad", 0)}


@pytest.mark.skipif(not IMDB.is_file(), reason=f"the IMDB reviews are not at {IMDB}")
def test_123_imdb_reviews_stand_in_both_splits() -> None:
    train, test = imdb.read(IMDB)
    assert (len(train), len(test)) == (25_000, 25_000)
    assert len(test) - len(imdb.without_known(test, train)) == 123


@pytest.mark.parametrize(
    ("columns", "said"),
    [
        ({"label": [1, 0, 2, 1, 0]}, "row 2: text must be a string"),
        ({"text": ["a", None, "b", "c", "d"]}, "row 1: text must be a string"),
        ({"split": ["train", "train", "test", "test", "dev"]}, "row 4"),
        ({"split": ["train"] * 5}, "the split 'test' must hold reviews of both labels"),
        ({"split": None}, "split"),
    ],
    ids=["label", "text", "split", "no-test", "no-column"],
)
def test_a_file_without_reviews_is_refused(tmp_path: Path, columns: Mapping[str, Any], said: str) -> None:
    with pytest.raises(BadData, match=said):
        imdb.read(reviews(tmp_path / "reviews.parquet", **columns))


def test_broken_and_missing_files_are_refused(tmp_path: Path) -> None:
    broken = tmp_path / "broken.parquet"
    broken.write_bytes(b"PAR1 and nothing else")
    for request, said in (
        (DataRequest("imdb", tmp_path), "needs --from"),
        (DataRequest("imdb", tmp_path, tmp_path / "none.parquet"), "there is no file"),
        (DataRequest("imdb", tmp_path, broken), "cannot be read as Parquet"),
    ):
        with pytest.raises(BadData, match=said):
            texts.prepare(request)
