"""What a cheat may try to reach, with proofs on the trusted side: servers, a process, files.

Nothing is hidden from a cheat here: it is told every address (``params``). Only walls count.
"""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import resource
import selectors
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from harness.intake.sealing import KEYS, sealed_key
from harness.probes import page_cache
from harness.spec import Json
from harness.spec.dataset import key_hash
from tests.cheats.generator import labels_of

_BYSTANDER = """
import ctypes, os, sys, time
labels = ctypes.create_string_buffer(os.environ["LABELS"].encode())
kept = open(sys.argv[1])
os.chdir(os.path.dirname(sys.argv[1]))
print(ctypes.addressof(labels), kept.fileno(), flush=True)
time.sleep(600)
"""


class Servers:
    """Listening sockets of the host's; ``on_log`` is everything that reached any of them."""

    def __init__(self, folder: Path) -> None:
        self.on_log = b""
        self._selector = selectors.DefaultSelector()
        inet, unix, stream, datagram = (
            socket.AF_INET,
            socket.AF_UNIX,
            socket.SOCK_STREAM,
            socket.SOCK_DGRAM,
        )
        self.name = f"\0photofinish-cheats-{os.getpid()}"
        self._sockets = {
            "tcp": self._open(inet, stream, ("127.0.0.1", 0)),
            "udp": self._open(inet, datagram, ("127.0.0.1", 0)),
            "path": self._open(unix, stream, str(folder / "stream")),
            "post": self._open(unix, datagram, str(folder / "datagram")),
            "abstract": self._open(unix, stream, self.name),
        }
        for name in ("stream", "datagram"):
            (folder / name).chmod(0o777)
        threading.Thread(target=self._listen, daemon=True).start()

    def _open(self, family: int, kind: int, address: object) -> socket.socket:
        server = socket.socket(family, kind)
        server.bind(address)  # type: ignore[arg-type]
        if kind == socket.SOCK_STREAM:
            server.listen()
        self._selector.register(server, selectors.EVENT_READ)
        return server

    def params(self) -> dict[str, Json]:
        """The addresses."""
        return {
            "tcp": self._sockets["tcp"].getsockname()[1],
            "udp": self._sockets["udp"].getsockname()[1],
            "path": self._sockets["path"].getsockname(),
            "post": self._sockets["post"].getsockname(),
            "abstract": self.name.replace("\0", "@"),
        }

    def _listen(self) -> None:
        while True:
            for key, _ in self._selector.select():
                server = key.fileobj
                assert isinstance(server, socket.socket)
                with contextlib.suppress(OSError):
                    if server.type == socket.SOCK_DGRAM:
                        self.on_log += server.recv(4096)
                        continue
                    client, _ = server.accept()
                    with client:
                        client.settimeout(1)
                        self.on_log += b"connected " + client.recv(4096)


class Bystander:
    """A process of the harness's user that holds the labels: in memory, environment and a descriptor.

    It stands for the harness itself, which would not survive every attack.
    """

    def __init__(self, labels: str, file: Path) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-S", "-c", _BYSTANDER, str(file)],
            env={"LABELS": labels},
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        self.pid = self._process.pid
        assert self._process.stdout
        self.address, self.descriptor = map(int, self._process.stdout.readline().split())
        self._length = len(labels)
        self._before = self._state()

    def altered(self) -> bool:
        """Whether anything of it is not as it was."""
        return self._state() != self._before

    def _state(self) -> Sequence[object]:
        if self._process.poll() is not None:
            return ["dead"]
        folder = Path("/proc", str(self.pid))
        stopped = (folder / "stat").read_text().rpartition(") ")[2][:1] in "Tt"
        traced = "TracerPid:\t0" not in (folder / "status").read_text()
        with (folder / "mem").open("rb") as memory:
            memory.seek(self.address)
            held = memory.read(self._length)
        return [
            stopped,
            traced,
            held,
            os.getpriority(os.PRIO_PROCESS, self.pid),
            os.sched_getaffinity(self.pid),
            os.sched_getscheduler(self.pid),
            resource.prlimit(self.pid, resource.RLIMIT_NOFILE),
            (folder / "oom_score_adj").read_text(),
        ]

    def close(self) -> None:
        """End it."""
        self._process.kill()
        self._process.wait()
        if self._process.stdout:
            self._process.stdout.close()


