"""Kaggle's data and the user's own folder, with a small stand-in for Kaggle's API."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from datasets.reef import full, layout, reef
from harness.spec import DataRequest, Prepared, no_progress
from harness.spec.errors import BadData, NotAvailable, UnknownName
from tests.datasets import reef_folder

ROOT = Path(__file__).parents[2]


class Response:
    def __init__(self, status: int) -> None:
        self.status_code = status


class HTTPError(OSError):
    """As requests has it: an OSError with the response."""

    def __init__(self, status: int) -> None:
        super().__init__(f"{status} Client Error")
        self.response = Response(status)


class Kaggle:
    """Hands out an archive, after raising the given errors, one a call."""

    def __init__(self, archive: bytes, *errors: Exception) -> None:
        self.archive = archive
        self.errors = list(errors)
        self.calls: list[bytes] = []

    def competition_download_files(
        self, competition: str, path: str | None = None, force: bool = False, quiet: bool = True
    ) -> None:
        assert (competition, force, quiet) == (full.COMPETITION, False, True)
        assert path is not None
        file = Path(path) / f"{competition}.zip"
        self.calls.append(file.read_bytes() if file.exists() else b"")
        print("a word from Kaggle's API")
        if self.errors:
            file.write_bytes(self.archive[:100])
            raise self.errors.pop(0)
        file.write_bytes(self.archive)


def packed(tmp_path: Path, extra: str | None = None) -> bytes:
    folder = reef_folder.make(tmp_path / "kaggle")
    archive = tmp_path / "made.zip"
    with zipfile.ZipFile(archive, "w") as box:
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                box.write(path, path.relative_to(folder))
        for name in ("test.csv", "greatbarrierreef/competition.so", "example_test.npy"):
            box.writestr(name, "not needed")
        if extra:
            box.writestr(extra, "something")
    return archive.read_bytes()


def request(tmp_path: Path, source: Path | None = None) -> DataRequest:
    return DataRequest("full", tmp_path / "cache", source=source)


def from_kaggle(request: DataRequest, kaggle: full.CompetitionApi) -> Prepared:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(full, "connect", lambda: kaggle)
        return reef.prepare(request)


def left(tmp_path: Path) -> list[str]:
    return sorted(path.name for path in (tmp_path / "cache").iterdir() if path.suffix != ".lock")


def test_fetched_unpacked_split_and_cleared_away(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    kaggle = Kaggle(packed(tmp_path))
    prepared = from_kaggle(request(tmp_path), kaggle)
    assert (prepared.name, prepared.variant) == ("reef", "full")
    test = layout.read(prepared.private / "test.csv", layout.TestFrame)
    assert {(frame.video_id, frame.split) for frame in test} == {(1, "public"), (2, "private")}
    names = sorted(path.name for path in prepared.public.parent.rglob("*") if path.is_file())
    assert [name for name in names if not name.endswith(".jpg")] == ["manifest.json", "test.csv", "train.csv"]
    assert from_kaggle(request(tmp_path), kaggle) == prepared
    assert len(kaggle.calls) == 1
    assert not (tmp_path / "cache" / "downloads" / full.COMPETITION).exists()
    assert capsys.readouterr().out == ""


def test_the_same_as_the_folder_unpacked_by_hand(tmp_path: Path) -> None:
    fetched = from_kaggle(request(tmp_path), Kaggle(packed(tmp_path)))
    by_hand = reef.prepare(request(tmp_path, tmp_path / "kaggle"))
    assert by_hand.sha256 == fetched.sha256


def test_a_broken_download_is_carried_on(tmp_path: Path) -> None:
    data = packed(tmp_path)
    kaggle = Kaggle(data, ConnectionResetError("connection reset"))
    with pytest.raises(NotAvailable, match=r"\(connection reset\); run again to continue where it stopped"):
        from_kaggle(request(tmp_path), kaggle)
    assert left(tmp_path) == ["downloads"]
    assert from_kaggle(request(tmp_path), kaggle).public.is_dir()
    assert kaggle.calls == [b"", data[:100]]


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (HTTPError(403), "accept the competition's rules once at https://www.kaggle.com/competitions/"),
        (HTTPError(401), "does not accept these credentials"),
        (HTTPError(500), "cannot be fetched (500 Client Error"),
        (OSError("x" * 1000), "x..."),
        (ValueError("Downloaded file size (3) does not match"), "cannot be fetched (Downloaded file size"),
    ],
)
def test_refusals_are_explained(tmp_path: Path, error: Exception, said: str) -> None:
    with pytest.raises(NotAvailable) as caught:
        from_kaggle(request(tmp_path), Kaggle(b"", error))
    assert said in str(caught.value)
    assert len(str(caught.value).splitlines()) <= 2


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda data: data[:-40], "arrived broken"),
        (lambda data: b"<html>", "arrived broken"),
        (lambda data: data[:300] + b"\0" * 40 + data[340:], "arrived broken"),
    ],
)
def test_a_broken_archive_goes_and_comes_again(
    tmp_path: Path, spoil: Callable[[bytes], bytes], said: str
) -> None:
    sound = packed(tmp_path)
    kaggle = Kaggle(spoil(sound))
    with pytest.raises(BadData, match=said):
        from_kaggle(request(tmp_path), kaggle)
    assert list((tmp_path / "cache" / "downloads").rglob("*.zip")) == []
    kaggle.archive = sound
    assert from_kaggle(request(tmp_path), kaggle).public.is_dir()


@pytest.mark.parametrize("name", ["../train.csv", "/etc/cron.d/reef", "train_images/../../x.jpg", "a\\..\\b"])
def test_an_archive_that_reaches_out_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(BadData, match="outside its own folder; nothing was unpacked"):
        from_kaggle(request(tmp_path), Kaggle(packed(tmp_path, extra=name)))
    assert left(tmp_path) == ["downloads"]


def test_a_full_disk_is_told_before(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "some.zip").write_bytes(packed(tmp_path))
    usage = shutil.disk_usage(tmp_path)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage._replace(free=10))
    with pytest.raises(NotAvailable, match="unpacking needs"):
        full.unpack(tmp_path / "some.zip", tmp_path, no_progress)


def test_nothing_sent_is_told(tmp_path: Path) -> None:
    class Silent:
        def competition_download_files(
            self, competition: str, path: str | None = None, force: bool = False, quiet: bool = True
        ) -> None:
            pass

    with pytest.raises(NotAvailable, match=r"Kaggle sent no tensorflow-great-barrier-reef\.zip"):
        from_kaggle(request(tmp_path), Silent())


CONNECT = """
from datasets.reef import full
from harness.spec.errors import NotAvailable
try:
    full.connect()
