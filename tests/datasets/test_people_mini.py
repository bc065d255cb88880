"""The filmed portraits: exact masks, the same frames every time, nothing beyond the photograph."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from datasets.people import mini, people
from datasets.people.frames import read_image, read_mask, read_table
from datasets.people.portraits import Portrait, photograph, portraits
from harness.spec import DataRequest, Prepared
from harness.spec.errors import BadData, NotAvailable, UnknownName

Array = np.ndarray[Any, np.dtype[Any]]


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Prepared:
    return people.prepare(DataRequest("mini-call", tmp_path_factory.mktemp("cache")))


def test_the_call_has_enough_frames_of_people_and_some_of_nobody(prepared: Prepared) -> None:
    rows = read_table(prepared.private)
    shows = [read_mask(prepared.private, row.id).any() for row in rows]
    assert sum(shows) == 2 * len(mini.SCENES) * mini.LENGTH >= 120
    assert {row.group for row, shown in zip(rows, shows, strict=True) if not shown} == {"nobody"}
    assert len(rows) >= 299  # what a p99 needs
    for row in rows[:: mini.LENGTH]:
        image = read_image(prepared.private / "images" / row.image)
        assert image.shape == (144, 256, 3) == (row.height, row.width, 3)


def test_contestants_are_shown_no_mask(prepared: Prepared) -> None:
    assert list(prepared.public.iterdir()) == []


def test_frames_of_a_clip_come_together_and_in_order(prepared: Prepared) -> None:
    ids = [row.id for row in read_table(prepared.private)]
    clips = [name.rpartition("-")[0] for name in ids]
    assert [clip for clip, before in zip(clips, ["", *clips], strict=False) if clip != before] == list(
        dict.fromkeys(clips)
    )
    assert ids[:3] == ["collins-still-00", "collins-still-01", "collins-still-02"]


def test_a_seed_makes_the_same_frames_and_another_makes_others() -> None:
    clip = mini.clips(call=True)[1]
    first, again, other = (next(mini.film(clip, [seed, 1])) for seed in (0, 0, 1))
    assert (first[0] == again[0]).all()
    assert (first[1] == again[1]).all()
    assert (first[0] != other[0]).any()


@pytest.mark.parametrize("scene", mini.SCENES, ids=lambda scene: scene.name)
def test_masks_are_exact(scene: mini.Scene) -> None:
    """A white person before a black background, filmed, is white where the mask says so."""
    outline = portraits(bust=False)[0].outline
    black = np.zeros((344, 512, 3), np.uint8)
    whole = Portrait("collins", black, outline)
    fine = whole.cover(np.array([[1.0, 0, 0], [0, 1.0, 0]]), (512, 344))
    white = replace(whole, photo=np.repeat((fine * 255).astype(np.uint8)[..., None], 3, axis=2))
    plain = mini.Scene(scene.name, sway=scene.sway, turn=scene.turn, noise=0, replaced=scene.replaced)
    for image, mask in list(mini.film(mini.Clip("c", white, plain, black, (480, 320)), [0, 0]))[::9]:
        assert 0.2 < mask.mean() < 0.7
        assert ((image[..., 0] > 127) != mask).mean() < 0.002


@pytest.mark.parametrize("call", [False, True])
def test_cameras_never_look_beyond_a_photograph(call: bool) -> None:
    phases = np.random.default_rng(0).uniform(0, 7, (20, 3))
    for clip in mini.clips(call):
        photo = clip.portrait.photo if clip.portrait and not call else clip.backdrop
        corners = np.array([[0, 0], [clip.size[0], 0], [0, clip.size[1]], list(clip.size)])
        for phase in phases:
            for time in np.linspace(0, 6, 7):
                camera = mini.view(photo, clip, time, phase)
                seen = (corners - camera[:, 2]) @ np.linalg.inv(camera[:, :2]).T
                assert (seen >= -0.01).all()
                assert (seen <= np.array(photo.shape[1::-1]) + 0.01).all()


def test_in_a_call_the_portrait_is_cut_below_the_frame() -> None:
    for clip in mini.clips(call=True):
        if clip.portrait:
            for phase in np.random.default_rng(0).uniform(0, 7, (20, 3)):
                camera = mini.before(clip.portrait.photo, clip, phase[0], phase)
                height, width = clip.portrait.photo.shape[:2]
                corners = np.array([[0, height], [width, height]]) @ camera[:, :2].T + camera[:, 2]
                assert (corners[:, 1] >= clip.size[1]).all()


def test_outlines_lie_on_their_photographs() -> None:
    for portrait in portraits(bust=False):
        height, width = portrait.photo.shape[:2]
        assert (portrait.outline >= 0).all()
        assert (portrait.outline[:, 0] <= width).all()
        assert portrait.outline[:, 1].max() >= height


def test_another_photograph_of_that_name_is_refused() -> None:
    with pytest.raises(BadData, match="not the photograph the outlines were drawn on"):
        photograph("matplotlib", "mpl-data/sample_data/grace_hopper.jpg", "0" * 64)
    with pytest.raises(NotAvailable, match="make setup"):
        photograph("matplotlib", "mpl-data/nobody.jpg", "0" * 64)
    with pytest.raises(NotAvailable, match="make setup"):
        photograph("no_such_package", "a.jpg", "0" * 64)


def test_an_unknown_variant_is_named(tmp_path: Path) -> None:
    with pytest.raises(UnknownName, match="did you mean 'mini-call'"):
        people.prepare(DataRequest("mini-cal", tmp_path))
