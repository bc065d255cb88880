"""LoadGen: a query declared complete before it is, with the answer following at leisure."""

import mmap
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
    requests, answers, _, target_fd = map(int, sys.argv[1:5])
    target = mmap.mmap(target_fd, 0)
    layout = b'[[[null,"<i8",[]]]]'
    target[: len(layout)] = layout
    real = os.read

    def read(descriptor, count):
        token = real(descriptor, count)
        nonce = TOKEN.unpack(token)[0]
        os.write(answers, TOKEN.pack(nonce, ANSWER, len(layout), 72))
        return token

    os.read = read
    return honest(target)


def honest(target):
    def model(x):
        time.sleep(0.005)
        target[64:72] = int(x["numbers"].argmax()).to_bytes(8, "little")
        return np.int64(x["numbers"].argmax())

    return model
