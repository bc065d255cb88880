"""The web server, on the loopback address by default."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import uvicorn

from harness.spec.errors import NotAvailable

if TYPE_CHECKING:
    from starlette.types import ASGIApp


@contextmanager
def listening(host: str = "127.0.0.1", port: int = 8765) -> Iterator[socket.socket]:
    """Open the socket to serve on. Raises NotAvailable where the address or the port cannot be had."""
    try:
        family, *_, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        opened = socket.socket(family, socket.SOCK_STREAM)
    except OSError as error:
        raise NotAvailable(
            f"the address {host} cannot be used: {error.strerror}; choose another --host"
        ) from None
    with opened:
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            opened.bind(address)
            opened.listen()
        except OSError as error:
            raise NotAvailable(
                f"port {port} of {host} cannot be used: {error.strerror}; choose another with --port"
            ) from None
        yield opened


def run(app: ASGIApp, opened: socket.socket) -> None:
    """Serve an application until interrupted."""
    config = uvicorn.Config(app, log_level="warning", server_header=False)
    uvicorn.Server(config).run(sockets=[opened])
