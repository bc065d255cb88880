"""Files of records in stores that machines reach by an address: what one host publishes, another shows."""

from __future__ import annotations

import importlib.util
import logging
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from commands.lookup import folder_of, record_of
from harness.record import read_record
from harness.spec.errors import UnreadableRecord, UserError
from leaderboards.boards.spec import BoardSpec
from leaderboards.store import index, publishing
from leaderboards.store.ledger import artifacts
from leaderboards.store.ledger.store import FILES_FILE, StoreError
from leaderboards.web.app import create_app
from tests.leaderboards.web.site import PNG

SECRET = "private answers"


@pytest.fixture
def published(
    home: Path, make_record: Callable[..., Path], cots_spec: BoardSpec, monkeypatch: pytest.MonkeyPatch
) -> Callable[[], Path]:
    """Publish a record with a picture and a private file; its tracking database is reached by everybody."""
    monkeypatch.delenv("PHOTOFINISH_INDEX_URL", raising=False)

    def publish() -> Path:
        folder = make_record("cnn", 0.7)
        (folder / "images").mkdir()
        (folder / "images" / "frame-007.png").write_bytes(PNG)
        (folder / "private-answers.npz").write_text(SECRET)
        publishing.publish(home, folder, cots_spec)
        return folder

    return publish


