"""Replay attacks: the token of the last question sent again for the next."""

import os
import sys

import numpy as np

WANTS = "time"
ENDS = "invalid"


def build(context):
    answers, real, sent = int(sys.argv[2]), os.write, []

    def write(descriptor, data):
        if descriptor == answers:
            sent.append(data)
            data = sent[min(1, len(sent) - 1)]
        return real(descriptor, data)

    def model(x):
        os.write = write
        return np.int64(0)

    return model
