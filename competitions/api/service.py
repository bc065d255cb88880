"""What every request is answered with: the database, the home, and the limits on how often."""

from __future__ import annotations

import hmac
import secrets
import threading
import time
from collections import OrderedDict
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import sqlalchemy as sa
from anyio import CapacityLimiter, to_thread

from competitions.queue.submitting import Intake
from competitions.rules.refusals import NotFound, TooMany
from competitions.store.people import Account

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")
_HANDING_IN = 2
_LINK_S = 86_400
_MOST_KEYS = 50_000


class Bucket:
    """Allows ``most`` events at once for each key, and one more every ``every_s`` seconds."""

    def __init__(self, most: float, every_s: float) -> None:
        self.most, self.every_s = most, every_s
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()
        self._lock = threading.Lock()

    def take(self, key: str, cost: float = 1.0) -> None:
        """Count an event. Raises TooMany, which says when the next one is allowed."""
        with self._lock:
            left = self._now(key)
            if left < cost:
                wait = (cost - left) * self.every_s
                raise TooMany(f"too many requests; try again in {wait:.0f} s", wait)
            self._keep(key, left - cost)

    def check(self, key: str) -> None:
        """Raise TooMany where no event is allowed now, without counting one."""
        self.take(key, 0.0)
        with self._lock:
            if self._now(key) < 1:
                wait = (1 - self._now(key)) * self.every_s
                raise TooMany(f"too many wrong tokens; try again in {wait:.0f} s", wait)

    def _now(self, key: str) -> float:
        left, at = self._left.get(key, (self.most, time.monotonic()))
        return min(self.most, left + (time.monotonic() - at) / self.every_s)

    def _keep(self, key: str, left: float) -> None:
        self._left[key] = (left, time.monotonic())
        self._left.move_to_end(key)
        while len(self._left) > _MOST_KEYS:
            self._left.popitem(last=False)


@dataclass(frozen=True)
class Service:
    """One server. ``wrong_tokens`` counts by address, ``requests`` and ``sign_ups`` by account or address.

    ``handing_in`` limits the threads that take submissions in, so that pages are shown meanwhile.
    """

    engine: sa.Engine
    home: Path
    wrong_tokens: Bucket = field(default_factory=lambda: Bucket(20, 6.0))
    requests: Bucket = field(default_factory=lambda: Bucket(600, 0.05))
    sign_ups: Bucket = field(default_factory=lambda: Bucket(20, 180.0))
    secret: bytes = field(default_factory=lambda: secrets.token_bytes(32), repr=False)
    handing_in: CapacityLimiter = field(default_factory=lambda: CapacityLimiter(_HANDING_IN), repr=False)

    @property
    def intake(self) -> Intake:
        """Where submissions are accepted."""
        return Intake(self.engine, self.home)

    async def hand_in(self, act: Callable[..., T], *values: object) -> T:
        """Do a part of handing in in a thread, when one of the few for it is free."""
        return await to_thread.run_sync(act, *values, limiter=self.handing_in)

    def link(self, slug: str, name: str, account: Account) -> str:
        """Return the path of a download that is valid for a day and for nothing else."""
        until = int(time.time()) + _LINK_S
        ticket = f"{until}.{account.id}.{self._sign(slug, name, account.id, until)}"
        return f"/competitions/download/{ticket}/{slug}/{name}"

    def check_link(self, ticket: str, slug: str, name: str) -> None:
        """Raise NotFound where a link was not made here for this file, or is too old."""
        until, _, rest = ticket.partition(".")
        account, _, signature = rest.partition(".")
        if until.isdecimal() and account.isdecimal() and int(until) >= time.time():
            right = self._sign(slug, name, int(account), int(until))
            if hmac.compare_digest(right.encode(), signature.encode()):
                return
        raise NotFound("this link is not valid, or too old; ask for the file again")

    def _sign(self, slug: str, name: str, account: int, until: int) -> str:
        message = "\0".join((slug, name, str(account), str(until)))
        return hmac.new(self.secret, message.encode(), sha256).hexdigest()
