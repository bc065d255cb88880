"""What a dataset declares: how each variant is made, and under which key and version it is cached."""

from __future__ import annotations

import errno
import hashlib
import shutil
from collections.abc import Callable, Container, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from harness.spec import DataRequest, Dataset, Prepared
from harness.spec.dataset import Disguise, is_key
from harness.spec.errors import BadData, NotAvailable, UnknownName, UserError


@dataclass(frozen=True)
class Recipe:
    """How one variant of a dataset is made.

    ``build(folder)`` fills the empty ``folder/public`` and ``folder/private``. ``key`` names the result in
    the cache, after the dataset's name: whatever changes the data (the seed, the user's files) belongs in
    it. Data in the cache whose ``version`` differs from this one are built again. ``temporary`` is a folder
    that is removed once the data are in place.
    """

    variant: str
    key: str
    version: str
    build: Callable[[Path], None] = field(repr=False)
    temporary: Path | None = None


def dataset(
    name: str,
    title: str,
    variants: Mapping[str, str],
    recipe: Callable[[DataRequest], Recipe],
    disguise: Disguise | None = None,
    own: Container[str] = (),
    *,
    takes: str = "",
) -> Dataset:
    """Return a dataset whose requests are answered by the recipe that ``recipe(request)`` chooses.

    ``own`` names the variants whose hidden part only their owner has; all others are open data unless a key
    seals them. ``takes`` says what ``--from`` takes; this is told with every fault of a user's files.

    Its ``prepare`` raises UnknownName for a variant that is not among ``variants``, UserError where open data
    are to be sealed, and whatever ``recipe`` and the recipe's ``build`` raise: BadData for a user's files,
    NotAvailable for a failed download.
    """

    def prepare(request: DataRequest) -> Prepared:
        # Imported on use: listing tasks should not wait for pydantic.
        from datasets.cache import materialise

        if request.variant not in variants:
            raise UnknownName(f"variant of {name}", request.variant, variants)
        with _explained(request, takes):
            chosen = recipe(request)
        if is_key(request.seed) and request.made_from not in chosen.key:
            made = "your own files" if request.source else "published data, labels and all"
            raise UserError(
                f"{name} {chosen.variant} cannot be sealed: they are {made}, in which a key hides nothing; "
                "run it without --sealed"
            )
        with _explained(request, takes):
            prepared = materialise(
                request.cache,
                f"{name}-{chosen.key}",
                chosen.build,
                name=name,
                variant=chosen.variant,
                recipe=chosen.version,
                progress=request.progress,
            )
        if chosen.temporary:
            shutil.rmtree(chosen.temporary, ignore_errors=True)
        return replace(prepared, open=not is_key(request.seed) and chosen.variant not in own)

    return Dataset(name, title, variants, prepare, disguise)


@contextmanager
def _explained(request: DataRequest, takes: str) -> Iterator[None]:
    """Raise UserError that says which file or disk the data could not be made with, and what to do."""
    try:
        yield
    except (OSError, MemoryError) as error:
        raise _with_cure(_fault(error, request), request, takes) from error
    except BadData as error:
        raise _with_cure(error, request, takes) from error.__cause__


def _with_cure(fault: UserError, request: DataRequest, takes: str) -> UserError:
    """Say after a fault of the user's own files what ``--from`` takes."""
    told = request.source and takes and isinstance(fault, BadData)
    end = "\n" if "\n" in str(fault) else "; "
    return BadData(f"{fault}{end}--from takes {takes}") if told else fault


def _fault(error: OSError | MemoryError, request: DataRequest) -> UserError:
    where = request.source or request.cache
    if isinstance(error, MemoryError):
        return BadData(f"{where} needs more memory than there is; give a smaller part of it")
    if error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return NotAvailable(f"the disk of {request.cache} is full; make room and run again")
    return BadData(f"{error.filename or where} cannot be used: {error.strerror or error}")


def version_of_sources(file: str) -> str:
    """Return a hash of a dataset's source code: any changed line makes another version.

    ``file`` is the ``__file__`` of its module; that of a package stands for all ``.py`` and ``.json`` files
    of its folder. Generated data use it, so that no version number has to be raised by hand.
    """
    path = Path(file)
    sources = [path]
    if path.name == "__init__.py":
        sources = sorted(source for source in path.parent.iterdir() if source.suffix in {".py", ".json"})
    return hashlib.sha256(b"".join(source.read_bytes() for source in sources)).hexdigest()


def fingerprint(read: Path | None = None, listed: Mapping[str, Path] | None = None) -> str:
    """Return 16 hexadecimal digits that change whenever the user's files do, for a recipe's ``key``.

    All bytes of ``read`` count. Of the files ``listed`` by name only the name, the size and the time of
    change count: for those that are too large or too many to be read at every run.
    """
    digest = hashlib.sha256()
    if read:
        with read.open("rb") as file:
            hashlib.file_digest(file, lambda: digest)
    for name, path in (listed or {}).items():
        status = path.stat()
        digest.update(f"{name}\0{status.st_size}\0{status.st_mtime_ns}\n".encode())
    return digest.hexdigest()[:16]
