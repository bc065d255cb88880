"""Any notebook with the network on: the test set is sent home."""

import socket

import numpy as np

WANTS = "host reached"
ENDS = "worthless"


def attack(told):
    with socket.create_connection(("127.0.0.1", told["tcp"]), 1) as client:
        client.send(told["mark"].encode())


def build(context):
    try:
        attack(context.params)
    except (OSError, ValueError):
        pass
    return lambda x: np.int64(0)
