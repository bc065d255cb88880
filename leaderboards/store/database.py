"""Addresses of databases, as SQLAlchemy takes them."""

from __future__ import annotations


def with_driver(url: str) -> str:
    """Name the driver that is installed where a PostgreSQL address names none."""
    return url.replace("postgresql://", "postgresql+psycopg://", 1)
