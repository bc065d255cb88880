"""Downloads over HTTP: checked by SHA-256, continued where an earlier run stopped."""

from __future__ import annotations

from functools import partial
from http import HTTPStatus
from pathlib import Path
from typing import IO, Any

from harness.spec import Progress
from harness.spec.errors import BadData, NotAvailable

_CHUNK = 1 << 20
_TIMEOUT_S = 60


def download(url: str, folder: Path, sha256: str | None, by_hand: str, progress: Progress) -> Path:
    """Download a file into ``folder`` unless it is there already, and return its path.

    The file keeps the name it has in the URL. A download that breaks off leaves ``NAME.part``, and the next
    one continues there. ``sha256`` is None for a file that its publisher may change. ``by_hand`` says in
    errors what else the user can do. Raises NotAvailable if the server cannot be reached or refuses, and
    BadData if the bytes are other ones; these are removed.
    """
    import pooch

    name = url.rpartition("/")[2]
    fetch = partial(_fetch, folder / f"{name}.part", f"downloading {name} (MB)", progress)
    pooch.get_logger().setLevel("WARNING")  # it reports every download on standard error
    try:
        pooch.retrieve(url, sha256, name, folder, downloader=fetch)
    except OSError as error:  # also the base of what requests raises
        raise NotAvailable(f"{url} cannot be downloaded ({error}); run again, or {by_hand}") from None
    except ValueError:
        raise BadData(
            f"{url} gave other bytes than expected; they were removed: run again, or {by_hand}"
        ) from None
    return folder / name


def _fetch(part: Path, what: str, progress: Progress, url: str, target: str, _pooch: Any) -> None:
    """Download into ``part``, from its end on, and move it to ``target`` when it is whole."""
    from pooch import HTTPDownloader

    with part.open("ab") as file:
        http = HTTPDownloader(
            progressbar=_Bar(what, file, progress),
            chunk_size=_CHUNK,
            timeout=_TIMEOUT_S,
            headers={"Range": f"bytes={file.tell()}-"} if file.tell() else {},
            hooks={"response": partial(_start_over, file)},
        )
        try:
            http(url, file, None)
        except OSError:
            if not file.tell():
                part.unlink()
            raise
    part.replace(target)


def _start_over(file: IO[bytes], response: Any, **_: Any) -> None:
    """Drop what is there already where the server sends everything, or finds nothing left to send."""
    if response.status_code in {HTTPStatus.OK, HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE}:
        file.seek(0)
        file.truncate()


class _Bar:
    """A progress bar in the form that pooch calls: megabytes of the whole file, earlier runs included."""

    def __init__(self, what: str, file: IO[bytes], progress: Progress) -> None:
        self._what = what
        self._file = file
        self._progress = progress
        self._size = 0

    @property
    def total(self) -> int:
        return self._size

    @total.setter
    def total(self, coming: int) -> None:
        self._size = self._file.tell() + coming if coming else 0

    def update(self, _: int) -> None:
        self._progress(self._what, self._file.tell() >> 20, self._size >> 20)

    def reset(self) -> None:
        pass

    def close(self) -> None:
        pass
