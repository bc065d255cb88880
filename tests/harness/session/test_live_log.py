"""The log of a running evaluation: bounded, for its user alone, and read by others while it grows."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from harness.session.live_log import LiveLog, Tail, tail_of


def test_what_is_printed_without_end_is_cut_once_and_the_file_says_so(tmp_path: Path) -> None:
    file = tmp_path / "attempts" / "7-1.log"
    for _ in range(3):  # every stage opens it anew
        log = LiveLog(file, most=1000)
        for _ in range(200):
            log.add("é\x1b[2J<b>\n".encode())
    data = file.read_bytes()
    assert len(data) < 1100
    assert data.count(b"more was printed") == 1
    assert data[:1000] == ("é\x1b[2J<b>\n".encode() * 200)[:1000]
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_file_that_cannot_be_written_costs_the_log_alone(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    LiveLog(tmp_path / "file" / "below").say("lost")
    LiveLog().add(b"nowhere")
    assert tail_of(tmp_path / "file" / "below") == Tail(0, b"")


@pytest.mark.parametrize(
    ("seen", "most", "told"),
    [
        (0, 100, b"0123456789"),
        (4, 100, b"456789"),
        (10, 100, b""),
        (12, 100, b""),
        (7, 3, b"789"),
        (2, 3, b"\n--- 5 bytes are not shown here\n789"),
    ],
)
def test_each_beat_adds_what_is_new(tmp_path: Path, seen: int, most: int, told: bytes) -> None:
    (tmp_path / "log").write_bytes(b"0123456789")
    assert tail_of(tmp_path / "log", most).after(seen) == told
