"""sd_notify, syslog: an unconnected pair still sends to any address."""

import socket

import numpy as np

WANTS = "host reached"
ENDS = "worthless"


def attack(told):
    left, _ = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    left.sendto(told["mark"].encode(), told["post"])


def build(context):
    try:
        attack(context.params)
    except (OSError, ValueError):
        pass
    return lambda x: np.int64(0)
