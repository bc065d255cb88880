"""What is handed in: plain folders pass, archives unpack whole, everything else is refused with a reason."""

from __future__ import annotations

import io
import os
import stat
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from harness.intake import archives
from harness.intake.lookup import inspect
from harness.spec import Limits
from harness.spec.errors import InvalidSubmission

SOURCE = "def build(context): return lambda x: x\n"
LIMITS = Limits(submission_mb=32)


@pytest.fixture
def store(tmp_path: Path) -> Path:
    return tmp_path / "home" / "entries"


@pytest.fixture
def zipped(tmp_path: Path) -> Callable[..., Path]:
    """Make ``handed-in.zip`` of names and contents; a ZipInfo as a name keeps its attributes."""

    def made(*members: tuple[str | zipfile.ZipInfo, bytes | str]) -> Path:
        path = tmp_path / "handed-in.zip"
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, content in members:
                archive.writestr(name, content)
        return path

    return made


@pytest.fixture
def taped(tmp_path: Path) -> Callable[..., Path]:
    """Make ``handed-in.tar.gz`` of a submission and one odd member."""

    def made(name: str, kind: bytes = tarfile.REGTYPE, target: str = "", content: bytes = b"x") -> Path:
        path = tmp_path / "handed-in.tar.gz"
        with tarfile.open(path, "w:gz") as archive:
            for info, data in (
                (tarfile.TarInfo("submission.py"), SOURCE.encode()),
                (tarfile.TarInfo(name), content),
            ):
                if data is content:
                    info.type, info.linkname = kind, target
                info.size = len(data) if info.isreg() else 0
                archive.addfile(info, io.BytesIO(data))
        return path

    return made


def test_an_archive_is_the_folder_it_holds(zipped: Callable[..., Path], store: Path, tmp_path: Path) -> None:
    folder = tmp_path / "plain"
    folder.mkdir()
    (folder / "submission.py").write_text(SOURCE)
    (folder / "weights.bin").write_bytes(b"1234")
    archive = zipped(("entry/submission.py", SOURCE), ("entry/weights.bin", b"1234"))
    packed, plain = inspect(archive, LIMITS, store), inspect(folder, LIMITS, store)
    assert packed.sha256 == plain.sha256
    assert (packed.kind, packed.size, packed.name) == ("python", plain.size, "handed-in")
    assert packed.path.is_relative_to(store)
    assert inspect(archive, LIMITS, store) == packed, "unpacked once, found again"


def test_a_tar_and_a_model_in_an_archive_are_taken_too(
    taped: Callable[..., Path], zipped: Callable[..., Path], store: Path
) -> None:
    assert inspect(taped("more.txt"), LIMITS, store).size == len(SOURCE) + 1
    model = inspect(zipped(("net.tflite", b"TFL3")), LIMITS, store)
    assert (model.kind, model.path.name) == ("litert", "net.tflite")


@pytest.mark.parametrize("name", ["../out.py", "/abs.py", "a/../../out.py", "..\\out.py", "x\x1b[2J"])
def test_no_path_leads_out_of_a_zip(
    zipped: Callable[..., Path], tmp_path: Path, store: Path, name: str
) -> None:
    info = zipfile.ZipInfo("placeholder")
    info.filename = name
    with pytest.raises(InvalidSubmission, match="leads out") as refused:
        inspect(zipped(("submission.py", SOURCE), (info, "x")), LIMITS, store)
    assert str(refused.value).isprintable()
    assert not list(tmp_path.glob("**/out.py"))
    assert list(store.iterdir()) == [], "nothing is left of it"


@pytest.mark.parametrize(
    ("kind", "target"),
    [
        (tarfile.SYMTYPE, "/etc/passwd"),
        (tarfile.LNKTYPE, "submission.py"),
        (tarfile.CHRTYPE, ""),
        (tarfile.BLKTYPE, ""),
        (tarfile.FIFOTYPE, ""),
    ],
)
def test_links_and_devices_in_a_tar_are_refused(
    taped: Callable[..., Path], kind: bytes, target: str, store: Path
) -> None:
    with pytest.raises(InvalidSubmission, match="link or a device"):
        inspect(taped("odd", kind, target), LIMITS, store)


