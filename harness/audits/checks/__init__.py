"""One file an audit, each of which defines ``AUDIT = AuditPlugin(...)``; every file here is run."""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache

from harness.audits.plugin import AuditPlugin

_PLACES = ("first", "middle", "last")


@cache
def all_audits() -> tuple[AuditPlugin, ...]:
    """Return the audits in the order in which they ask: by place, then by name."""
    names = [module.name for module in pkgutil.iter_modules(__path__)]
    audits = [importlib.import_module(f"{__name__}.{name}").AUDIT for name in names]
    return tuple(sorted(audits, key=lambda audit: (_PLACES.index(audit.place), audit.name)))