except NotAvailable as error:
    import sys
    print(error, file=sys.stderr)
"""


def test_without_credentials_the_way_to_them_is_told(tmp_path: Path) -> None:
    pytest.importorskip("six", reason="the kaggle package imports six without asking for it")
    clean = {name: value for name, value in os.environ.items() if not name.startswith("KAGGLE")}
    run = subprocess.run(
        [sys.executable, "-c", CONNECT],
        cwd=ROOT,
        env=clean | {"HOME": str(tmp_path), "XDG_CONFIG_HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert run.stdout == ""
    assert run.returncode == 0, run.stderr
    for hint in (
        "no Kaggle credentials",
        "KAGGLE_API_TOKEN",
        "KAGGLE_KEY",
        "~/.kaggle/kaggle.json",
        "--from",
    ):
        assert hint in run.stderr


# The user's own folder.


def test_a_changed_folder_is_another_dataset(tmp_path: Path) -> None:
    source = reef_folder.make(tmp_path / "mine")
    first = reef.prepare(request(tmp_path, source))
    assert reef.prepare(request(tmp_path, source)) == first
    image = source / "train_images" / "video_0" / "1.jpg"
    image.unlink()
    reef_folder.picture(image, 99)
    second = reef.prepare(request(tmp_path, source))
    assert second.public != first.public
    assert second.sha256 != first.sha256
    assert first.public.is_dir()


def test_the_folder_itself_stays_as_it_is(tmp_path: Path) -> None:
    source = reef_folder.make(tmp_path / "mine")
    before = {path: (path.stat().st_mtime_ns, path.stat().st_mode) for path in source.rglob("*")}
    reef.prepare(request(tmp_path, source))
    assert {path: (path.stat().st_mtime_ns, path.stat().st_mode) for path in source.rglob("*")} == before


def test_no_folder_no_table_no_variant(tmp_path: Path) -> None:
    with pytest.raises(BadData, match="is no folder; --from takes Kaggle's layout"):
        reef.prepare(request(tmp_path, tmp_path / "nowhere"))
    (tmp_path / "empty").mkdir()
    with pytest.raises(BadData, match=r"has no train\.csv"):
        reef.prepare(request(tmp_path, tmp_path / "empty"))
    with pytest.raises(UnknownName, match="did you mean 'mini'"):
        reef.prepare(DataRequest("minni", tmp_path / "cache"))
