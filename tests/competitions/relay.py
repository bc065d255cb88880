"""A relay before a server that breaks a connection off in the middle, as networks do."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field


@dataclass
class Relay:
    """Passes bytes on; a connection on which ``mark`` is asked is cut after ``after`` bytes, ``times`` times.

    Bytes of the request count where ``sent`` is true, else those of the reply.
    """

    port: int
    mark: bytes
    after: int
    sent: bool
    times: int = 1
    listening: socket.socket = field(default_factory=lambda: socket.create_server(("127.0.0.1", 0)))
    cut: int = 0

    def serve(self) -> None:
        with suppress(OSError):  # the listening socket was closed: the end
            while True:
                client, _ = self.listening.accept()
                threading.Thread(target=self._pass, args=(client,), daemon=True).start()

    def _pass(self, client: socket.socket) -> None:
        server = socket.create_connection(("127.0.0.1", self.port))
        asked = threading.Event()
        back = threading.Thread(target=self._copy, args=(server, client, asked, not self.sent), daemon=True)
        back.start()
        self._copy(client, server, asked, self.sent)
        back.join()

    def _copy(
        self, source: socket.socket, target: socket.socket, asked: threading.Event, counts: bool
    ) -> None:
        passed = 0
        with suppress(OSError):
            while data := source.recv(4096):
                if data.startswith(self.mark):
                    asked.set()
                if counts and asked.is_set() and self.cut < self.times:
                    passed += len(data)
                    if passed > self.after:
                        self.cut += 1
                        break
                target.sendall(data)
        for one in (source, target):
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)


@contextmanager
def relay(port: int, mark: bytes, after: int, *, sent: bool) -> Iterator[Relay]:
    """Relay to a port; see ``Relay``."""
    made = Relay(port, mark, after, sent)
    threading.Thread(target=made.serve, daemon=True).start()
    with made.listening:
        yield made
