"""Serve a page on loopback: its files over HTTP, its messages over one WebSocket (RFC 6455).

The policy sent with every file lets the page reach nothing but this server; the browser itself, not the
page, reports here what it refused.
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
from collections.abc import Mapping
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
    """Serves the page's folder at ``/``, each of ``folders`` under its name, and ``generated`` by path."""

    def __init__(self, page: str, generated: Mapping[str, bytes]) -> None:
        self.folders = {"": page}
        self.generated = generated
        self.refused: list[str] = []
        self._sockets: queue.Queue[WebSocket] = queue.Queue()
        handler = type("Handler", (_Handler,), {"server_of_page": self})
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
        """Take over a connection that has become a WebSocket; only the first is used."""
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._sockets.put(WebSocket(connection))

    def note(self, report: bytes) -> None:
        """Keep the address that a report of the browser names as refused."""
        try:
            violation = json.loads(report)["csp-report"]
            refused = f"{violation['blocked-uri']} ({violation['effective-directive']})"
        except (ValueError, KeyError, TypeError):
            refused = "an unreadable report"
        if len(self.refused) < _MOST_REFUSED:
            self.refused.append(refused[:200])

    def read(self, path: str) -> bytes | None:
        """Return what lies behind a URL's path, or None where there is nothing."""
        if path in self.generated:
            return self.generated[path]
        first, _, rest = path.lstrip("/").partition("/")
        folder, name = (self.folders.get(first), rest) if rest else (self.folders[""], first)
        if folder is None:
            return None
        file = os.path.realpath(os.path.join(folder, name))
        if not file.startswith(os.path.realpath(folder) + os.sep) or not os.path.isfile(file):
            return None
        with open(file, "rb") as stream:
            return stream.read()


class _Handler(BaseHTTPRequestHandler):
    server_of_page: Server
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """Send a file, or make the connection a WebSocket."""
        path = self.path.partition("?")[0]
        if path == "/wire":
            self._shake_hands()
            return
        data = self.server_of_page.read(path)
        if data is None:
            self._send(404, "text/plain", b"there is no such file")
            return
        self._send(200, TYPES.get(os.path.splitext(path)[1], "application/octet-stream"), data)

    def do_POST(self) -> None:
        """Keep a report of the browser."""
        self.server_of_page.note(self.rfile.read(int(self.headers.get("Content-Length", 0))))
        self._send(204, "text/plain", b"")

    def _send(self, status: int, kind: str, data: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        self.send_header("Content-Security-Policy", POLICY.format(host=self.server_of_page.host))
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
        self.server_of_page.connected(self.connection)
        threading.Event().wait()  # the thread keeps the connection open

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Print nothing: the log belongs to the submission."""


class WebSocket:
    """The server's end of a WebSocket; binary messages are answers, text is the page's console."""

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
        """Read a frame's payload into the inbox and remove the mask."""
        payload = memoryview(self._inbox)[start : start + size]
        done = 0
        while done < size:
            count = self._connection.recv_into(payload[done:])
            if not count:
                raise EOFError("the page is gone")
            done += count
        unmasked, whole = np.asarray(payload), size // 4 * 4
        unmasked[:whole].view(np.uint32)[...] ^= np.frombuffer(mask, np.uint32)
        unmasked[whole:] ^= np.frombuffer(mask, np.uint8)[: size - whole]

    def _read(self, count: int) -> bytes:
        data = self._connection.recv(count, socket.MSG_WAITALL)
        if len(data) < count:
            raise EOFError("the page is gone")
        return data
