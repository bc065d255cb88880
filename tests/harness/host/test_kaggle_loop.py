"""Kaggle's loops run as they are, are told Kaggle's words when they are misused, and are timed whole."""

from __future__ import annotations

import json
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from harness import ROOT
from harness.host.kaggle_loop import boxes
from harness.host.main import import_file
from harness.host.runtimes import kaggle_loop
from harness.intake.lookup import inspect
from harness.session.runtimes import kind_of
from harness.session.session import Session
from harness.spec import Limits

PICTURE = {"frame": np.zeros((4, 6, 3), np.uint8)}
START = "import greatbarrierreef\nenv = greatbarrierreef.make_env()\n"
PLAIN = f"""{START}
for number, (pixels, df) in enumerate(env.iter_test()):
    df["annotations"] = f"0.5 {{number}} 0 {{pixels.shape[1]}} {{pixels.shape[0]}}"
    env.predict(df)
"""
SERVER = """
import os
import kaggle_evaluation.starfish_inference_server as served

def predict(pixels, df):
    return f"0.5 {df['row_num'].iloc[0]} 0 6 4"

server = served.StarfishInferenceServer(predict)
if os.getenv("KAGGLE_IS_COMPETITION_RERUN"):
    server.serve()
else:
    server.run_local_gateway(("/kaggle/input",))
"""
Load = Callable[..., Callable[[Any], Any]]


