"""Count on how many of 200 streams without drift the rules of ``threshold`` and ``interval`` retrain.

    .venv/tensorflow/bin/python bench/drift_triggers.py

A stream is 12 spans of 110 rows (the article's), each row right with a probability of 0.92.
"""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

import numpy as np

STREAMS, SPANS, ROWS, RIGHT = 200, 12, 110, 0.92
ROOT = Path(__file__).resolve().parents[1] / "submissions"


def entry(name):
    path = ROOT / "drift" / name / "submission.py"
    spec = importlib.util.spec_from_file_location(name, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def main():
    sys.path.insert(0, str(ROOT / "_drift"))
    threshold, interval = entry("threshold"), entry("interval")
    rng = np.random.default_rng(0)
    streams = rng.random((STREAMS, SPANS, ROWS)) < RIGHT
    low = [any(span.mean() < threshold.LEAST for span in stream) for stream in streams]
    fallen = []
    for stream in streams:
        due = interval.Fallen()
        fallen.append(any(map(due, stream)))
    for name, retrained in (("threshold", low), ("interval", fallen)):
        print(f"{name}: retrains on {sum(retrained)} of {STREAMS} streams without drift")


if __name__ == "__main__":
    main()
