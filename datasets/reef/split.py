"""Split frames in Kaggle's layout into what contestants may read and what they never see.

public/    train.csv, train_images/     Kaggle's layout, unchanged
private/   test.csv, test_images/       with one more column: ``split``, public or private
"""

from __future__ import annotations

import os
import shutil
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from datasets.photographs import Faults
from datasets.reef.layout import Frame, read_table, validate
from datasets.reef.photo import check_jpeg
from harness.spec import Progress, no_progress
from harness.spec.errors import BadData

VERSION = 1
"""Version of the rule below; a change of it makes another dataset."""

Part = Literal["train", "public", "private"]
# Half to train on, a quarter for each test; the first three groups fill all three.
DEAL: tuple[Part, ...] = ("train", "public", "private", "train", "train", "private", "public", "train")


def arrange(
    raw: Path, target: Path, by: Literal["sequence", "video"], progress: Progress = no_progress
) -> None:
    """Split a folder in Kaggle's layout into ``target/public`` and ``target/private``.

    ``raw`` stays as it is; images are hard-linked where the file system can, else copied. Whole sequences
    or whole videos go into one part. Raises BadData if the folder is not in that layout or too small
    to split, if a part would have no starfish, or if images are damaged: one error names all of them.
    """
    path = raw / "train.csv"
    table = read_table(path, Frame)
    rows = validate(path, table, Frame)
    frames = list(rows.values())
    parts = _sequences(path, frames) if by == "sequence" else _videos(path, frames)
    table = table.loc[list(rows)].assign(split=parts)

    public, private = target / "public", target / "private"
    private.mkdir(mode=0o700, exist_ok=True)
    public.mkdir(exist_ok=True)
    faults = Faults()
    for done, (frame, part) in enumerate(zip(frames, parts, strict=True)):
        progress("checking and splitting the frames", done, len(frames))
        source = raw / "train_images" / frame.image
        folder = public / "train_images" if part == "train" else private / "test_images"
        with faults.noted():
            check_jpeg(source)
            _link(source, folder / frame.image)
    faults.raise_if_any()
    train = table["split"] == "train"
    table[train].drop(columns="split").to_csv(public / "train.csv", index=False)
    table[~train].to_csv(private / "test.csv", index=False)


def _sequences(path: Path, frames: Sequence[Frame]) -> list[Part]:
    """Deal sequences by falling number of boxes, so that the three parts are equally hard."""
    boxes: Counter[tuple[int, int]] = Counter()
    for frame in frames:
        boxes[frame.video_id, frame.sequence] += len(frame.annotations)
    names = sorted(boxes, key=lambda name: (-boxes[name], name))
    return _deal(path, frames, "sequence", names, [(f.video_id, f.sequence) for f in frames])


def _videos(path: Path, frames: Sequence[Frame]) -> list[Part]:
    """Deal videos by their numbers: of Kaggle's three, one goes into each part."""
    groups = [(frame.video_id,) for frame in frames]
    return _deal(path, frames, "video", sorted(set(groups)), groups)


def _deal(
    path: Path,
    frames: Sequence[Frame],
    what: str,
    names: Sequence[tuple[int, ...]],
    groups: Sequence[tuple[int, ...]],
) -> list[Part]:
    if len(names) < 3:
        raise BadData(
            f"{path} has {len(names)} {what}{'s' * (len(names) > 1)}; the split needs at least 3: "
            "to train on, for the public and for the private test"
        )
    part_of = {name: DEAL[index % len(DEAL)] for index, name in enumerate(names)}
    parts = [part_of[group] for group in groups]
    for part in dict.fromkeys(DEAL):
        if not any(frame.annotations for frame, own in zip(frames, parts, strict=True) if own == part):
            numbers = ", ".join("-".join(map(str, name)) for name in names if part_of[name] == part)
            raise BadData(
                f"{path}: the {part} part ({what} {numbers}) has no box, so it has no starfish to detect"
            )
    return parts


def _link(source: Path, target: Path) -> None:
    """Hard-link, or copy where that cannot be done (another disk, another owner)."""
    target.parent.mkdir(parents=True, exist_ok=True)
    source = source.resolve()  # a hard link to a symbolic link would be a symbolic link
    try:
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)
