"""The four isolation backends, the strongest first, and the choice among them."""

from __future__ import annotations

from harness.sandbox.backends.bare import Bare
from harness.sandbox.backends.bubblewrap import Bubblewrap
from harness.sandbox.backends.landlock import Landlocked
from harness.sandbox.backends.uid import OtherUser
from harness.sandbox.policy import Backend
from harness.spec.errors import NotAvailable, UnknownName

_BACKENDS: tuple[Backend, ...] = (Bubblewrap(), OtherUser(), Landlocked(), Bare())


def all_backends() -> tuple[Backend, ...]:
    """Every backend, the strongest first, also those that do not work here."""
    return _BACKENDS


def choose(name: str | None = None) -> Backend:
    """Return the strongest backend that works here, or the one called ``name``.

    Raises UnknownName where there is none of that name, NotAvailable where it, or every one, does not work.
    """
    wanted = [backend for backend in _BACKENDS if name in {None, backend.name}]
    if not wanted:
        raise UnknownName("isolation", str(name), [backend.name for backend in _BACKENDS])
    reasons = []
    for backend in wanted:
        reason = backend.missing()
        if reason is None:
            return backend
        reasons.append(f"{backend.name}: {reason}")
    raise NotAvailable("isolation " + "; ".join(reasons))
