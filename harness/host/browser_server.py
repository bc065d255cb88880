"""A page's side of the wire: files over HTTP, messages over one WebSocket (RFC 6455), all on loopback.

The policy sent with every file lets the page reach nothing but this server; the browser itself reports here
what it refused, out of the page's hands.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import queue
import socket
import struct
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import numpy as np

TYPES = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".mjs": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".wasm": "application/wasm",
}
POLICY = (
    "default-src 'self' blob: data:; script-src 'self' blob: 'unsafe-eval'; worker-src 'self' blob:; "
    "connect-src 'self' blob: data: ws://{host}; report-uri /refused"
)
_GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
_CONTINUED, _TEXT, _BINARY, _CLOSE, _PING = 0, 1, 2, 8, 9
_MOST_REFUSED = 100


class Server:
    """Serves the page's folder at ``/`` and each of ``folders`` under its name."""

    def __init__(self, page: str) -> None:
        self.folders = {"": page}
        self.refused: list[str] = []
        self._sockets: queue.Queue[WebSocket] = queue.Queue()
        handler = type("Handler", (_Handler,), {"house": self})
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self._server.daemon_threads = True
        self.host = f"127.0.0.1:{self._server.server_port}"
        self.url = f"http://{self.host}/index.html"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def page(self, seconds: float) -> WebSocket:
        """Wait for the page to connect. Raises TimeoutError."""
        try:
            return self._sockets.get(timeout=seconds)
        except queue.Empty:
            raise TimeoutError(f"the page did not come up within {seconds:g} s") from None

    def connected(self, connection: socket.socket) -> None:
        """Take over a connection that has become a WebSocket; only the first counts."""
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._sockets.put(WebSocket(connection))

    def note(self, report: bytes) -> None:
        """Keep what a report of the browser says was refused."""
        try:
            told = json.loads(report)["csp-report"]
            said = f"{told['blocked-uri']} ({told['effective-directive']})"
        except (ValueError, KeyError, TypeError):
            said = "an unreadable report"
        if len(self.refused) < _MOST_REFUSED:
            self.refused.append(said[:200])

    def file(self, path: str) -> str | None:
        """The file behind a URL's path, or None where there is none."""
        first, _, rest = path.lstrip("/").partition("/")
        folder, name = (self.folders.get(first), rest) if rest else (self.folders[""], first)
        if folder is None:
            return None
        found = os.path.realpath(os.path.join(folder, name))
        inside = found.startswith(os.path.realpath(folder) + os.sep)
        return found if inside and os.path.isfile(found) else None


class _Handler(BaseHTTPRequestHandler):
    house: Server
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """A file, or the handshake of the wire."""
        path = self.path.partition("?")[0]
        if path == "/wire":
            self._shake_hands()
            return
        file = self.house.file(path)
        if file is None:
            self._send(404, "text/plain", b"there is no such file")
            return
        with open(file, "rb") as stream:
            self._send(200, TYPES.get(os.path.splitext(file)[1], "application/octet-stream"), stream.read())

    def do_POST(self) -> None:
        """A report of the browser's."""
        self.house.note(self.rfile.read(int(self.headers.get("Content-Length", 0))))
        self._send(204, "text/plain", b"")

    def _send(self, status: int, kind: str, data: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        self.send_header("Content-Security-Policy", POLICY.format(host=self.house.host))
        # Isolated from other origins a page may have threads and a finer clock.
        self.send_header("Cross-Origin-Opener-Policy", "same-origin")
        self.send_header("Cross-Origin-Embedder-Policy", "require-corp")
        self.end_headers()
        self.wfile.write(data)

    def _shake_hands(self) -> None:
        key = self.headers.get("Sec-WebSocket-Key", "") + _GUID
        accept = base64.b64encode(hashlib.sha1(key.encode()).digest()).decode()
        self.send_response(101)
        for name, value in {
            "Upgrade": "websocket",
            "Connection": "Upgrade",
            "Sec-WebSocket-Accept": accept,
        }.items():
            self.send_header(name, value)
        self.end_headers()
        self.house.connected(self.connection)
        threading.Event().wait()  # the thread keeps the connection open

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Say nothing: the log is the contestant's."""


class WebSocket:
    """The server's end. Binary messages are the wire, text is the page's console."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._inbox = bytearray(1 << 20)

    def send(self, header: bytes, body: memoryview | bytes) -> None:
        """Send one binary message."""
        length = len(header) + len(body)
        head = struct.pack(">BBQ", 0x80 | _BINARY, 127, length)
        if length < 1 << 16:  # the shortest form that fits is the only one allowed
            size = (length,) if length < 126 else (126, *length.to_bytes(2, "big"))
            head = bytes((0x80 | _BINARY, *size))
        self._connection.sendall(head + header)
        self._connection.sendall(body)

    def receive(self) -> memoryview:
        """The next binary message, valid until the next call. Raises EOFError when the page is gone."""
        length, kind = 0, _CONTINUED
        while True:
            first, second = self._read(2)
            size = second & 0x7F
            if size >= 126:
                size = int.from_bytes(self._read(2 if size == 126 else 8), "big")
            mask = self._read(4)
            opcode = first & 0x0F
            if opcode == _CLOSE:
                raise EOFError("the page is gone")
            self._grow(length + size)
            self._fill(length, size, mask)
            kind = opcode or kind
            if opcode == _PING:
                continue
            length += size
            if not first & 0x80:
                continue
            if kind == _BINARY:
                return memoryview(self._inbox)[:length]
            print(self._inbox[:length].decode("utf-8", "replace"), flush=True)
            length = 0

    def _grow(self, length: int) -> None:
        if length > len(self._inbox):
            self._inbox = self._inbox + bytes(2 * length - len(self._inbox))

    def _fill(self, start: int, size: int, mask: bytes) -> None:
        """Read a frame's payload to its place and take the mask off."""
        place = memoryview(self._inbox)[start : start + size]
        done = 0
        while done < size:
            count = self._connection.recv_into(place[done:])
            if not count:
                raise EOFError("the page is gone")
            done += count
        payload, whole = np.asarray(place), size // 4 * 4
        payload[:whole].view(np.uint32)[...] ^= np.frombuffer(mask, np.uint32)
        payload[whole:] ^= np.frombuffer(mask, np.uint8)[: size - whole]

    def _read(self, count: int) -> bytes:
        data = self._connection.recv(count, socket.MSG_WAITALL)
        if len(data) < count:
            raise EOFError("the page is gone")
        return data
