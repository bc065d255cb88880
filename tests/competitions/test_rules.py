"""What a host may write and may still change."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from competitions.evaluation.code import find_competition_task
from competitions.hosting.opening import open_competition
from competitions.rules.competition import TaskChallenge
from competitions.rules.declaration import from_stored, read_declaration
from competitions.rules.feedback import PublicScore, jackknife, shown_score
from competitions.store import hosted, people
from harness.intake.lookup import find_task
from harness.intake.request import RequestedTask
from harness.intake.requested import requested_task
from harness.spec import OwnEnvironments
from harness.spec.errors import UserError
from tests.competitions.conftest import Hosting, Play, write_folder


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('slug = "coins"', 'slug = "Coins!"', "slug"),
        ('slug = "coins"', 'slug = "a--b"', "slug"),
        ('metric = "accuracy"', 'metric = "accurcy"', "did you mean 'accuracy'"),
        ('row_id = "id"', 'row_id = "key"', "no column 'key'"),
        ("daily = 5", "daily = 0", "limits.daily"),
        ("daily = 5", "dayly = 5", "limits.dayly"),
        ("end = 2", "end = 1", "'end' must be after 'start'"),
        ('row_id = "id"', 'solution = "../secret.csv"', "inside the competition's folder"),
        ('title = "First prize"', 'title = "Fast"\naward = "performance"', "not timed"),
        ("[predictions]", "[predictions", "not TOML"),
    ],
)
def test_a_mistake_in_the_declaration_is_named(
    play: Play, tmp_path: Path, old: str, new: str, said: str
) -> None:
    folder = write_folder(tmp_path / "other")
    path = folder / "competition.toml"
    assert old in path.read_text()
    path.write_text(path.read_text().replace(old, new).replace('slug = "coins"', 'slug = "others"'))
    with pytest.raises(UserError, match=said):
        open_competition(play.engine, play.home, folder, play.host)


TASK_DECLARATION = """
slug = "mine"
title = "Mine"

[task]
name = "tiny_latency"

[task.environments]
{rules}

