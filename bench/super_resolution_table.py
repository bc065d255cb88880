"""The shipped entries on a folder of pictures, such as Set5, beside published figures, with what each costs.

    .venv/harness/bin/python -m bench.super_resolution_table FOLDER

Every entry is asked each picture three times, in the sandbox; the fastest time of each picture counts.
Published figures are those of the papers for Set5 and four times: EDSR (Lim et al. 2017), RCAN (Zhang et al.
2018), SwinIR (Liang et al. 2021). They were never run here: what they cost is their number of weights, which
the table of the repository Holistic-Super-Resolution-Review has together with the same figures.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from statistics import fmean

from commands.home import home, places
from harness.intake.lookup import find_submission, shipped_names
from harness.sandbox import choose
from harness.session.session import Session
from harness.session.settings import ExecutionSettings
from harness.spec import PROFILES, DataRequest, Query
from tasks.super_resolution import pictures
from tasks.super_resolution.task import task

PUBLISHED = (("EDSR", 32.46, 0.8968, 43.0), ("RCAN", 32.63, 0.9002, 16.0), ("SwinIR", 32.92, 0.9044, 11.8))
HEADS = "| entry | PSNR-Y | SSIM-Y | EffNet distance | ms a picture | MB in memory | MB on disk |"
TIMES = 3


def measured(queries: Sequence[Query], public: Path) -> Iterator[str]:
    """Yield a line of the table for each shipped entry, the lowest PSNR first."""
    settings = ExecutionSettings(
        choose(None), PROFILES["cpu"], task.execution.limits, public, task.execution.params
    )
    lines = []
    for name in shipped_names(task, PROFILES["cpu"]):
        submission = find_submission(task, name, places())
        with Session(settings, submission, 0) as session:
            session.start()
            session.load()
            session.build()
            rows, seconds = [], []
            for query in queries:
                replies = [session.ask(query.load()) for _ in range(TIMES)]
                seconds.append(min(reply.ns for reply in replies) / 1e9)
                answer = task.answer.check(session.answers(replies[-1])[0], query)
                rows.append(pictures.tally(answer, query.truth))
            memory = session.memory_peak_mb() or 0.0
        psnr, ssim, distance = (
            fmean(float(row[part]) for row in rows) for part in ("psnr_y", "ssim_y", "effnet_distance")
        )
        cells = (f"{psnr:.2f}", f"{ssim:.4f}", f"{distance:.3f}", f"{1e3 * fmean(seconds):,.1f}")
        lines.append(
            (psnr, f"| `{name}` | {' | '.join(cells)} | {memory:.0f} | {submission.size / 1e6:.3f} |")
        )
    yield from (line for _, line in sorted(lines))


def main(folder: str) -> None:
    prepared = task.dataset.prepare(DataRequest("full", home() / "data", Path(folder)))
    print(HEADS)
    print("| --- " + "| --: " * 6 + "|")
    for line in measured(task.queries(prepared), prepared.public):
        print(line)
    for name, psnr, ssim, weights in PUBLISHED:
        print(
            f"| {name}, published | {psnr} | {ssim} | | | | {4 * weights:.0f} ({weights} million weights) |"
        )


if __name__ == "__main__":
    main(*sys.argv[1:])