class Host:
    """The machine as a cheat finds it. Its labels come from a secret key, whose hash is published."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="photofinish-cheats-"))
        self.folder.chmod(0o755)
        private = self.folder / "private"
        private.mkdir(mode=0o755)
        key = sealed_key(private, "labels")
        self.key_sha256 = key_hash(key)
        self.labels = labels_of(key)
        self.secret = json.dumps({"labels": self.labels})
        (self.folder / "public").mkdir(mode=0o755)
        self.file = private / "labels.json"
        self.file.write_text(self.secret)
        self.file.chmod(0o644)
        self.code = self.folder / "harness.py"
        self.code.write_text("trusted = True\n")
        self.code.chmod(0o666)
        self.pages = self.folder / "public" / "pages.bin"
        self.pages.write_bytes(os.urandom(1 << 20))
        with self.pages.open("rb") as file:
            os.fsync(file.fileno())  # dirty pages cannot be dropped
        self.servers = Servers(self.folder)
        self.bystander = Bystander(self.secret, self.file)
        os.environ["PHOTOFINISH_CHEATS_LABELS"] = self.secret
        self._leaked = os.open(self.file, os.O_RDONLY)
        os.set_inheritable(self._leaked, True)

    def params(self, mark: str) -> Mapping[str, Json]:
        """Everything there is to attack, the pages in memory; ``mark`` names this attempt."""
        self.pages.read_bytes()
        return {
            "mark": mark,
            "labels": str(self.file),
            "key": str(self.file.parent / KEYS / "labels"),
            "key_sha256": self.key_sha256,
            "code": str(self.code),
            "pages": str(self.pages),
            "pid": self.bystander.pid,
            "address": self.bystander.address,
            "descriptor": self.bystander.descriptor,
            "length": len(self.secret),
            **self.servers.params(),
        }

    def gains(self, mark: str) -> Iterator[str]:
        """What this attempt obtained, seen from outside; puts everything back as it was."""
        time.sleep(0.005)  # what is on its way to a server arrives
        if mark.encode() in self.servers.on_log:
            yield "host reached"
        if self.bystander.altered():
            yield "parent altered"
            self.bystander.close()
            self.bystander = Bystander(self.secret, self.file)
        if self.code.read_text() != "trusted = True\n":
            yield "files altered"
            self.code.write_text("trusted = True\n")
        if (page_cache.share([self.pages.parent]) or 0) < 0.5:  # the kernel itself drops a page at times
            yield "page cache"
        if left := _living(mark):
            yield "outlived"
            for pid in left:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
        places = [place.glob(f"*{mark}*") for place in map(Path, ("/tmp", "/dev/shm", "/var/tmp"))]
        for file in itertools.chain(self.folder.rglob(f"*{mark}*"), *places):
            yield "left behind"
            file.unlink()

    def close(self) -> None:
        """Take it all away."""
        self.bystander.close()
        os.close(self._leaked)
        del os.environ["PHOTOFINISH_CHEATS_LABELS"]
        shutil.rmtree(self.folder)


def _living(mark: str) -> list[int]:
    """Processes with the mark in their command line that do not die within a second."""
    deadline = time.monotonic() + 1
    while found := list(_marked(mark)):
        if time.monotonic() > deadline:
            return found
        time.sleep(0.01)
    return []


def _marked(mark: str) -> Iterator[int]:
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            with contextlib.suppress(OSError):
                if mark.encode() in (folder / "cmdline").read_bytes():
                    yield int(folder.name)
