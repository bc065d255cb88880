"""Forms with a file, read while they come in (RFC 7578), so that no file is ever held in memory."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import HTTP

from competitions.rules.refusals import Refused

_LONGEST_HEAD = 8192
_UNREADABLE = "The form cannot be read."


@dataclass(frozen=True)
class Part:
    """The head of a part: the name of the field, and of the file where it is one."""

    name: str
    file_name: str | None


def boundary_of(content_type: str) -> bytes:
    """Return what separates the parts. Raises Refused where it is no form with a file."""
    head = message_from_bytes(f"Content-Type: {content_type}\r\n\r\n".encode(), policy=HTTP)
    boundary = head.get_boundary()
    if head.get_content_type() != "multipart/form-data" or not boundary or len(boundary) > 70:
        raise Refused(_UNREADABLE)
    return boundary.encode()


async def parts(chunks: AsyncIterator[bytes], boundary: bytes) -> AsyncIterator[Part | bytes]:
    """Yield the head of each part, and after it its content in pieces. Raises Refused."""
    source, end = _Source(chunks), b"\r\n--" + boundary
    async for _ in source.until(end):
        pass  # what stands before the first part means nothing
    while await source.take(2) == b"\r\n":
        head = bytearray()
        async for piece in source.until(b"\r\n\r\n"):
            head += piece
            if len(head) > _LONGEST_HEAD:
                raise Refused(_UNREADABLE)
        yield _part(bytes(head))
        async for piece in source.until(end):
            yield piece


class _Source:
    """Bytes that come in chunks, read up to a mark that may lie across two of them."""

    def __init__(self, chunks: AsyncIterator[bytes]) -> None:
        self._chunks, self._held = chunks, bytearray(b"\r\n")

    async def until(self, mark: bytes) -> AsyncIterator[bytes]:
        """Yield everything before the mark, and pass over the mark."""
        while (at := self._held.find(mark)) < 0:
            sure = len(self._held) - len(mark) + 1
            if sure > 0:
                piece = bytes(self._held[:sure])
                del self._held[:sure]
                yield piece
            await self._more()
        piece = bytes(self._held[:at])
        del self._held[: at + len(mark)]
        if piece:
            yield piece

    async def take(self, count: int) -> bytes:
        """Return so many bytes."""
        while len(self._held) < count:
            await self._more()
        taken = bytes(self._held[:count])
        del self._held[:count]
        return taken

    async def _more(self) -> None:
        async for chunk in self._chunks:
            if chunk:
                self._held += chunk
                return
        raise Refused("The form broke off.")


def _part(head: bytes) -> Part:
    message = message_from_bytes(head + b"\r\n\r\n", policy=HTTP)
    assert isinstance(message, EmailMessage), "the policy makes these"
    name = message.get_param("name", header="content-disposition")
    file_name = message.get_filename()
    if message.get_content_disposition() != "form-data" or not isinstance(name, str):
        raise Refused(_UNREADABLE)
    return Part(name, file_name)
