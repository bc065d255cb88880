"""Model hubs, 2024: the same, already pickled, claiming to be an object array on the wire."""

import mmap
import os
import pickle
import struct
import sys

import numpy as np

WANTS = "parent altered"
ENDS = "invalid"


TOKEN = struct.Struct("<QIIQ")  # nonce, kind, length of the layout, length in all
ANSWER = 17


class Bomb:
    def __reduce__(self):
        return eval, ("__import__('os').abort()",)


def build(context):
    answers, target, real = int(sys.argv[2]), mmap.mmap(int(sys.argv[4]), 0), os.write
    layout = b'[[[null,"|O8",[1]]]]'
    body = pickle.dumps(Bomb())

    def write(descriptor, data):
        if descriptor == answers:
            target[: len(layout)] = layout
            target[64 : 64 + len(body)] = body
            data = TOKEN.pack(TOKEN.unpack(data)[0], ANSWER, len(layout), 64 + len(body))
        return real(descriptor, data)

    def model(x):
        os.write = write
        return np.int64(0)

    return model
