"""A profile is one value; what keeps it from being run here is said before anything runs."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.intake.lookup import find_profile, find_task, shipped_names
from harness.probes import availability, gpu
from harness.sandbox import limits, paths
from harness.sandbox.policy import Caps, Policy
from harness.spec import PROFILES, Profile, Submission
from harness.spec.errors import NotAvailable, UserError
from harness.spec.profile import Accelerator

PYTHON = Submission("entry", Path("entry.py"), "python", "", 0)
PAGE = Submission("entry", Path("entry"), "javascript", "", 0)


@pytest.fixture
def device(tmp_path: Path) -> Path:
    """A file in the place of an accelerator's device."""
    path = tmp_path / "apex_0"
    path.touch()
    return path


@pytest.fixture
def coral(device: Path, monkeypatch: pytest.MonkeyPatch) -> Profile:
    """A profile that did not exist before: two cores, a TPU, LiteRT models only."""
    tpu = Accelerator("tpu", "a Coral Edge TPU", devices=(str(device.with_name("apex_*")),))
    profile = Profile("coral", "two cores and a Coral Edge TPU", 2, 512, tpu, kinds=("litert", "python"))
    monkeypatch.setitem(PROFILES, "coral", profile)  # type: ignore[arg-type]
    return profile


def test_one_value_makes_a_profile(coral: Profile, device: Path) -> None:
    assert find_profile(find_task("cots"), "coral") is coral
    assert find_profile(find_task("segmentation"), "coral") is coral
    with pytest.raises(UserError, match=r"not run on profile 'coral'; it has cpu, gpu"):
        find_profile(find_task("ssl"), "coral")
    availability.check(coral, PYTHON)
    with pytest.raises(UserError, match=r"'coral' does not run JavaScript .*profiles that do: browser"):
        availability.check(coral, PAGE)
    assert set(shipped_names(find_task("cots"), coral)) == set(shipped_names(find_task("cots")))
    device.unlink()
    with pytest.raises(NotAvailable, match="'coral' needs a Coral Edge TPU and this machine has none"):
        availability.check(coral, PYTHON)


def test_the_sandbox_shows_the_devices_of_a_profile(coral: Profile, device: Path, tmp_path: Path) -> None:
    assert paths.devices(coral.accelerator) == [str(device)]
    policy = Policy((), tmp_path, Caps(frozenset({0}), 512, 4, 4), coral.accelerator)
    names = {name for name, _ in limits.rlimits(policy, alone=False)}
    assert "RLIMIT_DATA" not in names, "drivers reserve address space"


def test_the_boards_of_the_shipped_tasks_are_what_they_were() -> None:
    assert find_task("cots").execution.profiles == ("cpu", "edge", "gpu")
    assert find_task("segmentation").execution.profiles == ("cpu", "edge", "gpu", "browser")
    assert find_task("recommender").execution.profiles == ("cpu", "gpu")


def test_a_gpu_counts_only_where_its_driver_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gpu, "names", list)
    with pytest.raises(NotAvailable, match="profile 'gpu' needs a GPU and this machine has none; 'doctor'"):
        availability.check(PROFILES["gpu"], PYTHON)


def test_a_submission_on_a_profile_of_another_kind_is_named_with_those_that_run_it() -> None:
    with pytest.raises(UserError, match=r"'cpu' does not run JavaScript submissions .*: browser$"):
        availability.check(PROFILES["cpu"], PAGE)
    with pytest.raises(UserError, match=r"'browser' does not run Python submissions .*: cpu, edge, gpu$"):
        availability.check(PROFILES["browser"], PYTHON)