@pytest.fixture(autouse=True)
def untouched(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Leave nothing of a loop in this process."""
    for name in ("path", "argv", "meta_path"):
        monkeypatch.setattr(sys, name, list(getattr(sys, name)))
    monkeypatch.setenv("KAGGLE_IS_COMPETITION_RERUN", "")
    yield
    for name in [name for name in sys.modules if name.startswith(kaggle_loop.RUNTIME.imports)]:
        del sys.modules[name]


@pytest.fixture
def load(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Load:
    monkeypatch.chdir(tmp_path)

    def loaded(source: str, name: str = "entry.py") -> Callable[[Any], Any]:
        path = tmp_path / name
        path.write_text(source)
        return kaggle_loop.load(str(path), SimpleNamespace(workdir=str(tmp_path)))

    return loaded


@pytest.mark.parametrize("source", [PLAIN, SERVER], ids=["loop", "server"])
def test_a_loop_answers_each_sample_in_turn(load: Load, source: str) -> None:
    model = load(source)
    for number in range(3):
        assert model(PICTURE).tolist() == [[0.5, number, 0.0, 6.0, 4.0]]


def test_a_notebook_runs_cell_by_cell_without_its_shell_commands(
    load: Load, capsys: pytest.CaptureFixture[str]
) -> None:
    cells = ["!pip install x\n%matplotlib inline\nimport math", "%%bash\nexit 1", "display(math.pi)", PLAIN]
    code = [{"cell_type": "code", "source": cell.splitlines(keepends=True)} for cell in cells]
    model = load(json.dumps({"cells": [{"cell_type": "markdown", "source": "# Text"}, *code]}), "entry.ipynb")
    assert model(PICTURE).shape == (1, 5)
    told = capsys.readouterr().out
    assert "cell 1: '!pip install x' is not run here" in told
    assert "3.14159" in told


@pytest.mark.parametrize(
    ("source", "said"),
    [
        (START + "greatbarrierreef.make_env()", "You can only call `make_env()` once."),
        (START + "env.iter_test()\nenv.iter_test()", "You can only iterate over `iter_test()` once."),
        (START + "env.predict(None)", "You must get the next test sample from `iter_test()` first."),
        (START, "ended without asking for a test sample"),
        ("import greatbarrierreef\n1 / 0", "division by zero"),
        ("import greatbarrierreef\nimport sys\nsys.exit('enough')", "enough"),
        ("import kaggle_evaluation.core as k\nk.Gateway()", "has no attribute 'Gateway'"),
        ("import kaggle_evaluation as k\nk.InferenceServer()", "needs the function that predicts"),
    ],
)
def test_misuse_before_the_first_sample_is_told_in_kaggles_words(load: Load, source: str, said: str) -> None:
    with pytest.raises(BaseException, match=r".") as caught:
        load(source)
    assert said in str(caught.value)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("pass", "You must call `predict()` successfully before you can continue with `iter_test()`"),
        ("env.predict(df); env.predict(df)", "You must get the next test sample from `iter_test()` first."),
        ("env.predict([1])", "You must provide a DataFrame."),
        ("df['annotations'] = '1 2 3'\n    env.predict(df)", "groups of five numbers"),
        ("df['annotations'] = 'a b c d e'\n    env.predict(df)", "this is 'a b c d e'"),
        ("env.predict(df.drop(columns='annotations'))", "annotations"),
        ("break", "ended without a prediction for its last test sample"),
        ("raise KeyError('mine')", "mine"),
    ],
)
def test_misuse_of_the_loop_is_told_in_kaggles_words(load: Load, body: str, said: str) -> None:
    model = load(f"{START}for pixels, df in env.iter_test():\n    {body}\n")
    with pytest.raises(BaseException, match=r".") as caught:
        model(PICTURE)
    assert said in str(caught.value)


def test_a_loop_that_ends_early_says_after_how_many(load: Load) -> None:
    model = load(f"{START}for pixels, df in env.iter_test():\n    env.predict(df)\n    break\n")
    assert model(PICTURE).shape == (1, 5)
    with pytest.raises(RuntimeError, match="the loop ended after 1 of the test samples"):
        model(PICTURE)


def test_what_follows_a_prediction_is_timed_with_it(load: Load) -> None:
    model = load(
        f"{START}import time\nfor _, df in env.iter_test():\n    env.predict(df)\n    time.sleep(0.2)\n"
    )
    started = time.perf_counter()
    model(PICTURE)
    assert time.perf_counter() - started >= 0.2
    assert threading.active_count() >= 2


@pytest.mark.parametrize(
    ("text", "rows"),
    [("", 0), (None, 0), (float("nan"), 0), ("0.5 1 2 3 4", 1), ("0.5 1 2 3 4 .1 5.5 6 7 8", 2)],
)
def test_annotations_become_boxes(text: Any, rows: int) -> None:
    import pandas as pd

    assert boxes(pd.DataFrame({"annotations": [text]})).shape == (rows, 5)


@pytest.mark.parametrize(
    ("name", "source", "kind"),
    [
        ("a.py", PLAIN, "kaggle_loop"),
        ("a.py", "if 1:\n    from kaggle_evaluation.core import templates\n", "kaggle_loop"),
        ("a.py", "# import greatbarrierreef\nimport greatbarrierreefs\ndef build(c): ...", "python"),
        ("a.ipynb", "{}", "kaggle_loop"),
    ],
)
def test_a_loop_is_told_from_other_submissions(tmp_path: Path, name: str, source: str, kind: str) -> None:
    (tmp_path / name).write_text(source)
    assert kind_of(tmp_path / name) == kind


def test_a_file_that_is_no_notebook_is_told(load: Load) -> None:
    with pytest.raises(SyntaxError, match="this is not a Jupyter notebook"):
        load("{}", "entry.ipynb")


NOTEBOOK = ROOT / "tests" / "fixtures" / "kaggle" / "starfish.ipynb"


def test_a_notebook_runs_unchanged_in_the_sandbox(session: Callable[..., Session]) -> None:
    frame = np.full((360, 640, 3), (40, 130, 110), np.uint8)  # water, and a rough disc of another colour
    disc = np.hypot(*(np.indices((360, 640)) - np.array([180, 320])[:, None, None])) < 26
    frame[disc] = np.random.default_rng(5).integers(0, 160, (int(disc.sum()), 3))
    entry = inspect(NOTEBOOK, Limits(), NOTEBOOK.parent)
    blob = import_file("blob", str(ROOT / "submissions" / "cots" / "blob.py"))
    with session(entry) as opened:
        opened.start()
        opened.load()
        opened.build()
        (boxes_found,) = opened.answers(opened.ask({"frame": frame}))
    expected = blob.detect({"frame": frame})
    assert len(expected) > 0
    np.testing.assert_allclose(boxes_found, expected, atol=0.06)
