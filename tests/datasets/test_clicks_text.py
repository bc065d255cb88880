"""UCI Adult and Criteo's text format, read from small files written here and, where it lies, the real one."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from datasets.clicks import adult, clicks, criteo, parquet, store
from datasets.clicks.schema import Schema, joined
from harness import ROOT
from harness.spec import DataRequest, Prepared
from harness.spec.errors import BadData

CHECK_DATA = Path(os.environ.get("PHOTOFINISH_CHECK_DATA", ROOT.parent / "shared" / "data"))
HEAD = (
    "age,workclass,fnlwgt,education,education-num,marital-status,occupation,relationship,race,sex,"
    "capital-gain,capital-loss,hours-per-week,native-country,income-per-year"
)
PERSON = "{},Private,{},HS-grad,9,Divorced,Sales,Unmarried,White,Male,0,0,40,United-States,{}"


def prepare(folder: Path, name: str, text: str) -> Prepared:
    source = folder / "mine"
    source.mkdir()
    (source / name).write_text(text)
    return clicks.prepare(DataRequest("adult", folder / "cache", source))


def people(count: int = 60) -> list[str]:
    return [PERSON.format(20 + n % 40, 10_000 + n, "<=50K" if n % 3 else ">50K.") for n in range(count)]


def test_adult_becomes_numbers_and_ids_of_the_training_rows(tmp_path: Path) -> None:
    prepared = prepare(tmp_path, "adult.csv", "\n".join([HEAD, *people()]))
    schema = Schema.read(prepared.public)
    hidden, _ = store.read_hidden(prepared.private)
    rows = joined(list(parquet.read(prepared.public / store.TABLE, schema)))
    assert prepared.variant == "adult"
    assert len(rows) + len(hidden) == 60
    assert int(rows.label.sum() + hidden.label.sum()) == 20
    assert schema.numerical == adult.NUMBERS
    assert (rows.ids > 0).all(), "id 0 is for what the training rows never showed"
    assert rows.numerical.mean(axis=1) == pytest.approx(np.zeros(6), abs=1e-5)


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        ([], "adult.csv is empty"),
        ([HEAD], "has a header but no rows"),
        ([HEAD.replace("sex,", "gender,"), *people()], "adult.csv has no column 'sex'"),
        ([HEAD, *people(), PERSON.format(30, 1, "rich")], "'income-per-year' holds 'rich'"),
        (
            [HEAD, *people(), PERSON.format("old", 1, "<=50K")],
            "'age' holds a value that is not a finite number",
        ),
    ],
)
def test_a_broken_adult_is_refused_in_words(tmp_path: Path, lines: list[str], told: str) -> None:
    with pytest.raises(BadData, match=told):
        prepare(tmp_path, "adult.csv", "\n".join(lines))


@pytest.mark.skipif(not (CHECK_DATA / "adult").is_dir(), reason="the real UCI Adult is not on this machine")
def test_the_real_adult_has_all_its_people(tmp_path: Path) -> None:
    prepared = clicks.prepare(DataRequest("adult", tmp_path, CHECK_DATA / "adult"))
    hidden, _ = store.read_hidden(prepared.private)
    people = (CHECK_DATA / "adult" / "adult.csv").read_text().count("\n") - 1
    assert people > 30_000
    assert Schema.read(prepared.public).rows + len(hidden) == people
    assert 0.2 < hidden.label.mean() < 0.3


def click(number: int, label: int = 0) -> str:
    counts = [str(number + place) if place % 3 else "" for place in range(13)]
    words = [f"{(number * 31 + place) % 97:08x}" if place % 5 else "" for place in range(26)]
    return "\t".join([str(label), *counts, *words])


def test_criteos_lines_become_logarithms_and_hashes(tmp_path: Path) -> None:
    prepared = prepare(tmp_path, "train.txt", "\n".join(click(n, n % 2) for n in range(100)))
    schema = Schema.read(prepared.public)
    rows = joined(list(parquet.read(prepared.public / store.TABLE, schema)))
    hidden, _ = store.read_hidden(prepared.private)
    assert (prepared.variant, schema.rows, len(hidden)) == ("criteo", 90, 10)
    assert rows.numerical[1, :3] == pytest.approx(np.log1p([1, 2, 3]))
    assert (rows.numerical[0] == 0).all()
    assert (rows.ids[0] == 0).all()
    assert 0 < rows.ids[1].min() <= rows.ids[1].max() < criteo.BUCKETS
    assert rows.ids[1, 0] == rows.ids[9, 6], "one text has one id, whatever its column or line"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "train.txt is empty"),
        (click(0) + "\textra\n", "has 41 columns; Criteo's lines have 40"),
        (click(0) + "\n" + click(1, 7), "a label is '7'; labels are 0 or 1"),
        (click(0) + "\n" + click(1).replace("\t2\t", "\ttwo\t"), "train.txt, after line 0: .*'two'"),
    ],
)
def test_a_line_that_is_none_of_criteos_is_refused(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(BadData, match=told):
        prepare(tmp_path, "train.txt", text)
