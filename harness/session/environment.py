"""The environment variables that every submission's process starts with, the same for all."""

from __future__ import annotations

from collections.abc import Mapping

_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "TF_NUM_INTRAOP_THREADS")

SETTLED_HEAP: Mapping[str, str] = {
    "MALLOC_MMAP_THRESHOLD_": str(32 << 20),
    "MALLOC_TRIM_THRESHOLD_": str(64 << 20),
}
"""The thresholds that glibc's malloc reaches by itself with large arrays (mallopt(3)), from the start.

Otherwise the heap's layout decides by accident whether memory that a query frees goes back to the kernel and
is faulted in again by the next one: up to a third of the time of a segmented frame.
"""

_SPINNING: Mapping[str, str] = {"OPENBLAS_THREAD_TIMEOUT": "24"}
"""How long OpenBLAS's threads spin after a product before they sleep: 2 to this power of clock ticks.

That is 5 to 8 ms, longer than the harness pauses between two queries. By itself it is some 0.1 s, in which
honest threads could not be told from work beside the clock (the audits ``idle`` and ``lessons``).
"""


def environment(cores: int) -> dict[str, str]:
    """Return the variables for ``cores`` cores: as many threads, quiet libraries, fixed hashes."""
    fixed = {"TF_CPP_MIN_LOG_LEVEL": "2", "PYTHONHASHSEED": "0"}
    return {**dict.fromkeys(_THREADS, str(cores)), **fixed, **SETTLED_HEAP, **_SPINNING}
