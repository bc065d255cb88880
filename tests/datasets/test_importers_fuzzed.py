"""Damaged files of every format that ``--from`` takes: a clear refusal or a right result, and nothing else.

Each format is fuzzed in a process of its own with a cap on its memory. A refusal names a file of the user; a
result is one whose queries can be loaded.
"""

from __future__ import annotations

import io
import json
import os
import random
import resource
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from datasets.clicks import clicks
from datasets.clicks.schema import Category, Schema
from datasets.images import images
from datasets.people import people
from datasets.reef import reef
from harness.spec import DataRequest, Dataset
from harness.spec.errors import UserError
from tests.datasets import people_folder, reef_folder
from tests.datasets.mutate import mutated
from tests.datasets.people_folder import image, person

ROOT = Path(__file__).parents[2]
MOST_BYTES = 3_000_000_000
"""Of address space above what the libraries take."""
MOST_S = 10.0
"""Of processor time, for one file of a few kilobytes; the time limit of the run finds one that waits."""


def coco(folder: Path) -> Path:
    rle = {"size": [48, 64], "counts": [0, 48 * 32, 48 * 32]}
    people_folder.make(folder, [person(1), person(2, rle), person(3, category=18)])
    people_folder.write(folder, [image(1), image(2), image(3)], [person(1), person(2, rle), person(3)])
    return folder / "annotations" / "instances_val2017.json"


def photograph(folder: Path) -> Path:
    coco(folder)
    path = folder / "val2017" / "000000000001.jpg"
    reef_folder.picture(path, 1, 48, 64)
    return path


def frame(folder: Path) -> Path:
    reef_folder.make(folder)
    return folder / "train_images" / "video_1" / "1.jpg"


def kaggle(folder: Path) -> Path:
    reef_folder.make(folder)
    return folder / "train.csv"


def criteo(folder: Path) -> Path:
    folder.mkdir()
    lines = [
        "\t".join([str(n % 3 % 2), *map(str, range(13)), *(f"{n * c:08x}" for c in range(26))])
        for n in range(40)
    ]
    (folder / "train.txt").write_text("\n".join(lines))
    return folder / "train.txt"


def parquet(folder: Path) -> Path:
    folder.mkdir()
    Schema(("price",), (Category("site", 50), Category("tags", 9, 3)), 0).write(folder)
    rng = np.random.default_rng(0)
    table = {
        "label": pa.array(rng.integers(0, 2, 200, np.uint8)),
        "price": pa.array(rng.random(200, np.float32)),
        "site": pa.array(rng.integers(0, 50, 200, np.int32)),
        "tags": pa.FixedSizeListArray.from_arrays(pa.array(rng.integers(0, 9, 600, np.int32)), 3),
    }
    pq.write_table(pa.table(table), folder / "train.parquet")
    return folder / "train.parquet"


def schema(folder: Path) -> Path:
    parquet(folder)
    return folder / "schema.json"


def adult(folder: Path) -> Path:
    folder.mkdir()
    head = "age,workclass,fnlwgt,education,education-num,marital-status,occupation,relationship,race,sex,"
    head += "capital-gain,capital-loss,hours-per-week,native-country,income-per-year"
    row = "{0},Private,{0},HS,9,Married,Sales,Husband,White,Male,0,0,40,Peru,{1}50K"
    lines = [row.format(20 + n, "<=" if n % 3 else ">") for n in range(60)]
    (folder / "adult.csv").write_text("\n".join([head, *lines]))
    return folder / "adult.csv"


def npz(folder: Path) -> Path:
    folder.mkdir()
    rng = np.random.default_rng(0)
    buffer = io.BytesIO()
    parts = {f"{part}_x": rng.integers(0, 255, (30, 8, 8, 3), np.uint8) for part in ("train", "test")}
    np.savez(buffer, **parts, train_y=np.arange(30) % 10, test_y=np.arange(30) % 10)  # type: ignore[arg-type]
    (folder / "mine.npz").write_bytes(buffer.getvalue())
    return folder / "mine.npz"


FORMATS: dict[str, tuple[Dataset, str, Callable[[Path], Path]]] = {
    "coco": (people, "full", coco),
    "photograph": (people, "full", photograph),
    "frame": (reef, "full", frame),
    "kaggle": (reef, "full", kaggle),
    "criteo": (clicks, "criteo", criteo),
    "parquet": (clicks, "table", parquet),
    "schema": (clicks, "table", schema),
    "adult": (clicks, "adult", adult),
    "npz": (images, "cifar10_subset", npz),
}


def fuzz(name: str, count: int, seed: int) -> dict[str, object]:
    """Prepare ``count`` damaged folders; return how many were refused and taken, and what was wrong."""
    dataset, variant, make = FORMATS[name]
    rng = random.Random(seed)
    came: dict[str, list[str]] = {"refused": [], "taken": [], "wrong": []}
    slowest = 0.0
    with tempfile.TemporaryDirectory() as work:
        source = Path(work) / "source"
        path = make(source)
        whole = path.read_bytes()
        given = path if name == "npz" else source
        dataset.prepare(DataRequest(variant, Path(work) / "cache", source=given))
        for number in range(count):
            path.write_bytes(mutated(whole, rng))
            started, cache = processor_s(), Path(work) / "cache"
            try:
                dataset.prepare(DataRequest(variant, cache, source=given))
                came["taken"].append(str(number))
            except UserError as error:
                named = str(source) in str(error) and str(cache) not in str(error)
                came["refused" if named else "wrong"].append(f"{number}: {error}"[:300])
            except Exception as error:
                came["wrong"].append(f"{number}: {type(error).__name__}: {error}"[:300])
            slowest = max(slowest, processor_s() - started)
            shutil.rmtree(cache, ignore_errors=True)
    return {
        "refused": len(came["refused"]),
        "taken": len(came["taken"]),
        "wrong": came["wrong"],
        "slowest": slowest,
    }


def processor_s() -> float:
    """Return the processor time of this process and of its ended children, in seconds."""
    return sum(os.times()[:4])


def main() -> None:
    name, count, seed = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    used = int(Path("/proc/self/statm").read_text().split()[0]) * os.sysconf("SC_PAGESIZE")
    resource.setrlimit(resource.RLIMIT_AS, (used + MOST_BYTES, used + MOST_BYTES))
    print(json.dumps(fuzz(name, count, seed)))


@pytest.mark.parametrize(
    ("name", "count"),
    [
        *((name, 15) for name in FORMATS),
        *(pytest.param(name, 2000, marks=pytest.mark.slow) for name in FORMATS),
    ],
)
def test_damaged_files_are_refused_or_right(name: str, count: int) -> None:
    command = [sys.executable, "-m", "tests.datasets.test_importers_fuzzed", name, str(count), "0"]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=1800, check=False)
    assert run.returncode == 0, run.stderr[-2000:]
    came = json.loads(run.stdout.splitlines()[-1])
    assert came["wrong"] == []
    assert came["refused"] + came["taken"] == count
    assert came["refused"] > 0
    assert came["slowest"] < MOST_S


if __name__ == "__main__":
    main()
