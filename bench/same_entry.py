"""An entry compared with itself while another process keeps a core busy, on and off.

    .venv/harness/bin/python -m bench.same_entry [COMPARISONS]

Prints each verdict, then how widely the ratios scatter: paired, as the harness measures, and unpaired, as
where one entry is measured after the other: the first half of the processes gives A's median, the second B's.
"""

from __future__ import annotations

import math
import multiprocessing
import os
import random
import sys
import time
from statistics import stdev

from bench.small_entry import make_entry, ring

LAYERS = 8
PHASE_S = (0.5, 6.0)


def keep_busy(core: int, parent: int) -> None:
    """Burn one core for a while, rest for a while, until the parent is gone."""
    os.sched_setaffinity(0, {core})
    rng = random.Random(0)
    while os.getppid() == parent:
        until = time.monotonic() + rng.uniform(*PHASE_S)
        while time.monotonic() < until:
            pass
        time.sleep(rng.uniform(*PHASE_S))


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 40
    core = max(os.sched_getaffinity(0))
    noise = multiprocessing.Process(target=keep_busy, args=(core, os.getpid()), daemon=True)
    paired, unpaired, same = [], [], 0
    with ring() as here:
        entry = make_entry(here.folder / "entry", LAYERS)
        learnt = here.calibrate(entry)
        print(f"calibrated before it gets noisy: margin {learnt.margin:.2%}", flush=True)
        noise.start()
        try:
            for seed in range(count):
                found = here.compare(entry, entry, learnt, seed)
                paired.append(math.log(found.ratio.value))
                unpaired.append(math.log(found.unpaired))
                same += found.verdict == "no difference"
                print(
                    f"{seed + 1:3} of {count}  paired {found.ratio.value:.4f} "
                    f"[{found.ratio.low:.4f}, {found.ratio.high:.4f}]  unpaired {found.unpaired:.4f}  "
                    f"{found.times.a_ms:.3f} ms  {found.processes} processes  {found.verdict}",
                    flush=True,
                )
        finally:
            noise.terminate()
            noise.join()
    print(f"no difference in {same} of {count}, at a margin of {learnt.margin:.2%}")
    wide, narrow = stdev(unpaired), stdev(paired)
    print(
        f"scatter (SD of log ratio): paired {narrow:.4f}, unpaired {wide:.4f}, {wide / narrow:.1f} x as wide"
    )


if __name__ == "__main__":
    main()
