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
from tests.cheats import trials
from tests.cheats.cheat import ZOO, attempt, read
from tests.cheats.host_under_attack import Host
from tests.cheats.rounds import LIMITS

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
    outcome = attempt(cheat, bare, host)
    assert cheat.wants in outcome.gains, outcome


def test_a_copy_of_the_generator_pays_on_open_data(bare: Backend) -> None:
    """What stops it is the key, not the walls: with an open seed the same file knows every label."""
    open_host = Host(seed=5)
    try:
        outcome = attempt(read(ZOO / "labels_from_the_seed.py"), bare, open_host)
    finally:
        open_host.close()
    assert "labels" in outcome.gains, outcome


def test_tables_from_home_pay_where_ids_keep_their_names(bare: Backend, host: Host) -> None:
    settings = ExecutionSettings(bare, PROFILES["cpu"], LIMITS, host.folder / "public", {})
    cheat = read(ZOO / "tables_from_home.py")
    assert trials.labelled(cheat.path, settings, lambda ids: ids)[2] == {"labels"}


def test_at_least_ten_cheats_need_walls() -> None:
    assert len(set(PAYS)) >= 10
