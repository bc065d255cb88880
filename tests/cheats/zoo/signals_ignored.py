"""Online judges: who ignores the polite signals lives until somebody is rude."""

import os
import signal

import numpy as np

WANTS = "outlived"
ENDS = "worthless"


def attack(told):
    if os.fork() == 0:
        for number in set(signal.Signals) - {signal.SIGKILL, signal.SIGSTOP}:
            signal.signal(number, signal.SIG_IGN)
        os.execv("/bin/sleep", [told["mark"], "60"])


def build(context):
    try:
        attack(context.params)
    except (OSError, ValueError):
        pass
    return lambda x: np.int64(0)
