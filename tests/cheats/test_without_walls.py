"""The same zoo without isolation: these pay there, so the tests are known to bite.

What is not named here is held by the wire, the clock and the checks alone, and gains nothing anywhere.
"""

from __future__ import annotations

import os
from collections.abc import Callable

import pytest

from harness.sandbox import choose
from harness.sandbox.policy import Backend
from harness.session.settings import ExecutionSettings
from harness.spec import PROFILES
from harness.spec.dataset import key_hash
from tests.cheats import trials
from tests.cheats.cheat import ZOO, attempt, read
from tests.cheats.generator import labels_of
from tests.cheats.host_under_attack import Host
from tests.cheats.rounds import LIMITS, trained

PAYS = [
    "labels_from_the_key",
    "labels_hard_link",
    "labels_io_uring",
    "labels_open_file",
    "labels_parent_descriptors",
    "labels_parent_environment",
    "labels_parent_memory",
    "labels_pidfd_getfd",
    "labels_proc_cwd",
    "labels_proc_root",
    "labels_process_vm_readv",
    "labels_ptrace",
    "labels_symlink_in_workdir",
    "labels_walk_disk",
    "host_abstract_socket",
    "host_dns",
    "host_tcp",
    "host_udp",
    "host_unix_datagram",
    "host_unix_socket",
    "parent_first_to_be_killed",
    "parent_idle_class",
    "parent_killed",
    "parent_limits",
    "parent_memory_written",
    "parent_renice",
    "parent_repin",
    "parent_stopped",
    "parent_traced",
    "clock_set",
    "harness_file_rewritten",
    "memory_tmpfs",
    "note_for_the_next_run",
    "machine_watched",
    "page_cache_steered",
    "timers_outlive_the_freeze",
]

FOR_ROOT = {"clock_set"}


@pytest.fixture
def bare(reach: Callable[[Backend], Backend]) -> Backend:
    return reach(choose("bare"))


@pytest.mark.parametrize(
    "name", [*PAYS[:12], *(pytest.param(name, marks=pytest.mark.slow) for name in PAYS[12:])]
)
def test_a_cheat_pays_without_walls(name: str, bare: Backend, host: Host) -> None:
    if name in FOR_ROOT and os.geteuid() != 0:
        pytest.skip("the kernel itself keeps an ordinary user from this")
    cheat = read(ZOO / f"{name}.py")
    made = attempt(cheat, bare, host)
    assert cheat.wants in made.gains, made


def test_a_copy_of_the_generator_pays_on_open_data(
    bare: Backend, host: Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What stops it is the key, not the walls: with an open seed the same file knows every label."""
    monkeypatch.setattr(host, "labels", labels_of(5))
    monkeypatch.setattr(host, "key_sha256", key_hash(5))
    made = attempt(read(ZOO / "labels_from_the_seed.py"), bare, host)
    assert "labels" in made.gains, made


def test_tables_from_home_pay_where_ids_keep_their_names(bare: Backend, host: Host) -> None:
    settings = ExecutionSettings(bare, PROFILES["cpu"], LIMITS, host.folder / "public", {})
    cheat = read(ZOO / "tables_from_home.py")
    assert trials.labelled(cheat.path, settings, lambda ids: ids)[2] == {"labels"}


@pytest.mark.parametrize(
    ("name", "phase"),
    [
        ("trained_in_prepare", "prepare"),
        ("trained_on_import", "import"),
        ("trained_in_the_warm_up", "first_query"),
        ("trained_after_a_checkpoint", "build"),
    ],
)
def test_a_training_counts_in_the_phase_that_did_it(name: str, phase: str, bare: Backend, host: Host) -> None:
    """No wall stops these: they would pay where the phase they work in did not count."""
    settings = ExecutionSettings(bare, PROFILES["cpu"], LIMITS, host.folder / "public", {})
    done, right = trials.training_of(read(ZOO / f"{name}.py").path, settings, host.labels)
    _, needed = trained()
    assert right
    assert done.seconds[phase] > needed / 2  # wall time is no less than the CPU time of the same work
    assert done.training_s(lambda _: "block") >= done.seconds[phase]


def test_at_least_ten_cheats_need_walls() -> None:
    assert len(set(PAYS)) >= 10
