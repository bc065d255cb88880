"""A small LiteRT entry and a task to run it on, for benches of the clock itself."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Literal

import numpy as np

from harness.intake.lookup import inspect
from harness.interactions import Independent
from harness.measurement.calibration import Calibration, calibrate
from harness.measurement.compare import Comparison, compare_submissions
from harness.measurement.run_plan import RunSetup
from harness.sandbox import choose
from harness.session.worker import worker
from harness.spec import (
    PROFILES,
    Answer,
    DataRequest,
    Dataset,
    Execution,
    FromSums,
    Limits,
    Metric,
    Prepared,
    Quality,
    Query,
    Submission,
    Task,
)

WIDTH = 256
QUERIES = 800

MODEL = """
import sys, tensorflow as tf
layers = tf.keras.layers
count = int(sys.argv[2])
parts = [layers.Input((256,), batch_size=1)]
if sys.argv[3] == "dense":
    parts += [layers.Dense(256, "relu") for _ in range(count)]
else:
    parts += [layers.Reshape((16, 16, 1))]
    parts += [layers.Conv2D(16, 3, padding="same", activation="relu") for _ in range(count)]
converter = tf.lite.TFLiteConverter.from_keras_model(tf.keras.Sequential(parts))
open(sys.argv[1], "wb").write(converter.convert())
"""

ENTRY = """
import time
from pathlib import Path
from ai_edge_litert.interpreter import Interpreter

def build(context):
    network = Interpreter(model_path=str(Path(__file__).parent / "model.tflite"), num_threads=1)
    network.allocate_tensors()
    source, target = network.get_input_details()[0]["index"], network.get_output_details()[0]["index"]

    def model(x):
        start = time.perf_counter()
        network.set_tensor(source, x[None])
        network.invoke()
        answer = network.get_tensor(target)[0]
        until = start + (time.perf_counter() - start) * {slowness}
        while time.perf_counter() < until:
            pass
        return answer

    return model
"""


def make_entry(
    folder: Path, layers: int, slowness: float = 1.0, kind: Literal["dense", "conv"] = "dense"
) -> Submission:
    """Write an entry of so many layers that takes ``slowness`` times as long as it must.

    Dense layers read a quarter of a megabyte each; convolutions stay in a core's own cache.
    """
    folder.mkdir()
    (folder / "submission.py").write_text(ENTRY.format(slowness=slowness))
    command = [str(worker("tensorflow").python), "-c", MODEL, str(folder / "model.tflite"), str(layers), kind]
    made = subprocess.run(command, capture_output=True, text=True, check=False)
    if made.returncode:
        sys.exit(f"the model could not be made:\n{made.stderr[-800:]}")
    return inspect(folder, Limits(), folder.parent / "entries")


def queries(_: Prepared) -> Sequence[Query]:
    vectors = np.random.default_rng(0).normal(size=(QUERIES, WIDTH)).astype(np.float32)
    return [Query(f"q{i}", f"c{i}", "public", partial(vectors.__getitem__, i), None) for i in range(QUERIES)]


def answered(sums: Mapping[str, np.ndarray]) -> np.ndarray:
    return sums["answered"]


def prepare(request: DataRequest) -> Prepared:
    request.cache.mkdir(exist_ok=True)
    return Prepared("vectors", "mini", "0" * 64, request.cache, request.cache)


task = Task(
    name="vectors",
    version=1,
    title="Answer vectors",
    description="Only the clock is of interest.",
    dataset=Dataset("vectors", "normal vectors", {"mini": f"{QUERIES} rows"}, prepare),
    queries=queries,
    answer=Answer(lambda answer, _: answer),
    quality=Quality(
        (Metric("answered", "1", "max", "queries answered", FromSums(answered)),),
        lambda *_: {"answered": 1.0},
    ),
    interaction=Independent(shared=False),
    execution=Execution(reference=""),
)


@dataclass(frozen=True)
class Ring:
    """Where two entries meet on the profile ``edge``: folder and data."""

    folder: Path
    prepared: Prepared

    def calibrate(self, reference: Submission) -> Calibration:
        """Run the reference against itself, as ``run_bench.py calibrate`` does before ranked runs."""
        return calibrate(self._setup(), reference)

    def compare(self, a: Submission, b: Submission, learnt: Calibration, seed: int) -> Comparison:
        """Run A against B; differences within the learnt margin do not count."""
        return compare_submissions(self._setup(seed), a, b, learnt.margin)

    def _setup(self, seed: int = 0) -> RunSetup:
        return RunSetup(task, self.prepared, PROFILES["edge"], choose(), self.folder / "host.log", seed=seed)


@contextmanager
def ring() -> Iterator[Ring]:
    """A folder of its own that goes away afterwards."""
    with tempfile.TemporaryDirectory() as name:
        yield Ring(Path(name), prepare(DataRequest("mini", Path(name) / "data")))
