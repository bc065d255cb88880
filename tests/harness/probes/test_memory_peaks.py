"""Each phase has a memory peak of its own, exact however short, whatever the parent holds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from harness.evaluate import Evaluation
from harness.spec import Submission, Task

Judged = Callable[..., Evaluation]
Write = Callable[..., Submission]

SOURCE = """
import time
import numpy as np

def build(context):
    passing = np.ones({build}, np.uint8)
    time.sleep(0.05)
    del passing
    kept = np.ones({steady}, np.uint8)
    return lambda x: np.int64(x.argmax() + 0 * kept[0])
"""


@pytest.mark.slow
def test_a_spike_of_50_ms_and_the_steady_state_show_while_the_parent_holds_a_gigabyte(
    judged: Judged, write: Write, tiny: Task
) -> None:
    held = np.ones(1_000_000_000, np.uint8)
    limits = replace(tiny.execution.limits, memory_mb=900)
    roomy = replace(tiny, execution=replace(tiny.execution, limits=limits))
    small = judged(write(SOURCE.format(build=1, steady=1), "small"), task=roomy).record
    large = judged(write(SOURCE.format(build=300_000_000, steady=120_000_000), "large"), task=roomy).record
    assert held[-1] == 1

    def more(phase: str) -> float:
        peaks = [record.phases[phase].memory_peak_mb for record in (large, small)]
        assert peaks[0] is not None
        assert peaks[1] is not None
        return peaks[0] - peaks[1]

    assert more("build") == pytest.approx(300, abs=3)
    assert more("steady") == pytest.approx(120, abs=3)
    assert large.metrics["memory_peak_mb"].value == large.phases["build"].memory_peak_mb
