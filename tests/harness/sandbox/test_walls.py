"""Real attempts to get out, against every safe backend that works on this machine."""

from __future__ import annotations

import os
import resource
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from harness.sandbox.policy import Backend

Attack = Callable[..., Any]


def test_files_outside_cannot_be_read(safe: Backend, attack: Attack, ground: Path) -> None:
    told = attack(
        safe,
        """
secret, harness, parent = sys.argv[1:4]
os.symlink(secret, "link")
paths = [secret, "link", "/proc/self/root" + secret, "/proc/self/cwd/../secret/labels", "/etc/shadow",
         harness, f"/proc/{parent}/environ", f"/proc/{parent}/mem", f"/proc/{parent}/maps",
         f"/proc/{parent}/cwd/pyproject.toml", f"/proc/{parent}/root" + secret, "/proc/1/root" + secret,
         "/proc/kcore", "/dev/mem", "/dev/kmsg"]
tell({path: error_of(lambda: open(path, "rb").read(1)) for path in paths})
""",
        ground / "secret" / "labels",
        Path(__file__).resolve(),
        os.getpid(),
    )
    # Bubblewrap's own process 1 may be seen but not looked into.
    assert {path for path, error in told.items() if error is None} == set()


def test_folders_outside_cannot_be_listed(safe: Backend, attack: Attack, ground: Path) -> None:
    told = attack(
        safe,
        """
def names(folder):
    try:
        return os.listdir(folder)
    except OSError:
        return []
tell({folder: names(folder) for folder in sys.argv[1:]})
""",
        ground / "secret",
        "/root",
        "/home",
        Path(__file__).parent,
        "/tmp",
        "/run",
    )
    for folder in (str(ground / "secret"), str(Path(__file__).parent), "/run", "/home"):
        assert told[folder] == []
    assert set(told["/tmp"]) <= {"home", *ground.parts}


def test_nothing_outside_can_be_changed(safe: Backend, attack: Attack, ground: Path) -> None:
    secret = ground / "secret" / "labels"
    before = secret.stat()
    told = attack(
        safe,
        """
secret, folder = sys.argv[1:3]
attacks = {
    "write": lambda: open(secret, "r+").write("x"),
    "truncate": lambda: os.truncate(secret, 0),
    "create": lambda: open(folder + "/new", "w"),
    "folder": lambda: os.mkdir(folder + "/new"),
    "unlink": lambda: os.unlink(secret),
    "rename": lambda: os.rename(secret, folder + "/moved"),
    "steal": lambda: os.rename(secret, "mine"),
    "link": lambda: os.link(secret, "mine"),
    "system": lambda: open("/usr/new", "w"),
    "root": lambda: open("/new", "w"),
    "devices": lambda: open("/dev/new", "w"),
    "kernel": lambda: open("/proc/sys/kernel/core_pattern", "w"),
}
told = {name: error_of(attack) for name, attack in attacks.items()}
for attack in (lambda: os.chmod(secret, 0), lambda: os.utime(secret, (0, 0)), lambda: os.chown(secret, 1, 1)):
    error_of(attack)
tell(told)
""",
        secret,
        secret.parent,
    )
    assert {name for name, error in told.items() if error is None} == set()
    after = secret.stat()
    assert (after.st_mode, after.st_mtime, after.st_uid) == (before.st_mode, before.st_mtime, before.st_uid)
    assert secret.read_text() == "the labels"
    assert list(secret.parent.iterdir()) == [secret]


@pytest.fixture
def host_sockets(ground: Path) -> Iterator[list[str]]:
    """Two listening sockets of the host's that any user may connect to: a path and an abstract name."""
    path = str(ground / "secret" / "socket")
    name = f"\0photofinish-test-{os.getpid()}"
    servers = []
    for address in (path, name):
        server = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        server.bind(address)
        server.listen()
        servers.append(server)
    Path(path).chmod(0o777)
    yield [path, name.replace("\0", "@")]
    for server in servers:
        server.close()


