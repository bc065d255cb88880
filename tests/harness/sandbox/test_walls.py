"""Real attempts to get out, against every safe backend that works on this machine."""

from __future__ import annotations

import os
import resource
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from harness.sandbox import confinement, seccomp
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


def test_ordinary_work_goes_on(safe: Backend, attack: Attack) -> None:
    told = attack(
        safe,
        """
import multiprocessing, subprocess, tempfile, threading, uuid
def child(pipe):
    pipe.send(os.getpid() > 0)
    pipe.close()
ours, theirs = multiprocessing.Pipe()
process = multiprocessing.get_context("fork").Process(target=child, args=(theirs,))
process.start()
heard = ours.recv()
process.join()
threads = [threading.Thread(target=time.sleep, args=(0,)) for _ in range(8)]
for thread in threads: thread.start()
for thread in threads: thread.join()
with tempfile.NamedTemporaryFile("w") as file:
    file.write("fits")
open("kept", "w").write("kept")
os.makedirs("a/b")
os.rename("kept", "a/b/kept")
os.nice(1)
said = subprocess.run(["/bin/sh", "-c", "echo words > /dev/null; echo $HOME"], capture_output=True, text=True)
tell([heard, said.stdout.strip() == os.environ["HOME"], os.path.isdir(os.environ["HOME"]),
      len(os.urandom(8)), bool(uuid.uuid4()), os.cpu_count() > 0, open("/proc/self/status").read(5),
      len(open("/proc/cpuinfo").read()) > 0, process.exitcode])
""",
    )
    assert told == [True, True, True, 8, True, True, "Name:", True, 0]


def test_the_environment_is_the_policys(
    backend: Backend, attack: Attack, monkeypatch: pytest.MonkeyPatch, ground: Path
) -> None:
    monkeypatch.setenv("KAGGLE_KEY", "secret")
    told = attack(backend, "tell([dict(os.environ), os.getcwd()])", environment={"OMP_NUM_THREADS": "1"})
    environment, folder = told
    assert folder == str(ground / "work")
    assert environment.pop("OMP_NUM_THREADS") == "1"
    # bwrap tells where it went; C.UTF-8 makes CPython add nothing of its own.
    assert set(environment) - {"PWD"} == {"PATH", "HOME", "TMPDIR", "LANG"}


def test_only_kept_descriptors_are_inherited(backend: Backend, attack: Attack, ground: Path) -> None:
    leaked = os.open(ground / "secret" / "labels", os.O_RDONLY)
    os.set_inheritable(leaked, True)
    read, kept = os.pipe()
    try:
        told = attack(
            backend,
            """
kept = int(sys.argv[1])
os.write(kept, b"through")
tell([[int(name) for name in os.listdir("/proc/self/fd") if error_of(lambda: os.fstat(int(name))) is None],
      sys.stdin.read()])
""",
            kept,
            keep=(kept,),
        )
        assert os.read(read, 7) == b"through"
    finally:
        for descriptor in (leaked, read, kept):
            os.close(descriptor)
    assert told == [[0, 1, 2, kept], ""]


def test_links_on_the_way_to_python_exist_inside(
    backend: Backend, attack: Attack, ground: Path, system_python: Path
) -> None:
    """As with uv and pyenv: the environment's Python points through a linked folder."""
    real = system_python
    (ground / "versions").symlink_to(real.parent)
    (ground / "venv").mkdir()
    python = ground / "venv" / "python"
    python.symlink_to(f"../versions/{real.name}")
    told = attack(
        backend, "tell(sys.executable)", python=python, readable=(ground / "venv", real.parent.parent)
    )
    assert told == str(python)


def test_a_link_on_the_way_to_several_files_is_made_once(
    backend: Backend, attack: Attack, ground: Path
) -> None:
    (ground / "real").mkdir()
    (ground / "linked").symlink_to("real")
    files = [ground / "linked" / name for name in ("a", "b")]
    for file in files:
        file.write_text(file.name)
    told = attack(
        backend, "tell([open(name).read() for name in sys.argv[1:]])", *map(str, files), readable=tuple(files)
    )
    assert told == ["a", "b"]


def test_signals_are_held_by_the_filter_where_landlock_is_old(
    attack: Attack, safe: Backend, monkeypatch: pytest.MonkeyPatch
) -> None:
    if safe.name == "bubblewrap":
        pytest.skip("bubblewrap's pid namespace holds signals")
    old = seccomp.program(seccomp.rules_in_sight(signals_held=False))
    monkeypatch.setattr(confinement, "_program", lambda: old)
    told = attack(
        safe,
        """
import signal, threading
heard = []
signal.signal(signal.SIGUSR1, lambda *_: heard.append(1))
signal.raise_signal(signal.SIGUSR1)
os.kill(os.getpid(), signal.SIGUSR1)
pid = int(sys.argv[1])
tell([len(heard), error_of(lambda: os.kill(pid, 0)), error_of(lambda: os.kill(-1, 0)),
      error_of(lambda: signal.pidfd_send_signal(os.pidfd_open(pid), 0))])
""",
        os.getpid(),
    )
    assert told == [2, "PermissionError", "PermissionError", "PermissionError"]
