"""Online judges: output without end, until the judge's memory is full."""

import os
import sys

WANTS = "harness memory"
ENDS = "invalid"


def build(context):
    def model(x):
        while True:
            os.write(int(sys.argv[2]), b"x" * 65536)

    return model
