"""What the processes of a run share: disguised data, one state of the page cache, seeds that tell nothing."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest

from harness.intake.lookup import find_submission
from harness.measurement.run_plan import RunPlan, RunSetup, plan_run, planned
from harness.probes import page_cache
from harness.spec import Places, Prepared, Progress, Submission
from harness.spec.errors import UserError
from harness.spec.profile import PROFILES


@pytest.fixture
def honest(setup: RunSetup) -> Submission:
    return find_submission(setup.task, "honest", Places.under(setup.host_log.parent))


def in_disguise(setup: RunSetup, keys: list[int]) -> RunSetup:
    """The task over data that are copied for each run, with the key of the run beside them."""

    def disguise(prepared: Prepared, key: int, folder: Path, progress: Progress) -> Prepared:
        keys.append(key)
        (folder / "public").mkdir()
        (folder / "public" / "shown").write_text("under another name")
        return replace(prepared, public=folder / "public")

    return replace(setup, task=replace(setup.task, dataset=replace(setup.task.dataset, disguise=disguise)))


def test_each_run_shows_data_in_a_disguise_of_its_own_and_removes_it(
    setup: RunSetup, honest: Submission
) -> None:
    keys: list[int] = []
    shown: list[Path] = []
    for _ in range(2):
        with planned(in_disguise(setup, keys), honest, honest) as run_plan:
            shown.append(run_plan.settings.public)
            assert (shown[-1] / "shown").is_file() and shown[-1] != setup.prepared.public
            assert run_plan.setup.prepared.sha256 == setup.prepared.sha256
    assert keys[0] != keys[1] and max(keys).bit_length() <= 128
    assert not any(path.exists() for path in shown)


def test_a_disguise_is_removed_where_the_run_fails(setup: RunSetup, honest: Submission) -> None:
    def fail() -> None:
        with planned(in_disguise(setup, []), honest, honest) as run_plan:
            shown.append(run_plan.settings.public)
            raise UserError("interrupted")

    shown: list[Path] = []
    with pytest.raises(UserError, match="interrupted"):
        fail()
    assert not shown[0].exists()


def test_data_without_a_disguise_are_shown_as_they_are(setup: RunSetup, honest: Submission) -> None:
    with planned(setup, honest, honest) as run_plan:
        assert run_plan.settings.public == setup.prepared.public


def test_the_cores_whose_speed_is_read_are_those_of_the_submission(
    setup: RunSetup, honest: Submission, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("os.sched_getaffinity", lambda _: {0, 1, 2, 3})
    with planned(replace(setup, profile=PROFILES["edge"]), honest, honest) as run_plan:
        assert run_plan.cores == sorted(run_plan.settings.cpus) == [3]
        assert run_plan.spare_cores == 3


def test_every_process_finds_its_data_in_the_page_cache(
    setup: RunSetup, honest: Submission, tmp_path: Path
) -> None:
    (tmp_path / "public").mkdir()
    with (tmp_path / "public" / "rows").open("wb") as file:
        file.write(os.urandom(1 << 20))
        os.fsync(file.fileno())
        os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
    if page_cache.share([tmp_path]) == 1.0:
        pytest.skip("this file system keeps its pages (tmpfs does)")
    prepared = replace(setup.prepared, public=tmp_path / "public")
    plan_run(replace(setup, prepared=prepared), honest, honest).open_session().close()
    assert page_cache.share([tmp_path]) == 1.0


def test_a_seed_that_is_told_tells_neither_the_run_nor_the_process(
    setup: RunSetup, honest: Submission
) -> None:
    plans: list[RunPlan] = [plan_run(setup, honest, honest) for _ in range(2)]
    told = [plan.told_seed(process) for plan in plans for process in range(4)]
    assert len(set(told)) == 8 and plans[0].told_seed(2) == told[2]
    assert all(0 <= seed < 2**31 for seed in told)
