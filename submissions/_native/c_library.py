"""C that is compiled on the spot: with the machine's compiler, else with that of ``ziglang``."""

from __future__ import annotations

import ctypes
import importlib.util
import os
import shutil
import subprocess
import sys
import tempfile

import numpy as np


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
    return compiling(source, workdir, flags, **sizes)()


def compiling(source, workdir, flags, **sizes):
    """Begin to compile one file; return a function that waits for the library and loads it."""
    handle, library = tempfile.mkstemp(suffix=".so", dir=workdir)
    os.close(handle)
    macros = [f"-D{name}={value}" for name, value in sizes.items()]
    command = [*compiler(), "-shared", "-fPIC", *flags, *macros, str(source), "-o", library, "-lm"]
    caches = {"ZIG_GLOBAL_CACHE_DIR": str(workdir), "ZIG_LOCAL_CACHE_DIR": str(workdir)}
    pipes = {"stdout": subprocess.DEVNULL, "stderr": subprocess.PIPE}
    running = subprocess.Popen(command, text=True, env={**os.environ, **caches}, **pipes)

    def loaded():
        _, said = running.communicate()
        if running.returncode:
            raise RuntimeError(f"{' '.join(command)}: {said.strip()[-400:]}")
        return ctypes.CDLL(library)

    return loaded


def address(array):
    """Where an array lies, as an argument of a function in C."""
    return ctypes.c_void_p(array.ctypes.data)


def addresses(arrays):
    """The addresses of several arrays, which must be kept alive: in C a struct of pointers."""
    return (ctypes.c_void_p * len(arrays))(*(array.ctypes.data for array in arrays))


def call(function, *arguments):
    """Call a function in C with arrays, whole numbers (int64_t) and np.float32 (float)."""
    kinds = {np.ndarray: address, int: ctypes.c_int64, np.float32: ctypes.c_float}
    return function(*(kinds.get(type(one), lambda same: same)(one) for one in arguments))