def test_no_network_and_no_socket_of_the_host(safe: Backend, attack: Attack, host_sockets: list[str]) -> None:
    told = attack(
        safe,
        """
import platform, socket
def connect(kind, address):
    with socket.socket(socket.AF_UNIX, kind) as client:
        client.connect(address.replace("@", "\\0"))
def send(address):
    left, _ = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    left.sendto(b"x", address.replace("@", "\\0"))
attacks = {
    "tcp": lambda: socket.socket(socket.AF_INET, socket.SOCK_STREAM),
    "udp": lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM),
    "tcp6": lambda: socket.socket(socket.AF_INET6, socket.SOCK_STREAM),
    "netlink": lambda: socket.socket(socket.AF_NETLINK, socket.SOCK_RAW),
    "packet": lambda: socket.socket(socket.AF_PACKET, socket.SOCK_RAW),
    "vsock": lambda: socket.socket(socket.AF_VSOCK, socket.SOCK_STREAM),
    "dns": lambda: socket.getaddrinfo("example.com", 80),
    "unix path": lambda: connect(socket.SOCK_STREAM, sys.argv[1]),
    "unix abstract": lambda: connect(socket.SOCK_STREAM, sys.argv[2]),
    "unix datagram": lambda: send(sys.argv[1]),
    "io_uring": lambda: call(425, 8, ctypes.create_string_buffer(120)),
}
told = {name: error_of(attack) for name, attack in attacks.items()}
left, right = socket.socketpair()
left.send(b"ping")
tell([told, right.recv(4).decode()])
""",
        *host_sockets,
    )
    refused, echoed = told
    assert {name for name, error in refused.items() if error is None} == set()
    assert refused["io_uring"] == "PermissionError"
    assert echoed == "ping"


def test_the_harness_is_out_of_reach(safe: Backend, attack: Attack) -> None:
    pid = os.getpid()
    before = (
        os.getpriority(os.PRIO_PROCESS, 0),
        os.sched_getaffinity(0),
        resource.getrlimit(resource.RLIMIT_NOFILE),
    )
    told = attack(
        safe,
        """
import resource, signal
pid = int(sys.argv[1])
def signal_by_descriptor():
    signal.pidfd_send_signal(os.pidfd_open(pid), 0)
attacks = {
    "signal": lambda: os.kill(pid, 0),
    "group": lambda: os.killpg(pid, 0),
    "pidfd": signal_by_descriptor,
    "ptrace": lambda: call(101 if os.uname().machine == "x86_64" else 117, 16, pid, 0, 0),
    "memory": lambda: call(310 if os.uname().machine == "x86_64" else 270, pid, None, 0, None, 0, 0),
    "limits": lambda: resource.prlimit(pid, resource.RLIMIT_NOFILE, (8, 8)),
    "priority": lambda: os.setpriority(os.PRIO_PROCESS, pid, 19),
    "user's priority": lambda: os.setpriority(os.PRIO_USER, 0, 19),
    "scheduler": lambda: os.sched_setscheduler(pid, os.SCHED_IDLE, os.sched_param(0)),
}
told = {name: error_of(attack) for name, attack in attacks.items()}
error_of(lambda: os.sched_setaffinity(pid, {min(os.sched_getaffinity(0))}))
tell(told)
""",
        pid,
    )
    assert {name for name, error in told.items() if error is None} == set()
    assert before == (
        os.getpriority(os.PRIO_PROCESS, 0),
        os.sched_getaffinity(0),
        resource.getrlimit(resource.RLIMIT_NOFILE),
    )


def test_the_pin_holds_and_says_nothing(safe: Backend, attack: Attack) -> None:
    last = max(os.sched_getaffinity(0))
    told = attack(
        safe,
        """
os.sched_setaffinity(0, range(os.cpu_count()))
tell(sorted(os.sched_getaffinity(0)))
""",
        cpus=frozenset({last}),
    )
    assert told == [last]


def test_the_kernels_odd_corners_are_closed(safe: Backend, attack: Attack) -> None:
    told = attack(
        safe,
        """
x86 = os.uname().machine == "x86_64"
attacks = {
    "unshare": lambda: call(272 if x86 else 97, 0x10000000),
    "clone": lambda: call(56 if x86 else 220, 0x10000000 | 17, 0, 0, 0, 0),
    "setns": lambda: call(308 if x86 else 268, 0, 0),
    "mount": lambda: call(165 if x86 else 40, b"none", b"/tmp", b"tmpfs", 0, None),
    "keyctl": lambda: call(250 if x86 else 219, 0, -3, 0),
    "bpf": lambda: call(321 if x86 else 280, 0, None, 0),
    "userfaultfd": lambda: call(323 if x86 else 282, 0),
    "perf": lambda: call(298 if x86 else 241, None, 0, -1, -1, 0),
    "shared memory": lambda: call(29 if x86 else 194, 0, 4096, 0o1600),
    "memfd": lambda: os.memfd_create("hidden"),
    "clock": lambda: time.clock_settime(time.CLOCK_REALTIME, 0),
    "timer": lambda: call(222 if x86 else 107, 0, None, ctypes.create_string_buffer(8)),
}
tell({name: error_of(attack) for name, attack in attacks.items()})
""",
    )
    assert {name for name, error in told.items() if error is None} == set()
