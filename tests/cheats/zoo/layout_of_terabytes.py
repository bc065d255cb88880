"""Decompression libraries: a header that promises more than any machine holds."""

import mmap
import os
import struct
import sys

import numpy as np

WANTS = "harness memory"
ENDS = "invalid"


TOKEN = struct.Struct("<QIIQ")  # nonce, kind, length of the layout, length in all
ANSWER = 17


def build(context):
    answers, target, real = int(sys.argv[2]), mmap.mmap(int(sys.argv[4]), 0), os.write
    layout = b'[[[null,"<i8",[1000000,1000000]]]]'

    def write(descriptor, data):
        if descriptor == answers:
            target[: len(layout)] = layout
            data = TOKEN.pack(TOKEN.unpack(data)[0], ANSWER, len(layout), 4096)
        return real(descriptor, data)

    def model(x):
        os.write = write
        return np.int64(0)

    return model
