"""C that is compiled when the model is built: with the machine's compiler, else with that of ``ziglang``."""

from __future__ import annotations

import ctypes
import importlib.util
import os
import shutil
import subprocess
import sys
import tempfile

import numpy as np
from chain import EVERY, checked

ALIGNMENT = 64


def compiler():
    """The command of a C compiler."""
    for name in ("cc", "gcc", "clang"):
        if found := shutil.which(name, path="/usr/bin:/bin:/usr/local/bin"):
            return [found]
    if importlib.util.find_spec("ziglang"):
        return [sys.executable, "-m", "ziglang", "cc"]
    raise RuntimeError("no C compiler: install gcc, or the wheel 'ziglang'")


def compiled(source, workdir, flags, **sizes):
    """Compile one file into a library and load it. ``sizes`` become macros."""
    handle, library = tempfile.mkstemp(suffix=".so", dir=workdir)
    os.close(handle)
    macros = [f"-D{name}={value}" for name, value in sizes.items()]
    command = [*compiler(), "-shared", "-fPIC", *flags, *macros, str(source), "-o", library, "-lm"]
    caches = {"ZIG_GLOBAL_CACHE_DIR": str(workdir), "ZIG_LOCAL_CACHE_DIR": str(workdir)}
    done = subprocess.run(command, capture_output=True, text=True, check=False, env={**os.environ, **caches})
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)}: {done.stderr.strip()[-400:]}")
    return ctypes.CDLL(library)


def aligned(array):
    """A copy, float32, that begins at a multiple of 64 bytes."""
    array = np.asarray(array, np.float32)
    room = np.empty(array.nbytes + ALIGNMENT, np.uint8)
    start = -room.ctypes.data % ALIGNMENT
    copy = room[start : start + array.nbytes].view(np.float32).reshape(array.shape)
    copy[...] = array
    return copy


def model(library, width, weights):
    """Make the model of ``chain(inputs, n, state, answer, *weights)``, which writes the answer."""
    kept = [aligned(array) for array in weights]
    addresses = [ctypes.c_void_p(array.ctypes.data) for array in kept]

    def answer(query):
        inputs, state = checked(query, width)
        inputs = np.ascontiguousarray(inputs)
        rows = np.empty((len(inputs) // EVERY + 1, width), np.float32)
        state = np.ascontiguousarray(state)
        where = [ctypes.c_void_p(array.ctypes.data) for array in (inputs, state, rows)]
        library.chain(where[0], ctypes.c_long(len(inputs)), *where[1:], *addresses)
        return rows

    answer.kept = kept  # the library reads them as long as the model lives
    return answer
