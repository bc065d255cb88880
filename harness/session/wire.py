"""The parent's end of the wire: sealed shared memory and a token pipe.

Queries are copied into a segment that the child can only read; answers come back in a second one
that it can write but not resize, so that no child can fault the parent. A 64-bit nonce a request
makes replies unrepeatable. An answer counts when it lies in the parent's own memory.
"""

from __future__ import annotations

import fcntl
import mmap
import os
from collections.abc import Sequence
from dataclasses import dataclass
from time import perf_counter_ns
from typing import TYPE_CHECKING, NamedTuple

from harness.host import codec, protocol

if TYPE_CHECKING:
    from harness.spec import Arrays

_ADD_SEALS = 1033
_SEAL_SEAL, _SEAL_SHRINK, _SEAL_GROW, _SEAL_FUTURE_WRITE = 1, 2, 4, 16


class Segment:
    """One sealed piece of shared memory; its size in bytes can never change."""

    def __init__(self, name: str, size: int, child_writes: bool) -> None:
        self.fd = os.memfd_create(name, os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
        os.ftruncate(self.fd, size)
        self._map = mmap.mmap(self.fd, size)
        seals = _SEAL_SHRINK | _SEAL_GROW | _SEAL_SEAL
        fcntl.fcntl(self.fd, _ADD_SEALS, seals if child_writes else seals | _SEAL_FUTURE_WRITE)
        self.buffer = memoryview(self._map)

    def close(self) -> None:
        """Close the descriptor; the memory is freed with the last view of it."""
        os.close(self.fd)


class Token(NamedTuple):
    """The announcement of a reply, as the child claims it: to which request, of what kind, how long."""

    nonce: int
    kind: int
    layout_length: int
    length: int


class Reply(NamedTuple):
    """One reply, copied out of the child's reach; ``nonce`` is that of the request it claims to answer."""

    nonce: int
    kind: int
    layout_length: int
    body: bytes

    def items(self) -> list[Arrays]:
        """Decode the arrays. Raises ``codec.CodecError`` where the bytes are not a message."""
        return codec.decode(self.body, self.layout_length)


@dataclass(frozen=True)
class TimedReply:
    """Answers as they came, undecoded, and the nanoseconds it took to get them.

    Of these ``in_ns`` went into copying the query in and ``out_ns`` into copying the answer out.
    """

    reply: Reply
    ns: int
    in_ns: int = 0
    out_ns: int = 0


class Wire:
    """Both segments and both pipes. ``child_fds`` are what the host inherits.

    ``copied_ns`` is the time in nanoseconds that copying the last reply took.
    """

    def __init__(self, query_bytes: int, answer_bytes: int) -> None:
        self._input = Segment("queries", query_bytes, child_writes=False)
        self._output = Segment("answers", answer_bytes, child_writes=True)
        self._child_requests, self._requests = os.pipe2(os.O_CLOEXEC)
        self.answers, self._child_answers = os.pipe2(os.O_CLOEXEC)
        self._writer = codec.Writer(self._input.buffer)
        # Replies land where memory stays: fresh pages would cost as much as the copy, on the clock.
        self._landing = memoryview(mmap.mmap(-1, answer_bytes))
        self._partial = b""
        self.copied_ns = 0

    @property
    def child_fds(self) -> tuple[int, int, int, int]:
        """Requests, answers, input segment, output segment: the host's arguments."""
        return self._child_requests, self._child_answers, self._input.fd, self._output.fd

    def forget_child_ends(self) -> None:
        """Close the child's pipe ends here, so that its death can be seen."""
        for fd in (self._child_requests, self._child_answers):
            os.close(fd)
        self._child_requests = self._child_answers = -1

    def send(self, nonce: int, kind: int, content: Sequence[Arrays] | str) -> int:
        """Copy arrays or JSON text into the segment and send the token.

        Return the time between the two, in ns of ``perf_counter_ns``: when the token is on its way, the child
        may run before this process does. Raises CodecError where arrays do not fit.
        """
        lengths = self._writer.put_text(content) if isinstance(content, str) else self._writer.put(content)
        token = protocol.TOKEN.pack(nonce, kind, *lengths)
        ready = perf_counter_ns()
        os.write(self._requests, token)
        return ready

    def receive(self) -> Token | None:
        """Copy a reply out of the child's reach; its token must be readable.

        None while only a part of the token is there. Raises EOFError when the child closed its end.
        """
        token = self._partial + os.read(self.answers, protocol.TOKEN.size - len(self._partial))
        if len(token) == len(self._partial):
            raise EOFError
        if len(token) < protocol.TOKEN.size:
            self._partial = token
            return None
        self._partial = b""
        claimed = Token(*protocol.TOKEN.unpack(token))
        length = min(claimed.length, len(self._landing))
        started = perf_counter_ns()
        self._landing[:length] = self._output.buffer[:length]
        self.copied_ns = perf_counter_ns() - started
        return claimed

    def reply(self, token: Token) -> Reply:
        """Return a copy of the reply that ``receive`` read last."""
        return Reply(token.nonce, token.kind, token.layout_length, bytes(self._landing[: token.length]))

    def close(self) -> None:
        """Close everything; to be called once."""
        for fd in (self._requests, self.answers, self._child_requests, self._child_answers):
            if fd >= 0:
                os.close(fd)
        self._input.close()
        self._output.close()
