"""Memory limits: have the judge be the one whom the kernel kills."""

import numpy as np

WANTS = "parent altered"
ENDS = "worthless"


def attack(told):
    with open(f"/proc/{told['pid']}/oom_score_adj", "w") as file:
        file.write("1000")


def build(context):
    try:
        attack(context.params)
    except (OSError, ValueError):
        pass
    return lambda x: np.int64(0)
