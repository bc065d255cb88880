"""Bare models of every runtime are recognised and run; one file makes a new runtime."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from harness import doctor
from harness.host import runtimes as declared
from harness.intake.lookup import inspect
from harness.probes import machine
from harness.session import runtimes
from harness.session import worker as workers
from harness.session.session import Session
from harness.session.worker import HOST, worker
from harness.spec import Limits
from harness.spec.errors import InvalidSubmission, SubmissionFailed

Open = Callable[..., Session]
X = np.arange(4, dtype=np.float32)

MODELS = """
import json, sys
from pathlib import Path
import numpy as np, keras, tensorflow as tf
folder = Path(sys.argv[1])
inputs = keras.Input((4,), name="x")
network = keras.Model(inputs, keras.layers.Rescaling(2.0, name="doubled")(inputs))
network.save(folder / "model.keras")
network.export(str(folder / "saved"), verbose=False)
converter = tf.lite.TFLiteConverter.from_saved_model(str(folder / "saved"))
(folder / "model.tflite").write_bytes(converter.convert())
"""


def field(number: int, payload: bytes) -> bytes:
    return bytes([number << 3 | 2, len(payload)]) + payload


def scalar(number: int, value: int) -> bytes:
    return bytes([number << 3, value])


def onnx_that_adds_itself() -> bytes:
    """A model in ONNX's protocol buffers: one node that adds ``x`` to itself."""
    shape = scalar(1, 1) + field(2, field(1, scalar(1, 4)))

    def tensor(name: bytes) -> bytes:
        return field(1, name) + field(2, field(1, shape))

    node = field(1, b"x") + field(1, b"x") + field(2, b"y") + field(4, b"Add")
    graph = field(1, node) + field(2, b"g") + field(11, tensor(b"x")) + field(12, tensor(b"y"))
    return scalar(1, 8) + field(7, graph) + field(8, scalar(2, 13))


def answer(session: Session) -> Any:
    session.start()
    session.load()
    session.build()
    return session.answers(session.ask({"x": X}))[0]


def test_a_bare_onnx_model_is_run(session: Open, tmp_path: Path) -> None:
    (tmp_path / "model.onnx").write_bytes(onnx_that_adds_itself())
    entry = inspect(tmp_path / "model.onnx", Limits(), tmp_path / "home" / "entries")
    assert entry.kind == "onnx"
    with session(entry) as opened:
        assert np.array_equal(answer(opened), 2 * X)


def test_a_model_of_another_size_says_what_to_change(session: Open, tmp_path: Path) -> None:
    (tmp_path / "model.onnx").write_bytes(onnx_that_adds_itself())
    entry = inspect(tmp_path / "model.onnx", Limits(), tmp_path / "home" / "entries")
    said = r"'x' takes arrays of \(4\) and the query's has \(6,\): begin the model with a resizing layer"
    with session(entry) as opened:
        answer(opened)
        with pytest.raises(SubmissionFailed, match=said):
            opened.ask({"x": np.zeros(6, np.float32)})


FIXED = """
import sys
from pathlib import Path
import keras, tensorflow as tf
folder = Path(sys.argv[1])
image = keras.Input((8, 8, 3), batch_size=1, name="frame")
filtered = keras.layers.Conv2D(1, 3, padding="same")(image)
dense = keras.layers.Dense(2)(keras.layers.Flatten()(filtered))
for name, output in (("filter", filtered), ("dense", dense)):
    network = keras.Model(image, output)
    network.export(str(folder / name), verbose=False)
    converter = tf.lite.TFLiteConverter.from_saved_model(str(folder / name))
    (folder / f"{name}.tflite").write_bytes(converter.convert())
    network.save(folder / f"{name}.keras")
"""


@pytest.mark.slow
def test_models_of_a_fixed_size_run_where_they_can_and_else_say_what_to_change(
    session: Open, tmp_path: Path
) -> None:
    subprocess.run([worker("tensorflow").python, "-c", FIXED, tmp_path], check=True, capture_output=True)
    picture = {"frame": np.zeros((12, 10, 3), np.uint8)}
    said = r"takes arrays of \((1|any), 8, 8, 3\) and the query's has \(1, 12, 10, 3\): begin"
    for name, runs in (
        ("filter.tflite", True),
        ("dense.tflite", False),
        ("filter.keras", False),
        ("dense", False),
    ):
        entry = inspect(tmp_path / name, Limits(), tmp_path / "home" / "entries")
        with session(entry, memory_mb=2048, build_s=60, run_s=120, query_s=20) as opened:
            opened.start()
            opened.load()
            opened.build()
            if runs:
                assert opened.answers(opened.ask(picture))[0].shape == (12, 10, 1), name
                continue
            with pytest.raises(SubmissionFailed, match=said):
                opened.ask(picture)


