"""Progress where no terminal shows bars: lines, not too many."""

from __future__ import annotations

import pytest

from commands import terminal


def test_a_log_is_told_what_is_under_way(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [0.0]
    monkeypatch.setattr(terminal, "perf_counter", lambda: now[0])
    with terminal.progress_bars() as report:
        for second in range(26):
            now[0] = float(second)
            report("measuring \x1b[31mcnn", second, 1000)
        report("logging", 0, 0)
        now[0] = 40.0
        report("logging", 0, 0)
    assert capsys.readouterr().err.splitlines() == [
        "measuring [31mcnn: 10 of 1,000, 16 min left",
        "measuring [31mcnn: 20 of 1,000, 16 min left",
        "logging",
    ]
