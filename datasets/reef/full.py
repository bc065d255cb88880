"""Download the real reef frames: Kaggle's ``tensorflow-great-barrier-reef``, with the user's credentials.

The competition's licence does not allow the frames to be passed on, so every user downloads them from
Kaggle (15 GB): one archive, resumed if it broke off, of which the labelled frames are unpacked.
"""

from __future__ import annotations

import contextlib
import io
import re
import shutil
import sys
import threading
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Protocol

from harness.spec import Progress
from harness.spec.errors import BadData, NotAvailable

COMPETITION = "tensorflow-great-barrier-reef"
RULES = f"https://www.kaggle.com/competitions/{COMPETITION}/rules"
_WANTED = re.compile(r"train\.csv|train_images/video_\d+/\d+\.jpg")


class CompetitionApi(Protocol):
    """The part of ``kaggle.KaggleApi`` that is used here."""

    def competition_download_files(
        self, competition: str, path: str | None = None, force: bool = False, quiet: bool = True
    ) -> None:
        """Write ``path/COMPETITION.zip``; continue a file that an earlier run left incomplete."""
        ...


def connect() -> CompetitionApi:
    """Return Kaggle's API, logged in. Raises NotAvailable if there are no valid credentials."""
    # The import itself logs in; without credentials it prints advice of its own and exits.
    with contextlib.redirect_stdout(io.StringIO()):
        try:
            from kaggle import KaggleApi

            api = KaggleApi()
            api.authenticate()
        except SystemExit:
            raise NotAvailable(
                "no Kaggle credentials: make a token at https://www.kaggle.com/settings/api and set "
                "KAGGLE_API_TOKEN, or KAGGLE_USERNAME and KAGGLE_KEY, or save it as ~/.kaggle/kaggle.json\n"
                "(or get the data some other way and point --from at the folder that holds train.csv)"
            ) from None
        except ImportError as error:
            raise NotAvailable(f"the kaggle package does not work here: {error}; try 'make setup'") from None
        except OSError as error:  # requests' errors are OSErrors
            raise _explained(error) from None
    return api  # type: ignore[no-any-return]


def download(api: CompetitionApi, folder: Path, progress: Progress) -> Path:
    """Fetch the competition's archive into ``folder``, or the rest of it. Returns its path.

    Raises NotAvailable if Kaggle refuses or cannot be reached.
    """
    folder.mkdir(parents=True, exist_ok=True)
    try:
        with contextlib.redirect_stdout(sys.stderr), _growth(folder, progress):
            api.competition_download_files(COMPETITION, path=str(folder), force=False, quiet=True)
    except (OSError, ValueError) as error:
        raise _explained(error) from None
    archive = folder / f"{COMPETITION}.zip"
    if not archive.is_file():
        raise NotAvailable(
            f"Kaggle sent no {archive.name}; look at https://www.kaggle.com/c/{COMPETITION}/data"
        )
    return archive


def unpack(archive: Path, target: Path, progress: Progress) -> None:
    """Unpack the labelled frames, in Kaggle's layout, into ``target``.

    Raises BadData for a broken archive, which is removed, and NotAvailable if the disk is too small.
    """
    try:
        with zipfile.ZipFile(archive) as box:
            members = [member for member in box.infolist() if _inside(member.filename)]
            need, free = sum(member.file_size for member in members), shutil.disk_usage(target).free
            if need > free:
                raise NotAvailable(
                    f"unpacking needs {need / 1e9:.1f} GB in {target}, which has {free / 1e9:.1f}"
                )
            for done, member in enumerate(members):
                progress("unpacking the frames", done, len(members))
                box.extract(member, target)
    except (zipfile.BadZipFile, EOFError, zlib.error) as error:
        archive.unlink()
        raise BadData(
            f"Kaggle's archive arrived broken ({error}) and was removed; run again to fetch it"
        ) from None


def _inside(name: str) -> bool:
    """Return whether a member of the archive is wanted. Raises BadData for a path outside the folder."""
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or "\\" in name:
        raise BadData(f"Kaggle's archive holds '{name}', outside its own folder; nothing was unpacked")
    return _WANTED.fullmatch(name) is not None


def _explained(error: Exception) -> NotAvailable:
    status = getattr(getattr(error, "response", None), "status_code", None)
    if status == 403:
        return NotAvailable(f"Kaggle refuses the data: accept the competition's rules once at {RULES}")
    if status == 401:
        return NotAvailable(
            "Kaggle does not accept these credentials; make new ones at https://www.kaggle.com/settings/api"
        )
    what = str(error) if len(str(error)) <= 160 else f"{str(error)[:157]}..."
    return NotAvailable(f"Kaggle's data cannot be fetched ({what}); run again to continue where it stopped")


@contextlib.contextmanager
def _growth(folder: Path, progress: Progress) -> Iterator[None]:
    """Report once a second how much has arrived; the API itself reports to a terminal only."""
    over = threading.Event()

    def watch() -> None:
        while not over.wait(1.0):
            arrived = sum(path.stat().st_size for path in folder.glob("*.zip"))
            progress("downloading from Kaggle (MB)", arrived // 10**6, 0)

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield
    finally:
        over.set()
        watcher.join()
