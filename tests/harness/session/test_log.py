"""What a submission prints: heard as it comes, capped, and never longer than the harness wants to listen."""

from __future__ import annotations

import os
import select
import subprocess

from harness.session.log import LOG_BYTES, Log, printable, printable_lines


def test_every_piece_is_heard_at_once_and_the_end_is_noticed() -> None:
    on_log: list[bytes] = []
    log = Log(on_log.append)
    os.write(log.child_fd, b"one ")
    assert log.drain()
    os.write(log.child_fd, b"two")
    log.forget_child_end()
    assert not log.drain()
    assert (on_log, log.text()) == ([b"one ", b"two"], "one two")
    log.close()
    log.close()
    assert log.text() == "one two"


def test_who_prints_without_end_is_listened_to_for_a_while_and_kept_in_part() -> None:
    log = Log()
    with subprocess.Popen(["yes"], stdout=log.child_fd) as flood:
        for _ in range(50):
            assert select.select([log.fd], [], [], 10)[0]
            assert log.drain()
        flood.kill()
    text = log.text()
    log.close()
    assert len(text) == LOG_BYTES
    assert text.startswith("y\ny\n")


def test_a_log_keeps_its_lines_and_loses_what_would_steer_a_terminal() -> None:
    log = Log()
    os.write(log.child_fd, "one\ttwo\r\n\x1b[2Jthree\rfour\n\u202etxt\x9b1m\xff".encode("latin-1", "ignore"))
    assert log.text() == "one\ttwo\n [2Jthree\nfour\ntxt\ufffd1m\ufffd"
    log.close()
    assert printable_lines("left\u202eright\u2028next\n") == "left right next\n"


def test_words_are_shown_on_one_line_without_control_characters() -> None:
    assert printable("a\x1b[31mb\nc") == "a [31mb c"
    assert printable("x" * 400).endswith("…")
    assert len(printable("x" * 400)) == 300
