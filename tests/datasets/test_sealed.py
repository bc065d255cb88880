"""Sealed data: a secret key makes them, its hash is public, and who is given the key makes them again."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from datasets.chains import chains
from datasets.clicks import mini
from datasets.images import images
from datasets.reef.schedule import schedule
from datasets.streams import stream
from harness.intake.sealing import key_with_hash, known_key, sealed_key, typed_key
from harness.spec import DataRequest
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


def test_open_data_cannot_be_sealed(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="open data"):
        images.prepare(DataRequest("digits", tmp_path, seed=KEY))


def test_no_stream_of_a_key_leads_to_another_and_open_seeds_stay_as_they_were() -> None:
    assert stream(7, 1, 2) == [7, 1, 2]
    one, other = stream(KEY, 1), stream(KEY, 2)
    assert one != other and KEY not in one
    assert schedule(0)[3].seed != schedule(KEY)[3].seed


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
