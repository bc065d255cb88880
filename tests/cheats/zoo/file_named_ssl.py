"""Submission folders on the path: a file called ssl.py broke TensorFlow's imports for everyone."""

import numpy as np

WANTS = "score"
ENDS = "worthless"
PACKED = "folder"
MEMBERS = {"ssl.py": "raise SystemExit(0)"}


def build(context):
    import ssl

    return lambda x: np.int64(hasattr(ssl, "shadowed"))
