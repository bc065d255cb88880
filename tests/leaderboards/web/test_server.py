"""The socket that pages are served on."""

from __future__ import annotations

import asyncio
import socket

from leaderboards.web.server import listening


def test_small_replies_are_sent_at_once() -> None:
    async def delays() -> bool:
        accepted: asyncio.Future[socket.socket] = asyncio.get_running_loop().create_future()

        def connected(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            accepted.set_result(writer.get_extra_info("socket"))

        with listening("127.0.0.1", 0) as opened:
            server = await asyncio.start_server(connected, sock=opened)
            _, writer = await asyncio.open_connection(*opened.getsockname())
            no_delay = (await accepted).getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
            writer.close()
            server.close()
        return not no_delay

    assert not asyncio.run(delays())
