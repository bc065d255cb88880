"""Replay attacks: a token made up for whatever question comes."""

import os
import struct
import sys
import time

import numpy as np

WANTS = "time"
ENDS = "invalid"


TOKEN = struct.Struct("<QIIQ")  # nonce, kind, length of the layout, length in all
ANSWER = 17


def build(context):
    def model(x):
        os.write(int(sys.argv[2]), TOKEN.pack(7, ANSWER, 19, 72))
        time.sleep(0.005)
        return np.int64(0)

    return model
