"""Make a picture four times as large, as true as possible and in little time.

After TF-GAN's ESRGAN (2022; Wang et al., "ESRGAN", arXiv 1809.00219). Small pictures are made by a frozen
bicubic, and fidelity is measured as in the literature: PSNR and SSIM of luma.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING

from datasets.photos import photographs
from harness.interactions import Independent
from harness.spec import (
    Answer,
    BoardOptions,
    Execution,
    FromRun,
    FromSums,
    Limits,
    Metric,
    ProcessCounts,
    Quality,
    Query,
    Reporting,
    Table,
    Task,
    profiles_of_every_task,
)
from tasks.super_resolution import outcome, pictures

if TYPE_CHECKING:
    from harness.spec import Array, Arrays


def examples(queries: Sequence[Query], answers: Sequence[Arrays]) -> Mapping[str, bytes]:
    """Return pictures: small, answered and true."""
    from tasks.super_resolution.examples import draw

    return draw(queries, answers)


def _mean(statistic: str) -> FromSums:
    compute: Callable[[Table], Array] = partial(pictures.mean, statistic)
    return FromSums(compute)


METRICS = (
    Metric(
        "psnr_y",
        "dB",
        "max",
        "PSNR-Y",
        _mean("psnr_y"),
        "Peak signal-to-noise ratio of luma; mean.",
        digits=2,
        margin=0.02,
    ),
    Metric("ssim_y", "", "max", "SSIM-Y", _mean("ssim_y"), "Structural similarity of luma; mean.", digits=4),
    Metric(
        "effnet_distance",
        "",
        "min",
        "EffNet distance",
        _mean("effnet_distance"),
        "Perceptual distance to the true picture by features of the published EfficientNet-Lite0; not LPIPS.",
    ),
    Metric(
        "gain_db",
        "dB",
        "max",
        "gain",
        _mean("gain_db"),
        "PSNR-Y above that of the frozen bicubic; mean.",
        digits=2,
    ),
    Metric(
        "gain_per_ms",
        "dB/ms",
        "max",
        "gain per ms",
        FromRun(outcome.gain_per_ms),
        "Gain divided by the mean milliseconds of a query.",
        digits=4,
    ),
    Metric(
        "likeness",
        "",
        "max",
        "likeness",
        _mean("likeness"),
        "Squared correlation of what the entry adds to bicubic with what bicubic lacks. "
        f"Above {outcome.MOST_LIKE} the record is invalid: the entry knows the pictures.",
        bounds=(0.0, 1.0),
    ),
)

task = Task(
    name="super_resolution",
    version=1,
    title="Super-resolution by four",
    description=(
        "Make a picture four times as large. A query has x['picture'], uint8 RGB (height, width, 3), made "
        "from the true one by antialiased bicubic interpolation (MATLAB's imresize). An answer is an array "
        "uint8 (4 height, 4 width, 3). The variant mini has photographs to train on in context.public/train."
    ),
    dataset=photographs,
    queries=pictures.queries,
    answer=Answer(pictures.check),
    quality=Quality(metrics=METRICS, tally=pictures.tally, faults=outcome.faults),
    interaction=Independent(),
    execution=Execution(
        reference="bicubic",
        limits=Limits(build_s=60, query_s=60, memory_mb=4096, answer_mb=64, query_mb=16, submission_mb=64),
        processes=ProcessCounts(ranked=4, quick=2, rounds=1),
        profiles=(*profiles_of_every_task(), "browser"),
        params={"scale": 4, "answer": "uint8 (4 height, 4 width, 3)"},
    ),
    reporting=Reporting(
        examples=examples,
        board=BoardOptions(
            runtimes={"_tfjs_wasm": "TF.js WASM", "_tfjs_webgl": "TF.js WebGL"},
            prize_share=0.5,
            axes=("effnet_distance",),
        ),
    ),
)
