"""A client of the JSON API of any server."""

from __future__ import annotations

import http.client
import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any
from urllib.parse import quote, urlsplit

from harness.spec import Progress, no_progress
from harness.spec.errors import NotAvailable, UserError

Json = dict[str, Any]
_CHUNK = 1 << 20
_TRIES = 5
_ENDED = {"scored", "failed", "cancelled"}
_SHOWN_S = 1.0


@dataclass(frozen=True)
class Remote:
    """A server by its address, and the token of an account on it."""

    server: str
    token: str = field(repr=False)

    def submit(self, board: str, file: Path, description: str, progress: Progress = no_progress) -> Json:
        """Send a file and hand it in; an upload that breaks off is resumed. Return the submission.

        Raises UserError with what the server says, NotAvailable where it cannot be reached.
        """
        slug, _, profile = board.partition("--")
        if not file.is_file():
            raise UserError(f"{file} is no file; pack a folder into a .zip first")
        new = {"file_name": file.name, "bytes": file.stat().st_size}
        upload = self.call("POST", f"{_path(slug)}/uploads", new)
        self._send(upload["path"], file, progress)
        body = {"token": upload["token"], "profile": profile, "description": description}
        return self.call("POST", f"{_path(slug)}/submissions", body)

    def watch(self, board: str, submission: int, tell: Callable[[Json], None]) -> Json:
        """Wait until a submission has ended, telling every change of its state; return it."""
        slug, last = board.partition("--")[0], ("", "")
        while True:
            one = self.call("GET", f"{_path(slug)}/submissions/{submission}")
            if (one["state"], one["stage"]) != last:
                last = (one["state"], one["stage"])
                tell(one)
            if one["state"] in _ENDED:
                return one
            time.sleep(_SHOWN_S)

    def report(self, board: str, submission: int) -> Json | None:
        """Return the report of a rehearsal, None where there is none."""
        slug = board.partition("--")[0]
        found: Json | None = self.call("GET", f"{_path(slug)}/submissions/{submission}/report")["report"]
        return found

    def call(self, method: str, path: str, body: Json | None = None) -> Json:
        """Make one call and return its JSON. Raises UserError with the server's words."""
        data = None if body is None else json.dumps(body).encode()
        with self._connection() as connection:
            headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
            connection.connection.request(method, path, data, headers)
            reply = connection.connection.getresponse()
            return _read(reply)

    def _send(self, path: str, file: Path, progress: Progress) -> None:
        """Send the bytes of a file from where the server has them."""
        size, start = file.stat().st_size, 0
        for left in reversed(range(_TRIES)):
            try:
                with self._connection() as connection, file.open("rb") as stream:
                    stream.seek(start)
                    headers = {"Content-Length": str(size - start)}
                    if start:
                        headers["Content-Range"] = f"bytes {start}-{size - 1}/{size}"
                    body = _Told(stream, file.name, start, size, progress)
                    connection.connection.request("PUT", path, body, headers)
                    reply = connection.connection.getresponse()
                    if reply.status != 308:
                        _read(reply)
                        return
                    start = _received(reply)
            except NotAvailable:
                if not left:
                    raise
                time.sleep(1)
                start = self._asked(path, size)
        raise NotAvailable(f"{file.name} could not be sent to {self.server}; try again")

    def _asked(self, path: str, size: int) -> int:
        """Ask how many bytes the server has."""
        with self._connection() as connection:
            connection.connection.request("PUT", path, b"", {"Content-Range": f"bytes */{size}"})
            return _received(connection.connection.getresponse())

    def _connection(self) -> _Connection:
        return _Connection(self.server)


class _Connection:
    """One connection, closed with the block; errors of the network name the server."""

    def __init__(self, server: str) -> None:
        parts = urlsplit(server)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise UserError(f"{server} is no address of a server; give http://HOST:PORT")
        kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        self.server, self.connection = server, kind(parts.hostname, parts.port, timeout=60)

    def __enter__(self) -> _Connection:
        return self

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        self.connection.close()
        if isinstance(error, OSError | http.client.HTTPException):
            raise NotAvailable(f"{self.server} cannot be reached ({error}); look at --server") from None


class _Told:
    """A file that tells its progress as it is read."""

    def __init__(self, stream: IO[bytes], name: str, start: int, size: int, progress: Progress) -> None:
        self._stream, self._name, self._done, self._size = stream, name, start, size
        self._progress = progress

    def read(self, _size: int = -1) -> bytes:
        data = self._stream.read(_CHUNK)
        self._done += len(data)
        self._progress(f"sending {self._name}", self._done, self._size)
        return data


def _path(slug: str) -> str:
    return f"/api/competitions/{quote(slug, safe='')}"


def _received(reply: http.client.HTTPResponse) -> int:
    reply.read()
    last = reply.headers.get("range", "").rpartition("-")[2]
    return int(last) + 1 if last.isdecimal() else 0


def _read(reply: http.client.HTTPResponse) -> Json:
    text = reply.read()
    try:
        body: Json = json.loads(text)
    except ValueError:
        body = {"message": f"the server answered {reply.status} {reply.reason}"}
    if reply.status >= 400:
        raise UserError(
            str(body.get("message") or body.get("detail") or f"the server answered {reply.status}")
        )
    return body
