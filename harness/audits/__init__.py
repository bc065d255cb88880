"""Audits of a submission's honesty, run after the measured processes in one fresh process.

Each audit is one file in ``checks``. What follows from a failed audit is decided in ``scoring/validity``.
"""

from harness.audits.checks import all_audits
from harness.audits.run import audit

__all__ = ["all_audits", "audit"]
