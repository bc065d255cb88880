"""A copy of an entry, slowed by 6 %, against the entry itself on a calibrated machine: is it found slower?

.venv/harness/bin/python -m bench.slowed_entry [COMPARISONS]
"""

from __future__ import annotations

import sys

from bench.small_entry import make_entry, ring

LAYERS = 100
SLOWNESS = 1.06


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 20
    slower = 0
    with ring() as here:
        entry = make_entry(here.folder / "entry", LAYERS, kind="conv")
        slowed = make_entry(here.folder / "slowed", LAYERS, SLOWNESS, "conv")
        learnt = here.calibrate(entry)
        print(f"calibrated: margin {learnt.margin:.2%}", flush=True)
        for seed in range(count):
            found = here.compare(slowed, entry, learnt, seed)
            slower += found.verdict == "slower"
            print(
                f"{seed + 1:3} of {count}  paired {found.ratio.value:.4f} "
                f"[{found.ratio.low:.4f}, {found.ratio.high:.4f}]  {found.times.a_ms:.3f} ms  "
                f"{found.processes} processes  {found.verdict}",
                flush=True,
            )
    print(f"slower in {slower} of {count}, at a margin of {learnt.margin:.2%}")


if __name__ == "__main__":
    main()