@pytest.fixture
def shared(home: Path, empty_store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A tracking database that several hosts reach, and a folder as the store of artifacts."""
    database = tmp_path / "shared.db"
    database.write_bytes((empty_store / "ledger" / "mlflow.db").read_bytes())
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{database}")
    monkeypatch.setenv("PHOTOFINISH_ARTIFACTS", str(tmp_path / "store"))
    return tmp_path / "store"


def visited(other: Path) -> TestClient:
    """Open the pages of a host whose disk is empty; its boards come from the ledger."""
    publishing.rebuild(other, index.open_index(other))
    return TestClient(create_app(other))


def shows_the_record(other: Path, folder: Path) -> None:
    pages = visited(other)
    page = pages.get(f"/records/{folder.name}")
    assert page.status_code == 200 and "frame-007.png" in page.text
    assert pages.get(f"/records/{folder.name}/images/frame-007.png").content == PNG
    assert not (other / "records").exists(), "a copy is none of the records of this host"
    fetched = other / "fetched" / folder.name
    assert read_record(fetched) == read_record(folder)
    assert not list(fetched.glob("private*"))


def test_another_host_shows_what_one_published_into_a_folder(
    shared: Path, published: Callable[[], Path], home: Path, tmp_path: Path
) -> None:
    folder = published()
    assert not (home / "ledger" / "artifacts").exists()
    kept = [path for path in shared.rglob("*") if path.is_file()]
    assert {path.name for path in kept} >= {"record.json", "frame-007.png", FILES_FILE}
    assert not [path for path in kept if SECRET.encode() in path.read_bytes()]
    shows_the_record(tmp_path / "other", folder)


def test_commands_find_a_record_that_another_host_published(
    shared: Path, published: Callable[[], Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, other = published(), tmp_path / "other"
    monkeypatch.setenv("PHOTOFINISH_HOME", str(other))
    assert record_of(folder.name[:8]) is None, "its boards are not here yet"
    publishing.rebuild(other, index.open_index(other))
    assert record_of(folder.name[:8]) == read_record(folder)
    assert folder_of(folder.name) == other / "fetched" / folder.name
    assert record_of(folder.name[:5]) is None, "so little may be an entry's name"
    for path in shared.rglob("record.json"):
        path.write_text("{}")
    (other / "fetched" / folder.name).rename(tmp_path / "gone")
    with pytest.raises(UnreadableRecord, match="was changed after it was logged"):
        record_of(folder.name)


def test_the_homes_own_ledger_may_keep_its_files_elsewhere(
    published: Callable[[], Path], home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    monkeypatch.setenv("PHOTOFINISH_ARTIFACTS", (tmp_path / "a store").as_uri())
    folder = published()
    assert list((tmp_path / "a store").rglob("frame-007.png"))
    record = read_record(folder)
    folder.rename(tmp_path / "moved")
    fetched = publishing.fetched(home, folder.name)
    assert fetched and read_record(fetched) == record


@pytest.mark.slow
def test_another_host_shows_what_a_tracking_server_keeps(
    home: Path, server: Path, published: Callable[[], Path], tmp_path: Path
) -> None:
    folder = published()
    assert list(server.rglob("frame-007.png"))
    shows_the_record(tmp_path / "other", folder)


@pytest.mark.parametrize("broken", ["frame-007.png", "record.json", FILES_FILE])
@pytest.mark.parametrize("how", ["changed", "removed"])
def test_a_file_that_is_not_the_one_that_was_logged_is_not_shown(
    shared: Path,
    published: Callable[[], Path],
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    broken: str,
    how: str,
) -> None:
    folder, other = published(), tmp_path / "other"
    pages = visited(other)
    (path,) = shared.rglob(broken)
    path.write_bytes(b"{}") if how == "changed" else path.unlink()
    with caplog.at_level(logging.WARNING), pytest.raises(UnreadableRecord, match=broken):
        publishing.fetched(other, folder.name)
    answer = pages.get(f"/records/{folder.name}")
    assert answer.status_code == 404 and "store of artifacts does not give it" in answer.text
    assert str(shared) not in answer.text
    assert str(shared) in caplog.text and broken in caplog.text
    assert not (other / "fetched").exists() or not list((other / "fetched").iterdir())


def test_a_store_that_cannot_be_reached_keeps_the_record_at_home_until_it_can(
    shared: Path, published: Callable[[], Path], home: Path, cots_spec: BoardSpec
) -> None:
    shared.write_text("a file is no folder")
    with pytest.raises(UserError, match=r"cannot be reached.*PHOTOFINISH_ARTIFACTS.*are kept in") as caught:
        published()
    assert str(shared) in str(caught.value) and "ledger" not in str(caught.value)
    shared.unlink()
    mended = publishing.mend(home, lambda record: cots_spec)
    assert [path.name for path in mended.logged] == [path.name for path in (home / "records").iterdir()]
    assert list(shared.rglob("frame-007.png"))


@pytest.mark.parametrize("address", ["s3://ann:hidden@records/x", "https://records/x?token=hidden"])
def test_an_address_with_a_secret_in_it_is_refused_before_it_is_kept(
    shared: Path, published: Callable[[], Path], monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    monkeypatch.setenv("PHOTOFINISH_ARTIFACTS", address)
    with pytest.raises(UserError, match="leave them out") as caught:
        published()
    assert "records/x" in str(caught.value) and "hidden" not in str(caught.value)


def test_what_is_secret_in_an_address_is_in_no_error() -> None:
    address = "http://ann:hidden@127.0.0.1:1/records?token=hidden"
    for error in (StoreError(f"API request to {address} failed"), OSError(address)):
        with pytest.raises(StoreError, match=r"127\.0\.0\.1") as caught, artifacts._reaching(address):
            raise error
        assert "hidden" not in str(caught.value)


def test_nobody_can_ask_for_records_that_are_on_no_board(shared: Path, tmp_path: Path) -> None:
    pages = visited(tmp_path / "other")
    assert pages.get(f"/records/{'0' * 16}").status_code == 404


@pytest.fixture
def s3(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A server on this machine that speaks S3, with a bucket."""
    if not all(importlib.util.find_spec(name) for name in ("boto3", "moto", "flask")):
        pytest.skip("there is no server that speaks S3: pip install boto3 'moto[server]'")
    import boto3

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "for-tests")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.setenv("MLFLOW_S3_ENDPOINT_URL", f"http://127.0.0.1:{port}")
    words = [sys.executable, "-m", "moto.server", "--host", "127.0.0.1", "--port", str(port)]
    process = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        for _ in range(300):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            assert process.poll() is None, "the server ended"
            time.sleep(0.1)
        boto3.client("s3", endpoint_url=f"http://127.0.0.1:{port}").create_bucket(Bucket="records")
        yield "s3://records/photofinish"
    finally:
        process.kill()
        process.wait()


@pytest.mark.slow
def test_another_host_shows_what_one_published_into_s3(
    shared: Path,
    s3: str,
    published: Callable[[], Path],
    home: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PHOTOFINISH_ARTIFACTS", s3)
    folder = published()
    assert not shared.exists() and not (home / "ledger" / "artifacts").exists()
    shows_the_record(tmp_path / "other", folder)
