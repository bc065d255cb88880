"""The web server, on the loopback address by default."""

from __future__ import annotations

import asyncio
import gc
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import uvicorn
from anyio.to_thread import current_default_thread_limiter

from harness.spec.errors import NotAvailable

if TYPE_CHECKING:
    from starlette.types import ASGIApp

_THREADS = 8
"""Threads that answer at the same time: more of them only wait for each other."""
_SWITCH_S = 0.0002
"""How long a thread may go on while others wait (usually 0.005): a page waits for many turns, one a query."""
_KEEP_S = 30
"""How long a connection is kept open that nothing is asked over."""


@contextmanager
def listening(host: str = "127.0.0.1", port: int = 8765) -> Iterator[socket.socket]:
    """Open the socket to serve on. Raises NotAvailable where the address or the port cannot be had."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        # With its protocol named, asyncio sends small replies at once (TCP_NODELAY), not 40 ms later.
        opened = socket.socket(family, kind, protocol)
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
    config = uvicorn.Config(app, log_level="warning", server_header=False, timeout_keep_alive=_KEEP_S)
    sys.setswitchinterval(_SWITCH_S)
    gc.collect()
    gc.freeze()  # modules and templates stay; looking through them again and again holds up every request
    asyncio.run(_serve(uvicorn.Server(config), opened))


async def _serve(server: uvicorn.Server, opened: socket.socket) -> None:
    current_default_thread_limiter().total_tokens = _THREADS
    await server.serve(sockets=[opened])
