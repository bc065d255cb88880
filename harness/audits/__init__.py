"""Audits of a submission's honesty, run after the measured processes in one fresh process."""

from harness.audits.run import ALL, audit

__all__ = ["ALL", "audit"]
