"""What a failed audit does to a record, and how an audit is added."""

from __future__ import annotations

import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from harness.audits import checks
from harness.spec import Submission

Write = Callable[..., Submission]


@pytest.mark.slow
def test_a_failed_audit_makes_a_record_invalid(judged: Callable[..., Any], write: Write) -> None:
    record = judged(
        write("""
        import time
        import numpy as np
        def build(context):
            known = {}
            def model(x):
                if x.tobytes() not in known:
                    time.sleep(0.05)
                known[x.tobytes()] = 1
                return np.int64(x.argmax())
            return model
        """)
    ).record
    assert record.status == "ok"
    assert [each.name for each in record.audits] == ["unhurried", "order", "repeats", "idle", "lessons"]
    assert record.validity.state == "invalid"
    assert any("Audit repeats failed: answers are cached" in reason for reason in record.validity.reasons)


def test_an_audit_is_one_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "always.py").write_text(
        textwrap.dedent("""
        from harness.audits.plugin import AuditPlugin, Step

        def plan(setting):
            return [Step(setting.asked[0])]

        AUDIT = AuditPlugin("always", plan, lambda *_: None, lambda *_: (True, "asked once"))
        """)
    )
    monkeypatch.setattr(checks, "__path__", [*checks.__path__, str(tmp_path)])
    checks.all_audits.cache_clear()
    try:
        names = [each.name for each in checks.all_audits()]
        assert names == ["unhurried", "always", "order", "repeats", "idle", "lessons"]
    finally:
        checks.all_audits.cache_clear()