@pytest.mark.parametrize("name", ["../out.py", "/tmp/out.py"])
def test_no_path_leads_out_of_a_tar(taped: Callable[..., Path], name: str, store: Path) -> None:
    with pytest.raises(InvalidSubmission, match="leads out"):
        inspect(taped(name), LIMITS, store)


def test_a_link_in_a_zip_is_refused(zipped: Callable[..., Path], store: Path) -> None:
    link = zipfile.ZipInfo("labels.json")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    with pytest.raises(InvalidSubmission, match=r"labels\.json' is a link"):
        inspect(zipped(("submission.py", SOURCE), (link, "/private/labels.json")), LIMITS, store)


def test_bombs_are_refused_by_size_by_ratio_and_by_count(
    zipped: Callable[..., Path], store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(InvalidSubmission, match="more than 32 MB"):
        inspect(
            zipped(("submission.py", SOURCE), ("big", os.urandom(300_000) + bytes(33_000_000))), LIMITS, store
        )
    with pytest.raises(InvalidSubmission, match="200 times its own size"):
        inspect(zipped(("submission.py", SOURCE), ("zeros", bytes(20_000_000))), LIMITS, store)
    monkeypatch.setattr(archives, "MOST_FILES", 5)
    with pytest.raises(InvalidSubmission, match="more than 5 files"):
        inspect(zipped(*((f"file{number}", "") for number in range(6))), LIMITS, store)
    assert list(store.iterdir()) == []


def test_a_zip_that_lies_about_its_sizes_is_refused(zipped: Callable[..., Path], store: Path) -> None:
    path = zipped(("submission.py", SOURCE), ("big", bytes(1000)))
    path.write_bytes(path.read_bytes().replace((1000).to_bytes(4, "little"), (10).to_bytes(4, "little")))
    with pytest.raises(InvalidSubmission, match="cannot be unpacked"):
        inspect(path, LIMITS, store)


@pytest.mark.parametrize("content", [b"", b"no archive", b"PK\x03\x04 torn"])
@pytest.mark.parametrize("name", ["entry.zip", "entry.tar.gz"])
def test_what_is_no_archive_is_refused(tmp_path: Path, name: str, content: bytes, store: Path) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(InvalidSubmission, match=r"cannot be unpacked|no submission"):
        inspect(tmp_path / name, LIMITS, store)


def test_two_members_of_one_name_are_refused(zipped: Callable[..., Path], store: Path) -> None:
    with (
        pytest.warns(UserWarning, match="Duplicate"),
        pytest.raises(InvalidSubmission, match="two entries under one name"),
    ):
        inspect(zipped(("submission.py", SOURCE), ("submission.py", "")), LIMITS, store)


@pytest.mark.parametrize("kind", ["link", "folder link", "pipe"])
def test_a_folder_holds_plain_files_only(tmp_path: Path, kind: str, store: Path) -> None:
    folder = tmp_path / "plain"
    folder.mkdir()
    (folder / "submission.py").write_text(SOURCE)
    odd = folder / "odd"
    {"link": lambda: odd.symlink_to("/etc/passwd"), "folder link": lambda: odd.symlink_to("/etc"),
     "pipe": lambda: os.mkfifo(odd)}[kind]()  # fmt: skip
    with pytest.raises(InvalidSubmission, match="odd is a link or a device"):
        inspect(folder, LIMITS, store)


def test_what_is_not_hashed_is_not_shown(tmp_path: Path, store: Path) -> None:
    folder = tmp_path / "plain"
    folder.mkdir()
    (folder / "submission.py").write_text(SOURCE)
    clean = inspect(folder, LIMITS, store)
    assert clean.path == folder
    (folder / "__pycache__").mkdir()
    (folder / "__pycache__" / "helper.cpython-311.pyc").write_bytes(b"hidden")
    littered = inspect(folder, LIMITS, store)
    assert (littered.sha256, littered.name) == (clean.sha256, "plain")
    assert [path.name for path in littered.path.iterdir()] == ["submission.py"]