[schedule]
start = 2026-11-01T00:00:00Z
end = 2026-12-01T00:00:00Z
"""


@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        ("allowed = false", OwnEnvironments(allowed=False)),
        (
            'sources = ["https://index.invalid/simple"]',
            OwnEnvironments(True, ("https://index.invalid/simple",)),
        ),
        ("most_mb = 10\nmost_packages = 3", OwnEnvironments(most_mb=10, most_packages=3)),
    ],
)
def test_a_competition_says_which_packages_submissions_may_bring(
    tmp_path: Path, rules: str, expected: OwnEnvironments
) -> None:
    (tmp_path / "competition.toml").write_text(TASK_DECLARATION.format(rules=rules))
    competition = from_stored(read_declaration(tmp_path).stored())
    assert isinstance(competition.challenge, TaskChallenge)
    assert competition.challenge.environments == expected
    task = find_competition_task(tmp_path, "mine", competition.challenge)
    assert task.execution.limits.environments == expected
    wanted = RequestedTask(name=task.name, version=task.version, environments=expected)
    sent = RequestedTask.model_validate_json(wanted.model_dump_json())
    assert requested_task(sent).execution.limits == task.execution.limits
    assert find_task("tiny_latency").execution.limits.environments == OwnEnvironments()


@pytest.mark.parametrize(
    ("rules", "said"),
    [
        ("allow = true", "task.environments.allow"),
        ('sources = ["pypi.org"]', "'pypi.org' is neither an address of an index nor the path of a folder"),
        ("sources = []", "task.environments.sources"),
        ("most_mb = 0", "task.environments.most_mb"),
    ],
)
def test_a_mistake_in_the_rules_for_packages_is_named(tmp_path: Path, rules: str, said: str) -> None:
    (tmp_path / "competition.toml").write_text(TASK_DECLARATION.format(rules=rules))
    with pytest.raises(UserError, match=said):
        read_declaration(tmp_path)


def test_a_solution_without_private_rows_is_refused(play: Play, tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "other")
    solution = folder / "solution.csv"
    solution.write_text(solution.read_text().replace("Private", "Public"))
    (folder / "competition.toml").write_text(
        (folder / "competition.toml").read_text().replace('slug = "coins"', 'slug = "others"')
    )
    with pytest.raises(UserError, match="public and private rows"):
        open_competition(play.engine, play.home, folder, play.host)


def test_an_edit_is_told_and_what_teams_rely_on_stays(play: Play, tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    path = folder / "competition.toml"
    text = path.read_text()
    path.write_text(text.replace("daily = 5", "daily = 7"))
    (folder / "rules.md").write_text("# rules\n\nNew rules.\n")
    rules = play.hosted.rules_sha256
    opened = open_competition(play.engine, play.home, folder, play.host)
    assert opened.changes == ("limits.daily: 5 -> 7", "page: rules")
    assert play.hosted.rules_sha256 != rules
    for old, new in (
        ('"accuracy"', '"auc"'),
        ("daily = 5", "daily = 4"),
        ('feedback = "exact"', 'feedback = "ladder"'),
        ('title = "First prize"', 'title = "Second thoughts"'),
    ):
        path.write_text(text.replace(old, new))
        with pytest.raises(UserError, match="may not change any more"):
            open_competition(play.engine, play.home, folder, play.host)
    path.write_text(text.replace("daily = 5", "daily = 7"))
    solution = folder / "solution.csv"
    solution.write_text(solution.read_text().replace("\n0,1,", "\n0,0,").replace("\n1,0,", "\n1,1,"))
    with pytest.raises(UserError, match=r"solution\.csv"):
        open_competition(play.engine, play.home, folder, play.host)


def test_another_account_cannot_take_over_a_competition(play: Play, tmp_path: Path) -> None:
    stranger, _ = people.sign_up(play.engine, "stranger")
    with pytest.raises(UserError, match="hosted by another account"):
        open_competition(play.engine, play.home, tmp_path / "folder", stranger)


def test_participants_download_the_sample_and_never_the_solution(play: Play) -> None:
    assert set(hosted.public_files(play.home, play.slug)) == {"sample_submission.csv", "train.csv"}


def test_the_declaration_that_is_stored_is_the_one_that_was_read(hosting: Hosting, tmp_path: Path) -> None:
    play = hosting(limits="finals = 3\ntotal = 50\n")
    assert play.hosted.competition == read_declaration(tmp_path / "folder").value()


@pytest.mark.parametrize(("gain", "shown"), [(0.001, 0.5), (0.2, 0.7), (-0.1, 0.5)])
def test_the_ladder_shows_only_what_is_significantly_better(gain: float, shown: float) -> None:
    noise = np.random.default_rng(0).normal(0, 0.002, 20)
    best = PublicScore(0.5, jackknife([0.5] * 20))
    new = PublicScore(0.5 + gain, jackknife(0.5 + gain + noise))
    assert shown_score("ladder", "max", new, best) == pytest.approx(shown)
    lower = PublicScore(0.5 - gain, jackknife(0.5 - gain + noise))
    assert shown_score("ladder", "min", lower, best) == pytest.approx(1 - shown)
    assert shown_score("rounded", "max", PublicScore(0.123456), None) == 0.123


@pytest.mark.parametrize("part", ['name = "cots"', 'file = "task.py"', 'name = "cots"\ndata = "mini"'])
def test_a_declared_task_is_stored_and_read_back(tmp_path: Path, part: str) -> None:
    folder = write_folder(tmp_path / "other")
    path = folder / "competition.toml"
    head, _, tail = path.read_text().partition("[predictions]")
    path.write_text(f"{head}[task]\n{part}\n[schedule]{tail.partition('[schedule]')[2]}")
    declaration = read_declaration(folder)
    assert from_stored(declaration.stored()) == declaration.value()


def test_the_ladder_is_not_climbed_by_trying_often() -> None:
    """At three standard errors, 1,000 coin flips against these rows gained 2.4 points."""
    rng = np.random.default_rng(1)
    hidden, group = rng.integers(0, 2, 4000), np.random.default_rng(20_150).permutation(4000) % 20

    def score(guess: np.ndarray) -> PublicScore:
        hits = np.bincount(group, weights=guess == hidden)
        return PublicScore(hits.sum() / 4000, jackknife((hits.sum() - hits) / 3800))

    best = score(rng.integers(0, 2, 4000))
    for _ in range(1000):
        new = score(rng.integers(0, 2, 4000))
        assert shown_score("ladder", "max", new, best) == best.value
    assert shown_score("ladder", "max", score(np.where(rng.random(4000) < 0.2, hidden, 0)), best) > best.value
