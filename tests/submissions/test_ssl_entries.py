"""The self-supervised entries in the worker's Python: views, seeds, checkpoints, the full recipe in small."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from harness.intake.lookup import find_submission, shipped_names
from harness.session.worker import worker
from harness.spec import Places
from tasks.ssl.task import task as ssl
from tasks.ssl_finetune.task import task as finetune

CHECKS = Path(__file__).with_name("ssl_in_the_worker.py")


@pytest.mark.slow
@pytest.mark.parametrize(
    "check",
    [
        pytest.param("views", id="views_differ_and_identical_ones_are_named"),
        pytest.param("resumes", id="same_seed_same_encoder_also_when_interrupted"),
        pytest.param("full", id="the_full_recipe_trains_a_resnet18_in_mixed_precision"),
        pytest.param("entries", id="every_entry_embeds"),
        pytest.param("tuned", id="every_fine_tuned_entry_scores_classes"),
    ],
)
def test_in_the_worker(check: str, tmp_path: Path) -> None:
    places = Places.under(tmp_path / "home")
    entries = {
        name: str(find_submission(task, name, places).path)
        for task in (ssl, finetune)
        for name in shipped_names(task)
    }
    command = [worker("tensorflow").python, "-I", CHECKS, check, tmp_path, json.dumps(entries)]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    assert run.stdout.strip().endswith("ok"), run.stderr[-1500:]
