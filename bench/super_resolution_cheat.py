"""What an entry gains that ships the public photographs of ``mini`` and finds the place of each crop in them.

    .venv/harness/bin/python -m bench.super_resolution_cheat [PICTURES]

The cheat tries flips, turns and sizes at the small size, refines the best place by ECC (Evangelidis and
Psarakis 2008), takes the photograph's pixels from there, and fits their light to what it was asked. Prints
its gain and likeness of each picture and what the task says of it; then of the same mixed with bicubic, and
with noise, which is how such an entry could stay below the check.
"""

from __future__ import annotations

import itertools
import sys
from collections.abc import Iterator, Mapping
from typing import Any

import cv2
import numpy as np

from commands.home import home
from datasets.people.portraits import photograph
from datasets.photos.bicubic import resize
from datasets.photos.mini import HIDDEN, TURN, ZOOM
from harness.spec import DataRequest, ProcessOutcome, RunOutcome
from tasks.super_resolution import outcome, pictures
from tasks.super_resolution.task import task

Array = np.ndarray[Any, np.dtype[Any]]
SCALE = pictures.SCALE


def shipped() -> Mapping[str, Array]:
    """The photographs, as the cheat's folder would hold them."""
    return {name: photograph("skimage", *where) for name, where in HIDDEN.items()}


def answer(low: Array, photos: Mapping[str, Array]) -> Array:
    """Take the true picture out of the photographs, uint8 (4 h, 4 w, 3)."""
    large = resize(low, SCALE * low.shape[0], SCALE * low.shape[1])
    _, name, matrix = max(_places(low, photos), key=lambda place: place[0])
    seen, target = (cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY) for picture in (photos[name], large))
    stop = (cv2.TERM_CRITERIA_EPS | cv2.TERM_CRITERIA_COUNT, 300, 1e-7)
    smooth = cv2.GaussianBlur(seen, (0, 0), 2.0)
    try:
        _, found = cv2.findTransformECC(
            target, smooth, matrix.astype(np.float32), cv2.MOTION_AFFINE, stop, None, 5
        )
    except cv2.error:  # it did not converge
        found = matrix
    size = target.shape[::-1]
    photo = cv2.warpAffine(photos[name], found, size, flags=cv2.INTER_AREA | cv2.WARP_INVERSE_MAP)
    light = _light(photo, large)
    lacking = low.astype(np.float64) - resize(light, *low.shape[:2])
    correction = cv2.resize(lacking, size, interpolation=cv2.INTER_CUBIC)
    return np.asarray(np.clip(np.rint(light + correction), 0, 255), np.uint8)


def _places(low: Array, photos: Mapping[str, Array]) -> Iterator[tuple[float, str, Array]]:
    """Yield how well the picture fits, the photograph, and the matrix (2, 3) from large pixels to its own."""
    sought = cv2.cvtColor(low, cv2.COLOR_RGB2GRAY)
    turns, zooms = np.linspace(-TURN, TURN, 5), np.linspace(*ZOOM, 8)
    for (name, photo), flip, turn, zoom in itertools.product(photos.items(), (False, True), turns, zooms):
        angle, step = np.radians(turn), SCALE / zoom
        whole = cv2.cvtColor(photo, cv2.COLOR_RGB2GRAY)
        width, height = (int(side / step) for side in whole.shape[::-1])
        along = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]]) * step
        if flip:
            along[:, 0] *= -1
        first = np.array(whole.shape[::-1]) / 2 - along @ [width / 2, height / 2]
        blurred = cv2.GaussianBlur(whole, (0, 0), step / 2)
        small = cv2.warpAffine(
            blurred,
            np.column_stack([along, first]),
            (width, height),
            flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
            borderMode=cv2.BORDER_REFLECT,
        )
        if min(width, height) < len(sought):
            continue
        _, fit, _, corner = cv2.minMaxLoc(cv2.matchTemplate(small, sought, cv2.TM_CCOEFF_NORMED))
        yield fit, name, np.column_stack([along / SCALE, first + along @ np.array(corner)])


def _light(photo: Array, large: Array) -> Array:
    """Return the photograph in the light of the picture asked about: a cubic a channel, by least squares."""
    made = np.empty_like(large)
    for channel in range(3):
        x, y = photo[..., channel].ravel() / 255, large[..., channel].ravel()
        fitted = np.polynomial.Polynomial.fit(x, y, 3)
        made[..., channel] = np.clip(fitted(photo[..., channel] / 255), 0, 255)
    return made


def main(count: str = "48") -> None:
    prepared = task.dataset.prepare(DataRequest("mini", home() / "data"))
    queries, photos = task.queries(prepared)[: int(count)], shipped()
    answers, honest = {}, {}
    for index, query in enumerate(queries):
        low = query.truth.load_low()
        honest[index] = resize(low, *query.truth.shape[:2])
        answers[index] = answer(low, photos)
        row = pictures.tally(answers[index], query.truth)
        print(f"{query.id:15} {row['gain_db']:+6.2f} dB, likeness {row['likeness']:.3f}", flush=True)
    rng = np.random.default_rng(0)
    for weight, noise in ((1.0, 0.0), (0.6, 0.0), (1.0, 4.0), (1.0, 6.0), (0.7, 5.0)):
        mixed = {}
        for index, known in answers.items():
            blend = weight * known + (1 - weight) * honest[index]
            blend += rng.normal(0, noise, (*blend.shape[:2], 1)) if noise else 0
            mixed[index] = np.asarray(np.clip(np.rint(blend), 0, 255), np.uint8)
        run = RunOutcome(prepared, queries, [ProcessOutcome(mixed, {}, [(index, 1.0) for index in mixed])])
        gain_db = 1000 * (outcome.gain_per_ms(run) or 0.0)
        said = "; ".join(outcome.faults(run, {})) or "passes"
        print(f"{weight:.0%} cheat, the rest bicubic, noise {noise:g}: {gain_db:+.2f} dB: {said}")


if __name__ == "__main__":
    main(*sys.argv[1:])
