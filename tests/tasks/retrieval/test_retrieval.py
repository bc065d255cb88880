"""Task retrieval: the script, the scores, and classes from fonts, Omniglot's runs and folders."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from datasets.glyphs import glyphs, layout, omniglot
from harness.scoring.scores import score
from harness.spec import DataRequest, Prepared, ProcessOutcome, Query, RunOutcome
from harness.spec.errors import BadData, InvalidSubmission
from tasks.retrieval import outcome
from tasks.retrieval.scoring import check
from tasks.retrieval.script import queries
from tasks.retrieval.task import task

SHARED = Path(os.environ.get("PHOTOFINISH_CHECK_DATA", Path(__file__).parents[4] / "shared" / "data"))
OMNIGLOT = SHARED / "omniglot_runs"


def folders(root: Path, classes: int = 12, each: int = 7) -> Path:
    """Pictures of which the class is where the bright square lies."""
    rng = np.random.default_rng(0)
    for number in range(classes):
        folder = root / f"class{number}"
        folder.mkdir(parents=True)
        for count in range(each):
            picture = rng.integers(0, 20, (28, 28), dtype=np.uint8)
            row, column = divmod(number, 6)
            picture[8 * row : 8 * row + 6, 4 * column : 4 * column + 4] = 255
            cv2.imwrite(str(folder / f"{count}.png"), picture)
    return root


def prepared(cache: Path, source: Path) -> Prepared:
    return glyphs.prepare(DataRequest("folders", cache, source))


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Prepared:
    root = tmp_path_factory.mktemp("own")
    return prepared(root / "cache", folders(root / "pictures"))


def right(query: Query) -> Any:
    """Scores of a model that knows every class."""
    truth = query.truth
    scores = np.zeros((len(truth.labels), truth.known), np.float32)
    scores[np.arange(len(scores)), truth.labels] = 1
    return scores


def run(data: Prepared, answer: Any = right) -> RunOutcome:
    script = queries(data)
    answers = {
        index: check(answer(query), query) for index, query in enumerate(script) if query.teach is None
    }
    asked = [(index, 0.001) for index in answers]
    return RunOutcome(data, script, [ProcessOutcome(answers, {}, asked)])


def metrics(made: RunOutcome) -> dict[str, float | None]:
    scored = score(task, made.queries, [made.processes[0].answers], "public")
    return {name: measure.value for name, measure in scored.metrics.items()}


def test_base_and_new_classes_are_disjoint_and_examples_are_not_asked(own: Prepared) -> None:
    hidden = layout.read(own.private)
    with np.load(own.public / "base.npz") as base:
        known = {image.tobytes() for image in base["images"]}
    asked = {image.tobytes() for image in hidden.asked.reshape(-1, 28, 28)}
    taught = {image.tobytes() for image in hidden.taught.reshape(-1, 28, 28)}
    old = {image.tobytes() for image in hidden.old.reshape(-1, 28, 28)}
    assert not known & (asked | taught | old)
    assert not asked & taught


def test_lessons_name_new_classes_in_order_and_clusters_are_episodes(own: Prepared) -> None:
    script = queries(own)
    lessons = [query for query in script if query.teach]
    assert [query.id for query in lessons[:2]] == ["episode-000-lesson-1", "episode-000-lesson-5"]
    first = lessons[0].teach() if lessons[0].teach else None
    np.testing.assert_array_equal(first, [6, 7, 8, 9, 10])
    assert {query.cluster for query in script if query.id.startswith("episode-000")} == {"episode-000"}


def test_a_model_that_knows_everything_scores_one(own: Prepared) -> None:
    made = run(own)
    found = metrics(made)
    assert found["harmonic_5"] == found["harmonic_1"] == found["way_1"] == 1.0
    assert found["harmonic_20"] is None
    assert outcome.forgetting(made) == 0.0


def test_a_model_that_never_learns_new_classes_scores_nothing(own: Prepared) -> None:
    def old_only(query: Query) -> Any:
        scores = right(query)
        scores[:, query.truth.base :] = 0
        return scores

    assert metrics(run(own, old_only))["harmonic_5"] == 0.0


def test_the_picture_shows_shots_and_classes(own: Prepared) -> None:
    assert task.reporting.pictures is not None
    drawn = task.reporting.pictures(run(own))
    assert drawn["shots_and_classes.png"].startswith(b"\x89PNG")


@pytest.mark.parametrize(
    "answer", [np.zeros(20), np.zeros((20, 3)), np.zeros((20, 6), int), np.full((12, 6), np.nan)]
)
def test_answers_that_are_none_are_refused(own: Prepared, answer: Any) -> None:
    with pytest.raises(InvalidSubmission, match=r"scores, floats|not finite"):
        check(answer, queries(own)[0])


def test_a_class_without_examples_is_refused(tmp_path: Path) -> None:
    source = folders(tmp_path / "pictures")
    (source / "empty").mkdir()
    with pytest.raises(BadData, match="class 'empty' has 0 pictures; each class needs at least 3"):
        prepared(tmp_path / "cache", source)


def test_bad_folders_are_refused_with_the_reason(tmp_path: Path) -> None:
    with pytest.raises(BadData, match="there is no folder"):
        prepared(tmp_path / "cache", tmp_path / "none")
    source = folders(tmp_path / "pictures", classes=3)
    with pytest.raises(BadData, match="at least 4 classes"):
        prepared(tmp_path / "cache", source)
    more = folders(tmp_path / "more")
    (more / "class1" / "0.png").write_text("no picture")
    with pytest.raises(BadData, match="cannot be read as a picture"):
        prepared(tmp_path / "cache", more)
    (tmp_path / "runs" / "run01").mkdir(parents=True)
    with pytest.raises(BadData, match=r"class_labels\.txt is missing"):
        prepared(tmp_path / "cache", tmp_path / "runs")


@pytest.mark.skipif(not OMNIGLOT.is_dir(), reason=f"no Omniglot runs at {OMNIGLOT}")
def test_omniglot_runs_are_read_as_pairs() -> None:
    taught, asked = omniglot.run(OMNIGLOT / "run01")
    assert taught.shape == asked.shape == (20, 28, 28)
    assert taught.mean() < 127, "ink is bright"
