"""Measures one submission on one task on one profile; knows no board and no team."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
"""The folder of the code, in which the shipped tasks and submissions are found."""
VERSION = "0.1.0"
"""The version of pyproject.toml."""
