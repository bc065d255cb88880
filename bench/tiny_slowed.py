"""A copy of an entry that is slowed by 5 % a step against the entry itself: is it found slower?

.venv/harness/bin/python -m bench.tiny_slowed [COMPARISONS] [ENTRY] [PROCESSES] [FIRST SEED]
"""

from __future__ import annotations

import math
import sys

from bench.tiny_duel import arena, shown

SLOWNESS, MARGIN, ROUNDS = 1.05, 0.01, 4


def main(count: str = "20", name: str = "c_plain", processes: str = "6", first: str = "0") -> None:
    slower = 0
    with arena("narrow", int(processes)) as here:
        entry, slowed = here.shipped(name), here.slowed(name, SLOWNESS)
        for seed in range(int(count)):
            found = here.meet(slowed, entry, int(first) + seed, ROUNDS)
            _, low, _ = found.ratio or (None, None, None)
            is_slower = (low or -math.inf) > 1 + MARGIN
            slower += is_slower
            verdict = "slower" if is_slower else "not told"
            print(f"{seed + 1:3} of {count}  slope ratio {shown(found.ratio)}  {verdict}", flush=True)
    print(f"{name} slowed by {SLOWNESS - 1:.0%}: slower in {slower} of {count}, at a margin of {MARGIN:.0%}")


if __name__ == "__main__":
    main(*sys.argv[1:])
