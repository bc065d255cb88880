"""A competition of predictions in a folder, hosted in a fresh home, with accounts that take part."""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx2
import numpy as np
import pytest
import sqlalchemy as sa

from competitions.evaluation.worker import Bench, work_once
from competitions.hosting.opening import Opened, open_competition
from competitions.queue.submitting import Intake, submit
from competitions.queue.uploads import announce, find_upload
from competitions.standings.board import BoardRow, public_board
from competitions.store import database, hosted, people
from competitions.store.submissions import Submission, get
from competitions.store.tables import COMPETITIONS
from tests.competitions.serving import serving

ROWS = 200
SLUG = "coins"
DECLARATION = """
slug = "coins"
title = "Guess the coins"
feedback = "{feedback}"

[predictions]
row_id = "id"
metric = "{metric}"

[schedule]
start = {start}
end = {end}

[limits]
daily = 5
{limits}
[[prizes]]
title = "First prize"
"""

TINY = Path(__file__).parent.parent / "fixtures" / "tiny"
TINY_DECLARATION = """
slug = "tiny"
title = "Name the largest number"

[task]
file = "task.py"
profiles = ["cpu"]
quick = true
sealed = true

[schedule]
start = {start}
end = {end}

[[prizes]]
title = "Accuracy"

[[prizes]]
title = "Performance"
award = "performance"
"""


def truth(rows: int = ROWS) -> np.ndarray:
    return np.random.default_rng(7).integers(0, 2, rows)


def table(values: np.ndarray) -> str:
    lines = [f"{number},{value}" for number, value in enumerate(values)]
    return "id,side\n" + "\n".join(lines) + "\n"


def right(share: float, seed: int = 0, rows: int = ROWS) -> str:
    """Predictions of which about this share is right."""
    wrong = np.random.default_rng(seed).random(rows) >= share
    return table(np.where(wrong, 1 - truth(rows), truth(rows)))


def write_folder(folder: Path, *, rows: int = ROWS, **changes: str) -> Path:
    folder.mkdir(exist_ok=True)
    now = datetime.now(UTC)
    fields = {
        "feedback": "exact",
        "metric": "accuracy",
        "limits": "",
        "start": (now - timedelta(days=1)).isoformat(),
        "end": (now + timedelta(days=1)).isoformat(),
    }
    (folder / "competition.toml").write_text(DECLARATION.format(**{**fields, **changes}))
    for page in ("overview", "data", "rules"):
        (folder / f"{page}.md").write_text(f"# {page}\n\nPlay fair.\n")
    usage = np.where(np.random.default_rng(3).random(rows) < 0.5, "Public", "Private")
    lines = [f"{n},{v},{u}" for n, (v, u) in enumerate(zip(truth(rows), usage, strict=True))]
    (folder / "solution.csv").write_text("id,side,Usage\n" + "\n".join(lines) + "\n")
    (folder / "sample_submission.csv").write_text(table(np.zeros(rows, int)))
    (folder / "data").mkdir(exist_ok=True)
    (folder / "data" / "train.csv").write_text("id,side\n-1,0\n")
    return folder


@dataclass
class Play:
    """One competition with its home; ``account`` makes an account that accepted the rules."""

    engine: sa.Engine
    home: Path
    host: people.Account
    slug: str = SLUG
    tokens: dict[str, str] = field(default_factory=dict)

    def account(self, name: str, *, accepts: bool = True) -> people.Account:
        account, self.tokens[name] = people.sign_up(self.engine, name)
        if accepts:
            hosted.accept_rules(self.engine, self.slug, account)
        return account

    def account_named(self, name: str) -> people.Account:
        account = people.account_named(self.engine, name)
        assert account is not None
        return account

    def upload(self, account: people.Account, text: str | bytes, name: str = "submission.csv") -> str:
        data = text if isinstance(text, bytes) else text.encode()
        token = announce(self.engine, self.hosted, account, name, len(data))
        path = find_upload(self.engine, self.home, token).path
        path.parent.mkdir(parents=True)
        path.write_bytes(data)
        return token

    def submit(
        self, account: people.Account, text: str | bytes, name: str = "submission.csv", profile: str = ""
    ) -> Submission:
        token = self.upload(account, text, name)
        intake = Intake(self.engine, self.home)
        return submit(
            intake, self.slug, profile or self.hosted.competition.profiles[0], account, token, "try"
        )

    def judge_all(self) -> None:
        bench = Bench(self.engine, self.home, f"worker-{secrets.token_hex(2)}")
        while work_once(bench):
            pass

    def read(self, submission: Submission) -> Submission:
        with database.reading(self.engine) as connection:
            return get(connection, submission.id)

    @property
    def hosted(self) -> hosted.Hosted:
        return hosted.find(self.engine, self.slug)

    def board(self) -> tuple[BoardRow, ...]:
        return public_board(self.engine, self.hosted, self.hosted.competition.profiles[0]).rows

    def end_it(self) -> None:
        """Move the end into the past, as time would."""
        past = (datetime.now(UTC) - timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
        with database.writing(self.engine) as connection:
            from competitions.rules.declaration import Declaration

            text = connection.scalar(sa.select(COMPETITIONS.c.declaration)) or ""
            before = Declaration.model_validate_json(text)
            schedule = before.schedule.model_copy(update={"end": datetime.fromisoformat(past)})
            stored = before.model_copy(update={"schedule": schedule}).stored()
            connection.execute(sa.update(COMPETITIONS).values(declaration=stored))


Hosting = Callable[..., Play]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv(database.URL, raising=False)
    return tmp_path / "home"


@pytest.fixture
def engine(home: Path) -> Iterator[sa.Engine]:
    opened = database.open_database(home)
    yield opened
    opened.dispose()


@pytest.fixture
def hosting(engine: sa.Engine, home: Path, tmp_path: Path) -> Hosting:
    """Host the competition of predictions, with changes to its declaration."""

    def host(**changes: str) -> Play:
        account, _ = people.sign_up(engine, "host")
        opened: Opened = open_competition(engine, home, write_folder(tmp_path / "folder", **changes), account)
        assert opened.new
        return Play(engine, home, account)

    return host


@pytest.fixture
def play(hosting: Hosting) -> Play:
    return hosting()


@pytest.fixture
def tiny(engine: sa.Engine, home: Path, tmp_path: Path) -> Play:
    folder = tmp_path / "folder"
    shutil.copytree(TINY, folder, ignore=shutil.ignore_patterns("__pycache__"))
    now = datetime.now(UTC)
    dates = {"start": (now - timedelta(days=1)).isoformat(), "end": (now + timedelta(days=1)).isoformat()}
    (folder / "competition.toml").write_text(TINY_DECLARATION.format(**dates))
    for page in ("overview", "data", "rules"):
        (folder / f"{page}.md").write_text(f"# {page}\n")
    host, _ = people.sign_up(engine, "host")
    open_competition(engine, home, folder, host)
    return Play(engine, home, host, "tiny")


@pytest.fixture
def port(play: Play) -> Iterator[int]:
    """The port of a server of the competition's home."""
    with serving(play.home) as port:
        yield port


@pytest.fixture
def http(port: int) -> Iterator[httpx2.Client]:
    with httpx2.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False) as client:
        yield client
