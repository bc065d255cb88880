"""A prepared dataset is there whole and verified, or not at all."""

from __future__ import annotations

import json
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from datasets.cache import materialise
from harness.spec import Prepared

ROOT = Path(__file__).parents[2]


def build(folder: Path) -> None:
    (folder / "public" / "train.csv").write_text("a,b\n1,2\n")
    (folder / "private" / "test.csv").write_text("a,split\n3,public\n4,private\n")
    (folder / "private" / "images").mkdir()
    (folder / "private" / "images" / "3.jpg").write_bytes(b"\xff\xd8 three")


class Watched:
    """A build that counts, and what progress said."""

    def __init__(self, build: Callable[[Path], None] = build) -> None:
        self.times = 0
        self.said: list[str] = []
        self._build = build

    def __call__(self, folder: Path) -> None:
        self.times += 1
        self._build(folder)

    def progress(self, what: str, done: int, total: int) -> None:
        self.said.append(what)

    def get(self, cache: Path, recipe: str = "", thorough: bool = False) -> Prepared:
        return materialise(
            cache,
            "set-1",
            self,
            name="set",
            variant="mini",
            recipe=recipe,
            progress=self.progress,
            thorough=thorough,
        )


def visible(cache: Path) -> list[str]:
    return sorted(path.name for path in cache.iterdir() if not path.name.endswith(".lock"))


def test_built_once_and_verified_after(tmp_path: Path) -> None:
    watched = Watched()
    first = watched.get(tmp_path / "deep" / "cache")
    again = watched.get(tmp_path / "deep" / "cache")
    thoroughly = watched.get(tmp_path / "deep" / "cache", thorough=True)
    assert first == again == thoroughly
    assert watched.times == 1
    assert (first.name, first.variant) == ("set", "mini")
    assert (first.public / "train.csv").read_text() == "a,b\n1,2\n"
    assert visible(tmp_path / "deep" / "cache") == ["set-1"]


def test_the_private_folder_is_closed_to_others(tmp_path: Path) -> None:
    prepared = Watched().get(tmp_path)
    assert stat.S_IMODE(prepared.private.stat().st_mode) == 0o700
    assert stat.S_IMODE(prepared.public.stat().st_mode) & 0o055 == 0o055


def test_the_manifest_names_every_file(tmp_path: Path) -> None:
    prepared = Watched().get(tmp_path)
    manifest = json.loads((tmp_path / "set-1" / "manifest.json").read_text())
    assert list(manifest["files"]) == ["private/images/3.jpg", "private/test.csv", "public/train.csv"]
    # printf 'a,b\n1,2\n' | sha256sum
    assert manifest["files"]["public/train.csv"] == {
        "size": 8,
        "sha256": "492d5ea496056f1a6a6592241032fab764c321596317930b4fa0e1e8bc3b7470",
    }
    assert manifest["sha256"] == prepared.sha256


def test_the_hash_is_of_the_content_and_of_nothing_else(tmp_path: Path) -> None:
    def resplit(folder: Path) -> None:
        build(folder)
        (folder / "private" / "test.csv").write_text("a,split\n3,private\n4,public\n")

    def moved(folder: Path) -> None:
        build(folder)
        (folder / "private" / "images" / "3.jpg").rename(folder / "private" / "images" / "4.jpg")

    original = Watched().get(tmp_path / "a").sha256
    assert Watched().get(tmp_path / "b").sha256 == original
    assert Watched(resplit).get(tmp_path / "c").sha256 != original
    assert Watched(moved).get(tmp_path / "d").sha256 != original


def shorten(folder: Path) -> None:
    (folder / "private" / "images" / "3.jpg").write_bytes(b"\xff\xd8")


def relabel(folder: Path) -> None:
    table = folder / "private" / "test.csv"
    table.write_text(table.read_text().replace("3,public", "5,public"))


def spoil_manifest(folder: Path) -> None:
    (folder / "manifest.json").write_text("{")


def forge_manifest(folder: Path) -> None:
    manifest = folder / "manifest.json"
    wrong = json.loads(manifest.read_text())
    wrong["files"]["private/images/3.jpg"]["sha256"] = "0" * 64
    manifest.write_text(json.dumps(wrong))


def link_out(folder: Path) -> None:
    image = folder / "private" / "images" / "3.jpg"
    image.rename(folder.parent / "elsewhere.jpg")
    image.symlink_to(folder.parent / "elsewhere.jpg")


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (shorten, "private/images/3.jpg was changed"),
        (relabel, "private/test.csv was changed"),
        (lambda folder: (folder / "public" / "train.csv").unlink(), "public/train.csv is missing"),
        (lambda folder: (folder / "public" / "more").touch(), "public/more is not part of it"),
        (lambda folder: (folder / "manifest.json").unlink(), "its manifest cannot be read"),
        (spoil_manifest, "its manifest cannot be read"),
        (forge_manifest, "its manifest was changed"),
        (link_out, "private/images/3.jpg was changed"),
    ],
)
def test_damage_is_seen_and_mended(tmp_path: Path, damage: Callable[[Path], None], said: str) -> None:
    watched = Watched()
    first = watched.get(tmp_path)
    damage(tmp_path / "set-1")
    assert watched.get(tmp_path) == first
    assert watched.times == 2
    assert f"building set-1 again: {said}" in watched.said
    watched.get(tmp_path, thorough=True)
    assert watched.times == 2


def test_only_a_thorough_look_sees_changed_bytes_of_an_image(tmp_path: Path) -> None:
    watched = Watched()
    prepared = watched.get(tmp_path)
    (prepared.private / "images" / "3.jpg").write_bytes(b"\xff\xd8 THREE")
    watched.get(tmp_path)
    assert watched.times == 1
    watched.get(tmp_path, thorough=True)
    assert watched.times == 2
    assert (prepared.private / "images" / "3.jpg").read_bytes() == b"\xff\xd8 three"


def test_another_recipe_builds_anew(tmp_path: Path) -> None:
    watched = Watched()
    for recipe in ("one", "one", "two"):
        watched.get(tmp_path, recipe)
    assert watched.times == 2
    assert "building set-1 again: its recipe has changed" in watched.said


@pytest.mark.parametrize("stop", [KeyboardInterrupt, RuntimeError])
def test_a_build_that_stops_leaves_nothing(tmp_path: Path, stop: type[BaseException]) -> None:
    def broken(folder: Path) -> None:
        build(folder)
        raise stop

    with pytest.raises(stop):
        Watched(broken).get(tmp_path)
    assert visible(tmp_path) == []
    assert Watched().get(tmp_path).public.is_dir()


def test_a_stop_while_mending_leaves_no_half(tmp_path: Path) -> None:
    Watched().get(tmp_path)
    shorten(tmp_path / "set-1")

    def broken(folder: Path) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        Watched(broken).get(tmp_path)
    assert visible(tmp_path) == ["set-1"]
    watched = Watched()
    watched.get(tmp_path)
    assert watched.times == 1
