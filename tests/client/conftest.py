"""The home that the pages are tested with."""

from tests.leaderboards.conftest import cots_spec, make_record
from tests.leaderboards.web.conftest import engine, kept, site

__all__ = ["cots_spec", "engine", "kept", "make_record", "site"]
