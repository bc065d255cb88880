"""docker.sock: a host's socket by its path is as good as its root account."""

import socket

import numpy as np

WANTS = "host reached"
ENDS = "worthless"


def attack(told):
    with socket.socket(socket.AF_UNIX) as client:
        client.connect(told["path"])
        client.send(told["mark"].encode())


def build(context):
    try:
        attack(context.params)
    except (OSError, ValueError):
        pass
    return lambda x: np.int64(0)
