"""Trial of 2026: the machine's interrupt counts, timers and caches of the kernel tell what the rival does."""

import numpy as np

WANTS = "machine seen"
ENDS = "worthless"
FILES = ("interrupts", "timer_list", "slabinfo", "keys", "softirqs", "vmstat")


def attack(told):
    seen = 0
    for name in FILES:
        try:
            with open(f"/proc/{name}") as file:
                seen += bool(file.read(16))
        except OSError:
            continue
    if seen:
        print(f"seen {told['mark']}")


def build(context):
    attack(context.params)
    return lambda x: np.int64(0)
