"""The requests of a session: what each is called, which reply it expects, and how long that may take."""

from __future__ import annotations

from collections.abc import Callable
from operator import attrgetter
from typing import NamedTuple

from harness.host import protocol
from harness.spec import Limits

START_S = 60.0

_build_s: Callable[[Limits], float] = attrgetter("build_s")
_query_s: Callable[[Limits], float] = attrgetter("query_s")


class Request(NamedTuple):
    """One kind of request: its name in messages, its number on the wire, its reply and its time limit.

    ``checkpoint`` says that a checkpoint is a valid reply too.
    """

    name: str
    number: int
    seconds: Callable[[Limits], float]
    reply: int = protocol.DONE
    checkpoint: bool = False


START = Request("start", 0, lambda _: START_S)
"""Not sent: the host answers it of its own accord as soon as it runs."""
IMPORT = Request("import", protocol.IMPORT, _build_s)
PREPARE = Request("prepare", protocol.PREPARE, _build_s)
BUILD = Request("build", protocol.BUILD, _build_s, checkpoint=True)
RESUME = Request("build", protocol.RESUME, _build_s, checkpoint=True)
QUERY = Request("query", protocol.QUERY, _query_s, protocol.ANSWER)
BATCH = Request("batch", protocol.BATCH, _build_s, protocol.ANSWER)
UPDATE = Request("update", protocol.UPDATE, _query_s)
REPORT = Request("report", protocol.REPORT, _query_s)
