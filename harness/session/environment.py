"""The environment variables that every submission's process starts with, the same for all."""

from __future__ import annotations

from collections.abc import Mapping

_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "TF_NUM_INTRAOP_THREADS")

SETTLED_HEAP: Mapping[str, str] = {
    "MALLOC_MMAP_THRESHOLD_": str(32 << 20),
    "MALLOC_TRIM_THRESHOLD_": str(64 << 20),
}
"""Where glibc's malloc ends when it adapts to large arrays (mallopt(3)), from the start.

Else an accident of the heap's layout decides whether what a query frees goes back to the kernel and is
faulted in anew by the next: up to a third of a segmented frame, moved by one cached .pyc file more or less.
"""


def environment(cores: int) -> dict[str, str]:
    """What a process that has ``cores`` finds: as many threads, quiet libraries, hashes without a secret."""
    fixed = {"TF_CPP_MIN_LOG_LEVEL": "2", "PYTHONHASHSEED": "0"}
    return {**dict.fromkeys(_THREADS, str(cores)), **fixed, **SETTLED_HEAP}
