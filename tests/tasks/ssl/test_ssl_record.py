"""What a whole evaluation of task ssl leaves behind: failures by their names, checkpoints, pictures."""

from __future__ import annotations

import shutil
import textwrap
from collections.abc import Callable
from pathlib import Path

import pytest

from harness import ROOT
from harness.evaluate import Evaluation, EvaluationJob, evaluate_job
from harness.intake.lookup import find_submission, inspect
from harness.measurement.run_plan import RunSetup
from harness.sandbox import choose
from harness.spec import PROFILES, DataRequest, Places, Prepared
from tasks.ssl.task import task

Judged = Callable[[str], Evaluation]


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Prepared:
    return task.dataset.prepare(DataRequest("digits", tmp_path_factory.mktemp("cache")))


@pytest.fixture
def judged(prepared: Prepared, tmp_path: Path) -> Judged:
    """Evaluate an entry written inline, with the modules of the shipped entries beside it."""
    places = Places.under(tmp_path / "home")

    def evaluated(source: str) -> Evaluation:
        path = shutil.copytree(ROOT / "submissions" / "_ssl", tmp_path / "entry")
        (path / "submission.py").write_text(textwrap.dedent(source))
        setup = RunSetup(task, prepared, PROFILES["cpu"], choose(), tmp_path / "host.log", quick=True)
        reference = find_submission(task, task.execution.reference, places)
        entry = inspect(path, task.execution.limits, places.entries)
        return evaluate_job(EvaluationJob(setup, entry, reference, tmp_path / "records"))

    return evaluated


@pytest.mark.slow
def test_a_collapsed_encoder_is_named_in_the_record(judged: Judged) -> None:
    found = judged(
        """
        import numpy as np

        def build(context):
            return lambda images: np.ones((len(images), 32), np.float32)
        """
    )
    assert found.record.status == "ok"
    assert any("collapsed encoder" in reason for reason in found.record.validity.reasons)


@pytest.mark.slow
def test_checkpoints_are_judged_on_the_pool_and_pictures_are_left_behind(judged: Judged) -> None:
    found = judged(
        """
        import numpy as np

        def build(context):
            for step in range(1, 4):
                print('{"step": %d, "steps": 4, "loss": %f}' % (step, 1 / step), flush=True)
                blind = step < 2
                def model(images, blind=blind, step=step):
                    rows = np.asarray(images, np.float32).reshape(len(images), -1)
                    return {"embedding": rows * 0 if blind else rows, "steps": np.int64(step)}
                yield model
        """
    )
    assert found.record.status == "ok"
    assert found.record.metrics["gate_steps"].value == 2
    assert found.record.metrics["gate_s"].value is not None
    names = {path.name for path in (found.folder / "plots").iterdir()}
    assert {"accuracy_by_labels.png", "map.png", "neighbours.png", "training.png"} <= names


@pytest.mark.slow
def test_identical_views_are_named_in_the_record(judged: Judged) -> None:
    found = judged(
        """
        from ssl_losses import contrast
        from ssl_networks import encoder, mlp
        from ssl_training import Setting, pretrain

        def build(context):
            setting = Setting(context)
            network = encoder(setting)
            head = mlp(network.output_shape[1], (32, 16))
            view = lambda images, seed, colour: images
            return (yield from pretrain(setting, network, [head], contrast(head, 0.2), view))
        """
    )
    assert found.record.status == "failed"
    assert "identical views" in found.record.message
    assert "identical views" in found.record.validity.reasons[0]
