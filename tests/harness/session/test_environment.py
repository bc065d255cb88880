"""What every submission's process is told by its environment."""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np

from harness.probes.usage import cpu_ns
from harness.session.session import Session
from harness.spec import Submission


def test_the_threads_of_a_matrix_product_sleep_soon(
    session: Callable[..., Session], write: Callable[..., Submission]
) -> None:
    entry = write("""
        import numpy as np
        TABLE = np.ones((600, 600), np.float32)
        def build(context):
            return lambda x: (TABLE @ TABLE)[0, :2]
        """)
    with session(entry) as asked:
        asked.start()
        asked.load()
        asked.build()
        asked.ask(np.zeros(1))
        before = cpu_ns(asked.tree())
        time.sleep(0.1)
        assert cpu_ns(asked.tree()) - before < 0.03e9
