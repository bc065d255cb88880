"""Isolation tiers, each probed, chosen and recorded: ``choose(...)`` gives one, ``launch`` uses it."""
