"""The command line works where a notebook's kernel started it."""

from __future__ import annotations

import os
import sys

import pytest

import run_bench


def test_a_kernel_s_backend_for_pictures_is_not_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MPLBACKEND", "module://matplotlib_inline.backend_inline")
    monkeypatch.setattr(sys, "argv", ["run_bench.py", "--help"])
    with pytest.raises(SystemExit) as ended:
        run_bench.main()
    assert ended.value.code == 0
    assert "MPLBACKEND" not in os.environ
