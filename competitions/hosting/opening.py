"""Open a competition from its folder, or bring an open one up to date with what its host edited."""

from __future__ import annotations

import hashlib
import json
import shutil
import zipfile
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

from competitions.evaluation import predictions
from competitions.evaluation.predictions import read_solution
from competitions.queue.placing import place_again
from competitions.rules.changes import changes
from competitions.rules.competition import PredictionsChallenge, TaskChallenge
from competitions.rules.declaration import FILE, Declaration, read_declaration
from competitions.rules.refusals import NotFound
from competitions.store import hosted as store
from competitions.store.database import clock, writing
from competitions.store.events import note, touch
from competitions.store.hosted import PAGES, Files
from competitions.store.people import Account
from competitions.store.tables import COMPETITIONS, HOSTS
from harness.fanning import Fan, fanned
from harness.files import new_folder, sha256_of
from harness.spec import Progress, no_progress
from harness.spec.errors import HarnessError, InvalidSubmission, UserError

_DATA = "data"
_FIRST_DATE = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True)
class Opened:
    """What came of it: whether the competition is new, and what changed in an open one."""

    slug: str
    new: bool
    changes: tuple[str, ...]


def open_competition(
    engine: sa.Engine,
    home: Path,
    folder: Path,
    host: Account,
    progress: Progress = no_progress,
    fan: Fan = fanned,
) -> Opened:
    """Check a competition's folder, make its data, and open it; or update the open one of its name.

    ``fan`` computes what takes long to generate, by default over processes.
    Raises UserError that names what is wrong with the folder, or what may not change any more.
    """
    declaration = read_declaration(folder)
    _check_pages(folder)
    before = _earlier(engine, declaration.slug, host)
    changed: tuple[str, ...] = ()
    if before is not None:
        started = store.now(engine) >= before.competition.schedule.start
        changed = changes(before.competition, declaration.value(), started=started)
        changed += _file_changes(home, folder, declaration, started=started)
    _copy(home, folder, declaration)
    evaluation = _prepare(home, declaration, progress, fan)
    _store(engine, home, declaration, evaluation, host)
    return Opened(declaration.slug, before is None, changed)


def _earlier(engine: sa.Engine, slug: str, host: Account) -> store.Hosted | None:
    try:
        before = store.find(engine, slug)
    except NotFound:
        return None
    if not store.is_host(engine, slug, host):
        raise UserError(f"'{slug}' is hosted by another account; choose another slug, or sign in as its host")
    if before.closed is not None:
        raise UserError(f"'{slug}' is closed and can no longer change")
    return before


def _check_pages(folder: Path) -> None:
    missing = [name for name in PAGES if not (folder / f"{name}.md").is_file()]
    if missing:
        raise UserError(
            f"{folder} has no {missing[0]}.md; the pages are {', '.join(f'{n}.md' for n in PAGES)}"
        )


def _file_changes(home: Path, folder: Path, declaration: Declaration, *, started: bool) -> tuple[str, ...]:
    """Compare the files. Raises UserError where a hidden one changed after the start."""
    files = Files.of(home, declaration.slug)
    hidden = [name for name in _hidden(declaration, folder) if _differs(folder / name, files.private / name)]
    if hidden and started:
        raise UserError(
            f"{declaration.slug} has started, and this may not change any more: {', '.join(hidden)}"
        )
    pages = [name for name in PAGES if _differs(folder / f"{name}.md", files.pages / f"{name}.md")]
    return (*(f"file: {name}" for name in hidden), *(f"page: {name}" for name in pages))


def _differs(new: Path, old: Path) -> bool:
    return not old.is_file() or sha256_of(new) != sha256_of(old)


def _hidden(declaration: Declaration, folder: Path) -> list[str]:
    """Name the files that participants never see: solution and metric, or the task with what is beside it."""
    if declaration.predictions:
        part = declaration.predictions
        return [part.solution, *([part.metric] if part.metric.endswith(".py") else [])]
    if declaration.task and declaration.task.file:
        skipped = {FILE, *(f"{name}.md" for name in PAGES)}
        paths = (path for path in sorted(folder.rglob("*")) if path.is_file())
        names = [str(path.relative_to(folder)) for path in paths if "__pycache__" not in path.parts]
        return [name for name in names if name not in skipped and not name.startswith(f"{_DATA}/")]
    return []


def _copy(home: Path, folder: Path, declaration: Declaration) -> None:
    """Copy pages, public and hidden files below the home."""
    files = Files.of(home, declaration.slug)
    pages = {f"{name}.md": folder / f"{name}.md" for name in PAGES}
    hidden = {name: folder / name for name in _hidden(declaration, folder)}
    public = {
        str(path.relative_to(folder / _DATA)): path
        for path in sorted((folder / _DATA).rglob("*"))
        if path.is_file()
    }
    if declaration.predictions:
        sample = folder / declaration.predictions.sample
        public[sample.name] = sample
    for target, chosen in ((files.pages, pages), (files.private, hidden), (files.public, public)):
        for path in (path for path in chosen.values() if not path.is_file() or path.is_symlink()):
            raise UserError(f"{path} is missing, or is no plain file")
        if chosen or target != files.public:
            _replace(target, chosen)
    if declaration.predictions:
        files.private.chmod(0o700)


