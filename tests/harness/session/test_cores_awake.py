"""Cores are held awake while a process of a submission is timed, where the kernel lets us."""

from __future__ import annotations

import os
import struct
from pathlib import Path

import pytest

from harness.session import cores_awake
from harness.session.cores_awake import CoresAwake


def longest_wake_us() -> int:
    """What the kernel holds itself to now, all who ask taken together."""
    fd = os.open(cores_awake._DEVICE, os.O_RDWR)
    try:
        found: int = struct.unpack("i", os.read(fd, 4))[0]
        return found
    finally:
        os.close(fd)


@pytest.mark.skipif(not cores_awake.allowed(), reason="/dev/cpu_dma_latency is for root alone")
def test_the_kernel_holds_the_cores_awake() -> None:
    held = CoresAwake()
    assert longest_wake_us() == 0
    held.release()
    held.release()


@pytest.mark.parametrize(
    "asked", ["not there", ""], ids=["missing", "permitted by its mode but not to be opened"]
)
def test_who_may_not_ask_measures_without(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, asked: str
) -> None:
    monkeypatch.setattr(cores_awake, "_DEVICE", str(tmp_path / asked))
    assert not cores_awake.allowed()
    CoresAwake().release()
