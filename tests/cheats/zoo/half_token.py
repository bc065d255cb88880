"""Online judges: half an answer, so that the judge waits for ever for the rest."""

import os
import sys
import time

WANTS = "harness memory"
ENDS = "timeout"


def build(context):
    def model(x):
        os.write(int(sys.argv[2]), b"half a token")
        time.sleep(60)

    return model