def _replace(target: Path, chosen: dict[str, Path]) -> None:
    """Put the chosen files into a folder in the place of what it holds."""
    old, new = (target.with_name(f".{target.name}.{word}") for word in ("old", "new"))
    for left in (old, new):
        shutil.rmtree(left, ignore_errors=True)
    with new_folder(new) as building:
        for name, path in chosen.items():
            (building / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(path, building / name)
    if target.exists():
        target.rename(old)
    new.rename(target)
    shutil.rmtree(old, ignore_errors=True)


def _prepare(home: Path, declaration: Declaration, progress: Progress, fan: Fan) -> str:
    """Try the metric, or make the data of the task; return what the evaluation needs, as JSON."""
    files = Files.of(home, declaration.slug)
    challenge = declaration.value().challenge
    if isinstance(challenge, PredictionsChallenge):
        evaluation = _try_metric(files, challenge)
    else:
        evaluation = _prepare_task(home, declaration.slug, challenge, progress, fan)
    _pack(files)
    return evaluation


def _try_metric(files: Files, challenge: PredictionsChallenge) -> str:
    sample = files.public / Path(challenge.sample).name
    solution = read_solution(challenge, files.private, sample)
    try:
        table = predictions.rehearse(sample, solution)
        value = predictions.public_score(table, solution, draws=False).value
    except (HarnessError, InvalidSubmission) as error:
        cause = f": {error.__cause__}" if error.__cause__ else ""
        raise UserError(f"the sample submission cannot be scored: {error}{cause}") from None
    return json.dumps(
        {"solution_sha256": sha256_of(files.private / challenge.solution), "sample_score": value}
    )


def _prepare_task(home: Path, slug: str, challenge: TaskChallenge, progress: Progress, fan: Fan) -> str:
    from competitions.evaluation import code

    files = Files.of(home, slug)
    evaluation = code.prepare(home, slug, challenge, progress, fan)
    if not files.public.exists() or not any(files.public.iterdir()):
        _copy_examples(home, slug, challenge, files, progress)
    return evaluation.model_dump_json()


def _copy_examples(home: Path, slug: str, challenge: TaskChallenge, files: Files, progress: Progress) -> None:
    """Give participants the public part of the open data, where the host put nothing of their own there."""
    from competitions.evaluation.code import find_competition_task
    from harness.spec import DataRequest, Places

    task = find_competition_task(home, slug, challenge)
    variant = next(iter(task.dataset.variants))
    prepared = task.dataset.prepare(DataRequest(variant, Places.under(home).data, None, 0, progress))
    paths = {
        str(path.relative_to(prepared.public)): path for path in prepared.public.rglob("*") if path.is_file()
    }
    _replace(files.public, paths)


def _pack(files: Files) -> None:
    """Pack the public files into one archive, the same bytes for the same files."""
    files.archive.parent.mkdir(parents=True, exist_ok=True)
    new = files.archive.with_suffix(".new")
    with zipfile.ZipFile(new, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(path for path in files.public.rglob("*") if path.is_file()):
            info = zipfile.ZipInfo(str(path.relative_to(files.public)), _FIRST_DATE)
            info.compress_type = zipfile.ZIP_DEFLATED
            with archive.open(info, "w", force_zip64=True) as packed, path.open("rb") as source:
                shutil.copyfileobj(source, packed)
    if files.archive.is_file() and sha256_of(files.archive) == sha256_of(new):
        new.unlink()
    else:
        new.replace(files.archive)


def _store(engine: sa.Engine, home: Path, declaration: Declaration, evaluation: str, host: Account) -> None:
    slug, stored = declaration.slug, declaration.stored()
    rules = (Files.of(home, slug).pages / "rules.md").read_bytes()
    values = {
        "declaration": stored,
        "rules_sha256": hashlib.sha256(rules).hexdigest(),
        "evaluation": evaluation,
    }
    with writing(engine) as connection:
        updated = sa.update(COMPETITIONS).where(COMPETITIONS.c.slug == slug).values(values)
        if connection.execute(updated).rowcount == 0:
            fresh = {"opened": clock(connection), "closed": None, "final": "", "stamp": 0, "hardware": "{}"}
            connection.execute(sa.insert(COMPETITIONS).values(slug=slug, **values, **fresh))
            connection.execute(sa.insert(HOSTS).values(competition=slug, account=host.id))
        place_again(connection, slug)
        touch(connection, slug)
        digest = hashlib.sha256(stored.encode()).hexdigest()
        note(connection, slug, host.name, "opened", declaration_sha256=digest)
