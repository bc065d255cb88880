"""Does the harness slow what it measures? A model's time through the harness over its time in a bare loop.

The same frames go to the same entry twice, interleaved in blocks: through the harness (sandbox, shared
memory, the parent's clock) and in a plain LiteRT loop in the worker's Python, which copies each frame in
and each mask out and times itself. Several pairs of processes; the ratio of each is the median over its
frames. Run it on a machine that does nothing else: where others want the cores, whoever sleeps between
frames waits to be woken, and the ratio tells of them; that of the fastest tenths suffers least.

    .venv/harness/bin/python bench/segmentation_overhead.py [ENTRY] [PAIRS]
"""

from __future__ import annotations

import json
import math
import os
import statistics
import subprocess
import sys
import tempfile
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from time import perf_counter_ns
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from harness.session.session import Session

ROOT = Path(__file__).resolve().parent.parent
FRAMES = 96
BLOCK = 8
UNTIMED = 2
ROUNDS = 3
MOST = 1.05


def bare(entry: str, frames: str, threads: str) -> None:
    """Answer blocks of frames as they are asked for on standard input; runs in the worker's Python."""
    spec = spec_from_file_location("submission", Path(entry) / "submission.py")
    assert spec
    assert spec.loader
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    model = module.build(SimpleNamespace(profile={"threads": int(threads)}))
    frames_kept = [np.load(path) for path in sorted(Path(frames).glob("*.npy"))]
    # Buffers that stay, as a program would keep them that cares for its speed.
    buffers = {frame.shape: (frame.copy(), np.zeros(frame.shape[:2], np.float32)) for frame in frames_kept}

    def once(frame: Any) -> int:
        source, target = buffers[frame.shape]
        started = perf_counter_ns()
        np.copyto(source, frame)
        np.copyto(target, model({"frame": source}))
        return perf_counter_ns() - started

    print("ready", flush=True)
    for line in sys.stdin:
        print(json.dumps([once(frames_kept[index]) for index in json.loads(line)]), flush=True)


def pair(session: Session, entry: Path, frames: list[Any], folder: Path) -> Any:
    """Return what one pair of processes took, in ms: float64 (2, n), through the harness and bare."""
    from harness.session.environment import SETTLED_HEAP
    from harness.session.worker import worker

    session.start()
    session.load()
    session.build()
    command = [worker().python, __file__, "--bare", entry, folder, str(len(session.settings.cpus))]
    with subprocess.Popen(
        list(map(str, command)),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env={**os.environ, **SETTLED_HEAP},
        start_new_session=True,  # as in the sandbox: the kernel shares out cores by session
    ) as loop:
        assert loop.stdin
        assert loop.stdout
        stdin, stdout = loop.stdin, loop.stdout
        assert stdout.readline() == "ready\n"

        # The threads of a pool spin on when their work is done: who comes back answers some frames untimed.
        def through_harness(block: list[int]) -> list[int]:
            took = [session.ask({"frame": frames[index]}).ns for index in [*block[:UNTIMED], *block]]
            return took[UNTIMED:]

        def in_bare_loop(block: list[int]) -> list[int]:
            stdin.write(json.dumps([*block[:UNTIMED], *block]) + "\n")
            stdin.flush()
            return list(json.loads(stdout.readline())[UNTIMED:])

        blocks = [list(range(start, start + BLOCK)) for start in range(0, len(frames), BLOCK)]
        through_harness(blocks[0])
        in_bare_loop(blocks[0])
        through, plain = [], []
        for number, block in enumerate(blocks * ROUNDS):
            if number % 2:
                plain += in_bare_loop(block)
                through += through_harness(block)
            else:
                through += through_harness(block)
                plain += in_bare_loop(block)
        stdin.close()
    return np.array([through, plain], np.float64) / 1e6


def main(name: str = "selfie_general", pairs: str = "5") -> None:
    from commands.home import places
    from harness.intake.lookup import find_submission
    from harness.sandbox import choose
    from harness.session.session import Session
    from harness.session.settings import ExecutionSettings
    from harness.spec import PROFILES, DataRequest
    from tasks.segmentation.task import task

    prepared = task.dataset.prepare(DataRequest("mini", places().data))
    frames: list[Any] = [query.load()["frame"] for query in task.queries(prepared)[:FRAMES]]
    submission = find_submission(task, name, places())
    settings = ExecutionSettings(
        choose(None), PROFILES["cpu"], task.execution.limits, prepared.public, task.execution.params
    )
    logs = []
    with tempfile.TemporaryDirectory() as folder:
        for number, frame in enumerate(frames):
            np.save(Path(folder) / f"{number:04}.npy", frame)
        for number in range(int(pairs)):
            with Session(settings, submission, number) as session:
                times = pair(session, submission.path, frames, Path(folder))
            ratio = float(np.median(times[0] / times[1]))
            fast = np.percentile(times, 10, axis=1)
            logs.append(math.log(ratio))
            print(
                f"pair {number + 1}: harness / bare loop = {ratio:.4f} (bare {np.median(times[1]):.2f} ms); "
                f"of the fastest tenths {fast[0] / fast[1]:.4f}",
                flush=True,
            )
    middle, spread = statistics.fmean(logs), statistics.stdev(logs) / math.sqrt(len(logs))
    print(f"{name}: {math.exp(middle):.4f} ± {spread:.4f} over {pairs} pairs; at most {MOST} is asked")
    sys.exit(math.exp(middle) > MOST)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--bare"]:
        bare(*sys.argv[2:])
    else:
        sys.path.insert(0, str(ROOT))
        main(*sys.argv[1:])
