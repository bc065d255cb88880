"""Heartbleed, 2014: the message says that it is longer than it is."""

import os
import struct
import sys

import numpy as np

WANTS = "score"
ENDS = "invalid"


TOKEN = struct.Struct("<QIIQ")  # nonce, kind, length of the layout, length in all
ANSWER = 17


def build(context):
    answers, real = int(sys.argv[2]), os.write

    def write(descriptor, data):
        if descriptor == answers:
            nonce, kind, layout, _ = TOKEN.unpack(data)
            data = TOKEN.pack(nonce, kind, layout, 40)
        return real(descriptor, data)

    def model(x):
        os.write = write
        return np.int64(0)

    return model
