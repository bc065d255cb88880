"""The split: whole groups, three parts alike, the same every time, the source untouched."""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from datasets.reef import layout, reef, split
from harness.spec import DataRequest
from harness.spec.errors import BadData
from tests.datasets import reef_folder


def parts(target: Path) -> dict[str, list[layout.Frame]]:
    test = layout.read(target / "private" / "test.csv", layout.TestFrame)
    return {
        "train": list(layout.read(target / "public" / "train.csv", layout.Frame)),
        "public": [frame for frame in test if frame.split == "public"],
        "private": [frame for frame in test if frame.split == "private"],
    }


def arranged(tmp_path: Path, by: Any, **shape: int) -> Path:
    if not (tmp_path / "raw").exists():
        reef_folder.make(tmp_path / "raw", **shape)
    (tmp_path / "target").mkdir()
    split.arrange(tmp_path / "raw", tmp_path / "target", by)
    return tmp_path / "target"


def everything(folder: Path) -> dict[str, tuple[bytes, int]]:
    return {
        str(path.relative_to(folder)): (path.read_bytes(), path.stat().st_mtime_ns)
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_three_videos_fill_three_parts(tmp_path: Path) -> None:
    target = arranged(tmp_path, "video")
    videos = {part: {frame.video_id for frame in frames} for part, frames in parts(target).items()}
    assert videos == {"train": {0}, "public": {1}, "private": {2}}


def test_every_frame_lands_once_with_its_image(tmp_path: Path) -> None:
    target = arranged(tmp_path, "sequence", sequences=4)
    raw = {frame.image_id: frame for frame in layout.read(tmp_path / "raw" / "train.csv", layout.Frame)}
    landed = [frame for frames in parts(target).values() for frame in frames]
    assert sorted(frame.image_id for frame in landed) == sorted(raw)
    for part, frames in parts(target).items():
        folder = target / ("public/train_images" if part == "train" else "private/test_images")
        for frame in frames:
            assert frame.model_dump(exclude={"split"}) == raw[frame.image_id].model_dump()
            image = (tmp_path / "raw" / "train_images" / frame.image).read_bytes()
            assert (folder / frame.image).read_bytes() == image
    assert len(list(target.rglob("*.jpg"))) == len(raw)


def test_nothing_of_the_test_is_public(tmp_path: Path) -> None:
    target = arranged(tmp_path, "sequence", sequences=4)
    hidden = {frame.image for part in ("public", "private") for frame in parts(target)[part]}
    shown = [path for path in (target / "public").rglob("*") if path.is_file()]
    assert not hidden & {f"{path.parent.name}/{path.name}" for path in shown}
    train = pd.read_csv(target / "public" / "train.csv")
    assert list(train.columns) == reef_folder.HEADER.split(",")


def test_sequences_stay_whole_and_parts_are_alike(tmp_path: Path) -> None:
    rows = []
    for sequence in range(30):
        for number in range(26):
            # Sequences hold from none to many boxes.
            boxes = [{"x": 1, "y": 1, "width": 9, "height": 9}] * (sequence if number < 5 else 0)
            rows.append((sequence // 10, sequence, sequence * 50 + number, number, boxes))
    table = pd.DataFrame(
        rows, columns=["video_id", "sequence", "video_frame", "sequence_frame", "annotations"]
    )
    table["image_id"] = table.video_id.astype(str) + "-" + table.video_frame.astype(str)
    (tmp_path / "raw").mkdir()
    table.to_csv(tmp_path / "raw" / "train.csv", index=False)
    for video, frame in zip(table.video_id, table.video_frame, strict=True):
        image = tmp_path / "raw" / "train_images" / f"video_{video}" / f"{frame}.jpg"
        image.parent.mkdir(parents=True, exist_ok=True)
        reef_folder.picture(image, 0, 16, 16)
    target = arranged(tmp_path, "sequence")
    groups = {part: Counter(frame.sequence for frame in frames) for part, frames in parts(target).items()}
    assert {part: len(group) for part, group in groups.items()} == {"train": 15, "public": 7, "private": 8}
    assert all(count == 26 for group in groups.values() for count in group.values())
    # The mean over all sequences is 14.5 boxes a frame.
    means = {part: sum(group) / len(group) for part, group in groups.items()}
    assert all(13 < mean < 16 for mean in means.values()), means


def test_the_split_is_the_same_every_time(tmp_path: Path) -> None:
    first = everything(arranged(tmp_path / "a", "sequence", sequences=4))
    second = everything(arranged(tmp_path / "b", "sequence", sequences=4))
    assert {name: data for name, (data, _) in first.items()} == {n: data for n, (data, _) in second.items()}


def test_the_source_is_linked_and_not_changed(tmp_path: Path) -> None:
    reef_folder.make(tmp_path / "raw")
    before = everything(tmp_path / "raw")
    target = arranged(tmp_path, "video")
    assert everything(tmp_path / "raw") == before
    image = target / "public" / "train_images" / "video_0" / "1.jpg"
    assert image.stat().st_ino == (tmp_path / "raw" / "train_images" / "video_0" / "1.jpg").stat().st_ino


def test_images_are_copied_where_links_cannot_be(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(source: Path, target: Path) -> None:
        raise OSError(18, "Invalid cross-device link")

    monkeypatch.setattr(os, "link", refuse)
    target = arranged(tmp_path, "video")
    assert len(list(target.rglob("*.jpg"))) == len(list((tmp_path / "raw").rglob("*.jpg")))


def test_links_in_the_source_become_files(tmp_path: Path) -> None:
    reef_folder.make(tmp_path / "raw")
    image = tmp_path / "raw" / "train_images" / "video_0" / "1.jpg"
    image.rename(tmp_path / "real.jpg")
    image.symlink_to(tmp_path / "real.jpg")
    target = arranged(tmp_path, "video")
    assert not [path for path in target.rglob("*") if path.is_symlink()]
    assert (target / "public" / "train_images" / "video_0" / "1.jpg").is_file()


@pytest.mark.parametrize(("videos", "said"), [(1, "has 1 video;"), (2, "has 2 videos;")])
def test_too_few_videos(tmp_path: Path, videos: int, said: str) -> None:
    with pytest.raises(BadData, match=f"{said} the split needs at least 3"):
        arranged(tmp_path, "video", videos=videos)


def test_a_part_without_a_box(tmp_path: Path) -> None:
    reef_folder.make(tmp_path / "raw")
    path = tmp_path / "raw" / "train.csv"
    rows = pd.read_csv(path)
    rows.loc[rows["video_id"] == 2, "annotations"] = "[]"
    rows.to_csv(path, index=False)
    with pytest.raises(BadData, match=r"the private part \(video 2\) has no box"):
        arranged(tmp_path, "video")


def test_a_corrupt_or_missing_image_stops_it(tmp_path: Path) -> None:
    reef_folder.make(tmp_path / "raw")
    image = tmp_path / "raw" / "train_images" / "video_1" / "102.jpg"
    image.write_bytes(image.read_bytes()[:-50])
    request = DataRequest("full", tmp_path / "cache", source=tmp_path / "raw")
    with pytest.raises(BadData, match=r"video_1/102\.jpg is truncated"):
        reef.prepare(request)
    image.unlink()
    with pytest.raises(BadData, match=r"video_1/102\.jpg cannot be read: No such file"):
        reef.prepare(request)
    assert [path for path in (tmp_path / "cache").iterdir() if path.suffix != ".lock"] == []
    reef_folder.picture(image, 5)
    assert reef.prepare(request).public.is_dir()


def test_every_damaged_image_is_named_at_import_not_at_its_query(tmp_path: Path) -> None:
    reef_folder.make(tmp_path / "raw")
    images = sorted((tmp_path / "raw" / "train_images").glob("*/*.jpg"))[:3]
    for image in images:
        whole, middle = image.read_bytes(), image.stat().st_size // 2
        image.write_bytes(whole[:middle] + bytes(60) + whole[middle + 60 :])
    with pytest.raises(BadData) as caught:
        reef.prepare(DataRequest("full", tmp_path / "cache", source=tmp_path / "raw"))
    *lines, cure = str(caught.value).splitlines()
    assert cure.startswith("--from takes Kaggle's layout")
    assert [f"the image {image} is damaged (Corrupt JPEG data" for image in images] == [
        line.partition(":")[0] for line in lines
    ]
