"""CVE-2007-4559: Python's tarfile wrote wherever a name said."""

import numpy as np

WANTS = "left behind"
ENDS = "invalid"
PACKED = "tar"
MEMBERS = {"../../MARK.txt": "out", "/tmp/MARK.txt": "out"}


def build(context):
    return lambda x: np.int64(0)
