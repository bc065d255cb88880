"""Isolation tiers, each probed, chosen and recorded: ``choose(...)`` gives one, ``launch`` uses it."""

from harness.sandbox.tiers import all_tiers, choose

__all__ = ["all_tiers", "choose"]
