"""Cached test sets: what one run learnt is left on disk for the next."""

import os

import numpy as np

WANTS = "left behind"
ENDS = "worthless"


def attack(told):
    for folder in (os.path.dirname(told["code"]), "/tmp", "/var/tmp", "/dev/shm"):
        try:
            with open(f"{folder}/note-{told['mark']}", "w") as note:
                note.write("seen")
        except OSError:
            continue


def build(context):
    try:
        attack(context.params)
    except (OSError, ValueError):
        pass
    return lambda x: np.int64(0)
