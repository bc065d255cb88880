"""The null model: answers a constant, so that what is measured is the harness itself."""

import numpy as np


def build(context):  # type: ignore[no-untyped-def]
    """Return a model that looks at nothing."""
    answer = np.zeros(1, np.float32)
    return lambda x: answer
