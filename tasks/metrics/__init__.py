"""Frozen metrics. A change of meaning is a new task version, never an edit in place."""
