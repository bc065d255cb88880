"""A new dataset takes one file: ``dice.py`` beside this one, used as the commands and tasks use any other."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from commands.lookup import prepare
from harness.intake.lookup import find_task
from harness.spec import DataRequest, Prepared, Task, no_progress
from harness.spec.errors import BadData, UnknownName
from tests.datasets.dice import dice

TINY = Path(__file__).parents[1] / "fixtures" / "tiny" / "task.py"


@pytest.fixture
def task(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Task:
    monkeypatch.setenv("PHOTOFINISH_HOME", str(tmp_path / "home"))
    return replace(find_task(str(TINY)), dataset=dice)


def rolls(prepared: Prepared) -> list[list[int]]:
    held: list[list[int]] = json.loads((prepared.private / "rolls.json").read_text())
    return held


def test_its_first_variant_is_made_once_and_is_another_for_another_seed(task: Task, tmp_path: Path) -> None:
    one, again, other = (prepare(task, "", None, seed, no_progress) for seed in (0, 0, 1))
    assert (one.name, one.variant) == ("dice", "mini")
    assert one == again
    assert one.sha256 != other.sha256
    assert [len(roll) for roll in rolls(one)] == [8] * 48
    assert one.public == tmp_path / "home" / "data" / "dice-mini-0" / "public"


def test_the_user_s_own_file_is_the_variant_full(task: Task, tmp_path: Path) -> None:
    source = tmp_path / "mine.json"
    keys = set()
    for mine in ([[1, 2]], [[3, 4]]):
        source.write_text(json.dumps(mine))
        prepared = prepare(task, "", source, 0, no_progress)
        assert (prepared.variant, rolls(prepared)) == ("full", mine)
        keys.add(prepared.public.parent.name)
    assert len(keys) == 2


def test_what_cannot_be_made_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnknownName, match="unknown variant of dice 'minni'; did you mean 'mini'"):
        dice.prepare(DataRequest("minni", tmp_path))
    with pytest.raises(BadData, match="your own rolls, --from"):
        dice.prepare(DataRequest("full", tmp_path))
    with pytest.raises(BadData, match="there is no file"):
        dice.prepare(DataRequest("full", tmp_path, tmp_path / "none.json"))
    assert list(tmp_path.iterdir()) == []


def test_what_is_temporary_is_removed_when_the_data_are_in_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from datasets.recipes import Recipe, dataset

    (tmp_path / "downloads").mkdir()
    fail = True

    def build(folder: Path) -> None:
        if fail:
            raise BadData("broken")

    made = dataset("d", "D", {"v": ""}, lambda request: Recipe("v", "v", "1", build, tmp_path / "downloads"))
    with pytest.raises(BadData):
        made.prepare(DataRequest("v", tmp_path / "cache"))
    assert (tmp_path / "downloads").is_dir()
    fail = False
    made.prepare(DataRequest("v", tmp_path / "cache"))
    assert not (tmp_path / "downloads").exists()