@pytest.mark.slow
def test_bare_models_of_tensorflow_are_run(session: Open, tmp_path: Path) -> None:
    subprocess.run([worker("tensorflow").python, "-c", MODELS, tmp_path], check=True, capture_output=True)
    for name, kind in (("model.tflite", "litert"), ("model.keras", "keras"), ("saved", "savedmodel")):
        entry = inspect(tmp_path / name, Limits(), tmp_path / "home" / "entries")
        assert entry.kind == kind
        with session(entry, memory_mb=2048, build_s=60, run_s=120, query_s=20) as opened:
            assert np.array_equal(answer(opened).reshape(-1), 2 * X), name


NEW_RUNTIME = '''
"""A bare ``.table`` file: a list of factors in JSON."""

from ..fitting import Input, answer, fit
from . import Runtime

RUNTIME = Runtime("Table", endings=(".table",), packages=("numpy",), modules=("json",))


def load(path, context):
    """Return ``model(x)``."""
    import json

    import numpy as np

    factors = np.array(json.loads(open(path).read()), np.float32)

    def model(x):
        (array,), batched = fit(x, [Input("x", np.float32, 2)])
        return answer({"y": array * factors}, batched)

    return model
'''


@pytest.fixture
def new_runtime(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A copy of the host's folder with one file more, in the place of the host's folder."""
    host = tmp_path / "host"
    shutil.copytree(HOST, host, ignore=shutil.ignore_patterns("__pycache__"))
    (host / "runtimes" / "table.py").write_text(NEW_RUNTIME)
    monkeypatch.setattr(workers, "HOST", host)
    monkeypatch.setattr(declared, "__path__", [str(host / "runtimes")])


@pytest.mark.usefixtures("new_runtime")
def test_one_file_makes_a_runtime(session: Open, tmp_path: Path) -> None:
    model = tmp_path / "entry" / "model.table"
    model.parent.mkdir()
    model.write_text(json.dumps([1, 2, 3, 4]))
    model.with_name("names.txt").touch()
    entry = inspect(model.parent, Limits(), tmp_path / "home" / "entries")
    assert entry.kind == "table"
    assert ".table" in runtimes.accepted()
    with session(entry) as opened:
        assert np.array_equal(answer(opened), X * [1, 2, 3, 4])
    assert "worker.numpy" in machine.versions(entry)
    assert any("Table (.table): numpy" in check.state for check in doctor.checks(tmp_path))


@pytest.mark.usefixtures("new_runtime")
def test_a_runtime_that_the_environment_lacks_says_where_it_is(session: Open, tmp_path: Path) -> None:
    adapter = Path(workers.HOST) / "runtimes" / "table.py"
    other = 'packages=("tables",), modules=("json", "tables.read"))'
    adapter.write_text(adapter.read_text().replace('packages=("numpy",), modules=("json",))', other))
    model = tmp_path / "model.table"
    model.write_text("[1, 2, 3, 4]")
    with session(inspect(model, Limits(), tmp_path / "home" / "entries")) as opened:
        opened.start()
        said = "no 'tables', which Table needs; put the file into a folder with a lock file that names it"
        with pytest.raises(InvalidSubmission, match=said):
            opened.load()


@pytest.mark.usefixtures("new_runtime")
@pytest.mark.parametrize("text", ["", "{", '"one"', "[1, [2]]"])
def test_a_damaged_file_is_named_with_its_runtime(session: Open, tmp_path: Path, text: str) -> None:
    model = tmp_path / "model.table"
    model.write_text(text)
    with session(inspect(model, Limits(), tmp_path / "home" / "entries")) as opened:
        opened.start()
        opened.load()
        with pytest.raises(InvalidSubmission, match=r"model\.table cannot be loaded by Table \(.*export it"):
            opened.build()
