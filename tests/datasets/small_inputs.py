"""Small folders and files of every format that ``--from`` takes, each with the file to be damaged."""

from __future__ import annotations

import io
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

import cv2
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from datasets.chains import chains, layout, network
from datasets.clicks import clicks
from datasets.clicks.schema import Category, Schema
from datasets.glyphs import fonts, glyphs
from datasets.images import images
from datasets.people import people
from datasets.photos import photographs
from datasets.reef import reef
from datasets.spans import spans
from datasets.texts import texts
from harness.spec import Dataset
from tests.datasets import people_folder, reef_folder
from tests.datasets.people_folder import image, person


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


def reviews(folder: Path) -> Path:
    folder.mkdir()
    words = [f"review {n} of a film that was {'good' if n % 2 else 'bad'}" for n in range(40)]
    splits = ["train" if n < 20 else "test" for n in range(40)]
    table = pa.table({"text": words, "label": [n % 2 for n in range(40)], "split": splits})
    pq.write_table(table, folder / "reviews.parquet")
    return folder / "reviews.parquet"


def stream(folder: Path) -> Path:
    folder.mkdir()
    rows = [f"{n % 7},{n / 3:.3f},{'up' if n % 3 else 'down'},{n // 20}" for n in range(80)]
    (folder / "stream.csv").write_text("\n".join(["day,price,class,span", *rows]))
    return folder / "stream.csv"


def weights(folder: Path) -> Path:
    folder.mkdir()
    size = layout.SIZES["narrow"]
    made = network.make(size.width, size.layers, np.random.default_rng(0))
    made.save(folder / "weights.npz")
    return folder / "weights.npz"


def superfine(folder: Path) -> Path:
    folder.mkdir()
    for name in ("a", "b"):
        reef_folder.picture(folder / f"{name}.png", 1, 64, 48)
    return folder / "a.png"


def glyph(folder: Path) -> Path:
    rng = np.random.default_rng(0)
    for name in "abcd":
        (folder / name).mkdir(parents=True)
        for number in range(3):
            cv2.imwrite(str(folder / name / f"{number}.png"), rng.integers(0, 255, (30, 20), np.uint8))
    return folder / "a" / "1.png"


def runs(folder: Path) -> Path:
    fonts.base = lru_cache(fonts.base)  # type: ignore[assignment]
    rng, run = np.random.default_rng(0), folder / "run01"
    lines = []
    for part in ("training", "test"):
        (run / part).mkdir(parents=True)
        for number in range(4):
            cv2.imwrite(str(run / part / f"{number}.png"), rng.integers(0, 255, (28, 28), np.uint8))
    lines = [f"run01/test/{number}.png run01/training/{number}.png" for number in range(4)]
    (run / "class_labels.txt").write_text("\n".join(lines))
    return run / "class_labels.txt"


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
    "reviews": (texts, "imdb", reviews),
    "stream": (spans, "csv", stream),
    "weights": (chains, "narrow", weights),
    "superfine": (photographs, "full", superfine),
    "glyph": (glyphs, "folders", glyph),
    "runs": (glyphs, "omniglot", runs),
}
FILES = {"npz", "reviews", "stream", "weights"}
"""Formats of which the file itself is given, not its folder."""
