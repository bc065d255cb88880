"""Process managers: kill the supervisor first, and nobody is left to clean up."""

import os
import signal

import numpy as np

WANTS = "outlived"
ENDS = "worthless or failed"


def build(context):
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            os.execv("/bin/sleep", [context.params["mark"], "60"])
        os._exit(0)
    try:
        os.kill(os.getppid(), signal.SIGKILL)
    except OSError:
        pass
    return lambda x: np.int64(0)
