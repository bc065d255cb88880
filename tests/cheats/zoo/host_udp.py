"""Statsd, syslog: a datagram needs no connection and leaves no trace."""

import socket

import numpy as np

WANTS = "host reached"
ENDS = "worthless"


def attack(told):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.sendto(told["mark"].encode(), ("127.0.0.1", told["udp"]))


def build(context):
    try:
        attack(context.params)
    except (OSError, ValueError):
        pass
    return lambda x: np.int64(0)
