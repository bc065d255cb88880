"""Sealed data: a secret key makes them, its hash is public, and who is given the key makes them again."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from datasets.chains import chains
from datasets.clicks import mini
from datasets.glyphs import fonts
from datasets.reef.schedule import schedule
from datasets.streams import generators, stream
from harness.intake.lookup import find_task, task_names
from harness.intake.sealing import key_with_hash, known_key, sealed_key, typed_key
from harness.spec import DataRequest, Prepared
from harness.spec.dataset import is_key, key_hash
from harness.spec.errors import UserError

KEY = 0xC0FFEE00C0FFEE00C0FFEE00C0FFEE00


def test_a_key_is_drawn_once_and_kept_from_others(tmp_path: Path) -> None:
    assert known_key(tmp_path, "reef-mini") is None
    key = sealed_key(tmp_path, "reef-mini")
    assert is_key(key) and key.bit_length() == 128
    assert sealed_key(tmp_path, "reef-mini") == known_key(tmp_path, "reef-mini") == key
    assert sealed_key(tmp_path, "clicks-mini") != key
    assert (tmp_path / "keys").stat().st_mode & 0o077 == 0
    assert (tmp_path / "keys" / "reef-mini").stat().st_mode & 0o077 == 0
    assert key_with_hash(tmp_path, "reef-mini", key_hash(key)) == key
    with pytest.raises(UserError, match="not in this home"):
        key_with_hash(tmp_path, "reef-mini", "0" * 64)


@pytest.mark.slow
def test_a_stranger_makes_the_same_data_from_the_opened_key(tmp_path: Path) -> None:
    opened = typed_key(f"{KEY:032x}\n")
    mine = chains.prepare(DataRequest("narrow", tmp_path / "host", seed=KEY))
    theirs = chains.prepare(DataRequest("narrow", tmp_path / "stranger", seed=opened))
    assert mine.sha256 == theirs.sha256
    assert mine.sha256 != chains.prepare(DataRequest("narrow", tmp_path / "host")).sha256
    assert f"{KEY:x}" not in str(mine.public) and str(KEY) not in str(mine.public)
    assert key_hash(KEY)[:16] in str(mine.public)


@pytest.mark.parametrize("text", ["", "12", "g" * 32, "0" * 31 + "1"])
def test_what_is_no_key_is_refused(text: str) -> None:
    with pytest.raises(UserError, match="32 hexadecimal digits"):
        typed_key(text)


DATASETS = {task.dataset.name: task.dataset for task in map(find_task, task_names())}
SEALED = {
    "reef": {"mini"},
    "clicks": {"mini", "mini-2m"},
    "people": {"mini", "mini-call"},
    "chains": {"narrow", "deep", "wide"},
    "glyphs": {"glyphs"},
    "spans": {"spans", "steady"},
    "photographs": {"mini"},
}
"""Every variant that is generated from a seed; all others are published or their owner's."""


@pytest.mark.parametrize(
    ("name", "variant"), [(name, variant) for name, one in DATASETS.items() for variant in one.variants]
)
def test_each_variant_is_sealed_by_a_key_or_says_why_not(
    name: str, variant: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[str] = []

    def materialise(cache: Path, key: str, *_: object, **__: object) -> Prepared:
        made.append(key)
        return Prepared(name, variant, "", cache, cache)

    monkeypatch.setattr("datasets.cache.materialise", materialise)
    request = DataRequest(variant, tmp_path, seed=KEY)
    if variant in SEALED.get(name, ()):
        assert DATASETS[name].prepare(request).open is False
        assert key_hash(KEY)[:16] in made[0]
        assert f"{KEY:x}" not in made[0] and str(KEY) not in made[0]
        assert DATASETS[name].prepare(replace(request, seed=0)).open is True
        assert made[1] == f"{name}-{variant}-0"
    else:
        with pytest.raises(UserError, match=r"cannot be sealed: they are published|--from|Kaggle"):
            DATASETS[name].prepare(request)
        assert not made


@pytest.mark.parametrize(("name", "variant"), [("spans", "spans"), ("photographs", "mini")])
def test_a_key_makes_other_hidden_data_and_makes_them_again(name: str, variant: str, tmp_path: Path) -> None:
    """What is quick to make is made: by a key twice, and by an open seed."""
    made = [
        DATASETS[name].prepare(DataRequest(variant, tmp_path / folder, seed=seed))
        for folder, seed in (("host", KEY), ("stranger", KEY), ("host", 0))
    ]
    assert made[0].sha256 == made[1].sha256 != made[2].sha256


def test_the_glyphs_shown_of_a_key_come_from_another_stream_than_the_hidden_ones() -> None:
    shown, hidden = np.random.default_rng(1), np.random.default_rng(2)
    glyph = fonts.fitted(np.full((20, 12), 255, np.uint8))
    known = fonts._known([glyph], shown, hidden)[0]
    drawn = np.random.default_rng(1)
    assert all(np.array_equal(picture, fonts.change(glyph, drawn)) for picture in known[: fonts.TRAINED])
    drawn = np.random.default_rng(2)
    assert all(np.array_equal(picture, fonts.change(glyph, drawn)) for picture in known[fonts.TRAINED :])


def test_no_stream_of_a_key_leads_to_another_and_open_seeds_stay_as_they_were() -> None:
    assert stream(7, 1, 2) == [7, 1, 2]
    one, other = stream(KEY, 1), stream(KEY, 2)
    assert one != other and KEY not in one
    assert schedule(0)[3].seed != schedule(KEY)[3].seed
    assert len(set(map(id, generators(7, 3)))) == 1
    assert len({generator.integers(2**63) for generator in generators(KEY, 3)}) == 3


def test_hidden_labels_of_clicks_do_not_follow_from_the_numbers_stream() -> None:
    """The labels that the stream of the shown numbers would give are not the hidden ones."""
    plan = mini.Plan(rows=1 << 15, vocabulary=500, seed=KEY, hidden=1 << 12, probes=64)
    shown = mini.Planted(plan)
    numbers, ranks, rng = shown.ordinary(1 << 20)
    guessed = mini.drawn(shown.logits(numbers, ranks), rng)[: plan.hidden]
    hidden = mini.hidden(shown)[0].label
    assert np.mean(guessed == hidden) < 0.9
    opened = replace(plan, seed=0)
    open_data = mini.Planted(opened)
    numbers, ranks, rng = open_data.ordinary(1 << 20)
    guessed = mini.drawn(open_data.logits(numbers, ranks), rng)[: plan.hidden]
    assert np.array_equal(guessed, mini.hidden(open_data)[0].label)
