"""Uploads that are larger than they say, unpack to more than they weigh, or are no tables at all."""

from __future__ import annotations

import gzip
import io
import tarfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest

from competitions.evaluation.reports import read_report
from competitions.queue.submitting import Intake, submit
from tests.competitions.conftest import Play, right
from tests.competitions.serving import serving

API = "/api/competitions"


@pytest.fixture
def http(play: Play) -> Iterator[httpx2.Client]:
    with (
        serving(play.home) as port,
        httpx2.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False) as client,
    ):
        yield client


def bearer(play: Play, name: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {play.tokens[name]}"}


def test_an_upload_is_never_larger_than_announced_nor_changed_afterwards(
    play: Play, http: httpx2.Client
) -> None:
    ann, text = play.account("ann"), right(0.9).encode()
    new = {"file_name": "a.csv", "bytes": len(text)}
    upload = http.post(f"{API}/coins/uploads", headers=bearer(play, "ann"), json=new).json()
    assert http.put(upload["path"], content=text + b"x").status_code == 413

    def endless() -> Iterator[bytes]:
        for _ in range(1000):
            yield text

    assert http.put(upload["path"], content=endless()).status_code == 413
    assert http.put(upload["path"], content=text).status_code == 200
    assert http.put(upload["path"], content=text[:-9] + b"199,1,1\n\n").json() == {"received": len(text)}
    intake = Intake(play.engine, play.home)
    made = submit(intake, "coins", "predictions", ann, upload["token"])
    assert (play.home / made.handed.path).read_bytes() == text
    assert http.put(upload["path"], content=text).status_code == 403
    assert http.put("/competitions/upload/guessed", content=b"x").status_code == 404


def test_an_upload_beyond_the_limit_is_refused_before_its_bytes(play: Play, http: httpx2.Client) -> None:
    play.account("ann")
    new = {"file_name": "a.csv", "bytes": 100_000_001}
    assert http.post(f"{API}/coins/uploads", headers=bearer(play, "ann"), json=new).status_code == 413
    small = {"file_name": "a.csv", "bytes": 10}
    codes = [
        http.post(f"{API}/coins/uploads", headers=bearer(play, "ann"), json=small).status_code
        for _ in range(25)
    ]
    assert codes == [200] * 20 + [429] * 5


def bomb_of(kind: str) -> bytes:
    """Pack ten million zeros under a name that leads out of the folder."""
    packed, zeros = io.BytesIO(), b"0" * 10_000_000
    if kind == "gz":
        return gzip.compress(zeros)
    if kind == "tar.gz":
        with tarfile.open(fileobj=packed, mode="w:gz") as tar:
            member = tarfile.TarInfo("../../solution.csv")
            member.size = len(zeros)
            tar.addfile(member, io.BytesIO(zeros))
        return packed.getvalue()
    name = "xl/worksheets/sheet1.xml" if kind == "xlsx" else "../../solution.csv"
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, zeros)
    return packed.getvalue()


@pytest.mark.parametrize(
    ("kind", "name"),
    [("xlsx", "a.xlsx"), ("tar.gz", "a.tar.gz"), ("gz", "a.csv.gz"), ("gz", "a.csv"), ("zip", "a.parquet")],
)
def test_packed_files_are_not_unpacked(play: Play, kind: str, name: str) -> None:
    made = play.submit(play.account("ann"), bomb_of(kind), name)
    play.judge_all()
    assert (play.read(made).progress.state, play.read(made).progress.fault) == ("failed", "rehearsal")


def test_an_encoded_body_is_stored_as_it_comes(play: Play, http: httpx2.Client) -> None:
    play.account("ann")
    packed = gzip.compress(right(0.9).encode())
    coded = {**bearer(play, "ann"), "Content-Encoding": "gzip", "Content-Type": "application/json"}
    new = {"file_name": "a.csv", "bytes": len(packed)}
    upload = http.post(f"{API}/coins/uploads", headers=bearer(play, "ann"), json=new).json()
    assert http.put(upload["path"], content=packed, headers={"Content-Encoding": "gzip"}).json() == {
        "received": len(packed)
    }
    body = gzip.compress(b'{"token": "' + upload["token"].encode() + b'"}')
    assert http.post(f"{API}/coins/submissions", content=body, headers=coded).status_code == 400


def test_bombs_are_refused_in_the_rehearsal(play: Play) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    ann, bob = play.account("ann"), play.account("bob")
    stream = io.BytesIO()
    wide = pa.table({"id": list(range(200)), "side": ["x" * 100_000] * 200})
    pq.write_table(wide, stream, compression="zstd")
    long = io.BytesIO()
    pq.write_table(pa.table({"id": [0] * 10_000_000, "side": [0] * 10_000_000}), long, compression="zstd")
    made = [
        play.submit(ann, stream.getvalue(), "wide.parquet"),
        play.submit(ann, long.getvalue(), "long.parquet"),
        play.submit(ann, "id,side\n" + "0,0\n" * 1_000_000, "long.csv"),
        play.submit(ann, "id,side" + ",a" * 1_000_000 + "\n", "wide.csv"),
    ]
    made.append(play.submit(ann, bomb_of("zip"), "bomb.zip"))
    same, once = io.BytesIO(), pa.array(["x" * 9_000_000])  # in the file once, and in every row
    repeated = pa.DictionaryArray.from_arrays(pa.array([0] * 200), once)
    pq.write_table(pa.table({"id": range(200), "side": repeated}), same)
    made.append(play.submit(bob, same.getvalue(), "same.parquet"))
    play.judge_all()
    for one in made:
        failed = play.read(one).progress
        assert (failed.state, failed.fault) == ("failed", "rehearsal"), one.handed.name
        report = read_report(play.engine, play.home, bob if one is made[-1] else ann, one.id)
        assert report is not None
        assert len(report.message) < 2000


def test_a_file_of_a_pickle_is_not_opened(play: Play, tmp_path: Path) -> None:
    import pickle

    class Bomb:
        def __reduce__(self) -> tuple[object, ...]:
            return (Path.touch, (tmp_path / "owned",))

    ann = play.account("ann")
    for name in ("a.csv", "a.parquet", "a.pkl"):
        play.submit(ann, pickle.dumps(Bomb()), name)
    play.judge_all()
    assert not (tmp_path / "owned").exists()
