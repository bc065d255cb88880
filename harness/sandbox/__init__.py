"""Isolation tiers, each probed, chosen and recorded: ``choose(...)`` gives one, ``launch`` uses it."""

from harness.sandbox.backends import all_backends, choose

__all__ = ["all_backends", "choose"]
