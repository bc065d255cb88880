"""A real cluster on this computer: machines join by the command, evaluate, die, stop and come back."""

from __future__ import annotations

import importlib.util
import secrets
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from bench.machines_cluster import ROOT, Cluster, requested, started
from harness.record import Record
from harness.sandbox import choose
from harness.spec import Places, no_progress
from machines.executor import MachineLost, NoMachine
from machines.joining import token_file
from machines.ray_cluster import RayCluster
from machines.ray_executor import RayExecutor, Terms
from machines.signatures import signer_of
from machines.stopping import Stopped
from tests.machines.conftest import RIGHT

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(importlib.util.find_spec("ray") is None, reason="Ray is not installed: make ray"),
]
SLEEPS = "import time\nimport numpy as np\ndef build(context):\n    time.sleep(25)\n    return np.argmax\n"
NOSY = """
import socket
import numpy as np
def build(context):
    for port in {ports}:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=2).close()
        except OSError:
            continue
        raise RuntimeError("reached")
    return lambda x: np.int64(x.argmax())
"""
READER = "import numpy as np\ndef build(context):\n    open({!r}).read()\n    return np.argmax\n"
ENTER = """
import sys
from pathlib import Path
from machines.ray_cluster import RayCluster
RayCluster(sys.argv[1], Path(sys.argv[2]))
"""


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    with started(tmp_path_factory.mktemp("cluster")) as made:
        made.join("one", "edge")
        made.join("two", "edge,cpu")
        made.join("stranger", "edge,cpu,browser", enrolled=False)
        yield made


@pytest.fixture
def executor(cluster: Cluster) -> Iterator[RayExecutor]:
    connection = RayCluster(cluster.address, cluster.host)
    yield RayExecutor(connection, cluster.host, Terms(patience_s=15))
    connection.close()


def evaluated(executor: RayExecutor, folder: Path, places: Places, source: str = RIGHT) -> Record:
    folder.mkdir()
    with executor.reserved("edge") as evaluator:
        return evaluator(requested(folder, source, places), places, no_progress).record


def test_enrolled_machines_share_the_work_and_a_stranger_gets_none(
    cluster: Cluster, executor: RayExecutor, places: Places, tmp_path: Path
) -> None:
    assert {"cpu", "edge"} < set(executor.free_profiles())
    records: list[Record] = []
    left = iter(range(8))

    def work() -> None:
        records.extend(evaluated(executor, tmp_path / f"job-{number}", places) for number in left)

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [record.status for record in records] == ["ok"] * 8
    assert len({record.id for record in records}) == 8
    signers = {signer_of(places.records / record.id) for record in records}
    assert signers == {cluster.key("one"), cluster.key("two")}
    with pytest.raises(NoMachine, match="'browser'"), executor.reserved("browser"):
        pass


@pytest.mark.skipif(not choose(None).safe, reason="no sandbox here")
def test_a_sandboxed_submission_reaches_neither_ray_nor_its_secrets(
    cluster: Cluster, executor: RayExecutor, places: Places, tmp_path: Path
) -> None:
    ports = sorted({each.laddr.port for each in psutil.net_connections("tcp") if each.status == "LISTEN"})
    assert int(cluster.address.partition(":")[2]) in ports
    record = evaluated(executor, tmp_path / "knocks", places, NOSY.format(ports=ports))
    assert (record.status, record.message) == ("ok", "")
    secret_files = [token_file(cluster.host), cluster.folder / "one" / "machines" / "machine.key"]
    for number, file in enumerate(secret_files):
        assert file.is_file()
        record = evaluated(executor, tmp_path / f"reads-{number}", places, READER.format(str(file)))
        assert (record.status, "Error" in record.message) == ("failed", True)


def test_without_the_token_nobody_enters(cluster: Cluster, tmp_path: Path) -> None:
    wrong = token_file(tmp_path)
    wrong.parent.mkdir(parents=True)
    wrong.write_text(secrets.token_hex(32))
    words = [sys.executable, "-c", ENTER, cluster.address, str(tmp_path)]
    entered = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    assert entered.returncode != 0


def test_an_evaluation_on_a_machine_is_cancelled_and_the_machine_is_free_again(
    cluster: Cluster, executor: RayExecutor, places: Places, tmp_path: Path
) -> None:
    caught: list[BaseException] = []
    stop = threading.Event()
    (tmp_path / "cancelled").mkdir()
    request = requested(tmp_path / "cancelled", SLEEPS, places)

    def wait() -> None:
        try:
            with executor.reserved("edge", stop) as evaluator:
                evaluator(request, places, no_progress)
        except BaseException as error:
            caught.append(error)

    thread = threading.Thread(target=wait)
    thread.start()
    name = cluster.busy_one("one", "two")
    stop.set()
    thread.join(timeout=60)
    assert isinstance(caught[0], Stopped), caught
    cluster.forget(name)
    assert evaluated(executor, tmp_path / "next", places).status == "ok"


@pytest.mark.parametrize("number", [signal.SIGSTOP, signal.SIGKILL], ids=["stopped", "killed"])
def test_a_machine_that_is_lost_is_told_and_its_late_answer_is_nobodys(
    cluster: Cluster, executor: RayExecutor, places: Places, tmp_path: Path, number: int
) -> None:
    caught: list[BaseException] = []

    def wait() -> None:
        try:
            evaluated(executor, tmp_path / "lost", places, SLEEPS)
        except BaseException as error:
            caught.append(error)

    thread = threading.Thread(target=wait)
    thread.start()
    name = cluster.busy_one("one", "two")
    cluster.signal(name, number)
    thread.join(timeout=120)
    if number == signal.SIGSTOP:
        cluster.signal(name, signal.SIGCONT)
    assert isinstance(caught[0], MachineLost), caught
    assert not list(places.records.glob("*"))
    cluster.forget(name)
