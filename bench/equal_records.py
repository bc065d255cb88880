"""Ranked runs of one entry of cots, one after another: does any pair of their records make a lead?

    python -m bench.equal_records [RUNS] [--entry NAME]

The records of an entry measured again and again are compared, each with each: nobody is faster. Printed are
the pairs that the ratios alone tell apart, those that are told apart with the reference's own time in both
runs, and in how many pairs an entry that is 6, 10 or 20 % slower is found. Ten runs take eight minutes.
"""

from __future__ import annotations

import argparse
import itertools
import math
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from harness.record import Record, parse_record
from harness.record.latency import moved_between, ratio_of, wider_margin
from harness.stats import Ratio, compare_ratios

ROOT = Path(__file__).resolve().parents[1]


def measured(entry: str) -> Record:
    words = [sys.executable, "run_bench.py", "run", "cots", entry, "--json"]
    done = subprocess.run(words, cwd=ROOT, check=True, capture_output=True)
    return parse_record(done.stdout.strip())


def slower(record: Record, by: float) -> Ratio:
    """Return the ratio that the record would hold of an entry that takes ``by`` more of its time."""
    ratio = ratio_of(record)
    assert ratio is not None
    return replace(ratio, log_mean=ratio.log_mean + math.log1p(by))


def found(records: list[Record], by: float, *, moved: bool) -> Iterator[bool]:
    """Say of each ordered pair whether an entry that takes ``by`` more time is told apart from the other."""
    for a, b in itertools.permutations(records, 2):
        shift = moved_between(a, b) if moved else 0.0
        verdict = compare_ratios(slower(a, by), slower(b, 0.0), wider_margin(a, b), moved=shift)
        yield verdict == "slower" if by else verdict != "no difference"


def main() -> None:
    parser = argparse.ArgumentParser(description="compare records of one entry")
    parser.add_argument("runs", nargs="?", type=int, default=10)
    parser.add_argument("--entry", metavar="NAME", default="cnn")
    asked = parser.parse_args()
    records: list[Record] = []
    for number in range(asked.runs):
        records.append(record := measured(asked.entry))
        ratio = slower(record, 0.0)
        told = (
            f"{ratio.value:.3f}"
            if ratio.low is None
            else f"{ratio.value:.3f} [{ratio.low:.3f}, {ratio.high:.3f}]"
        )
        reference = record.gauges["reference_ms"]
        print(
            f"run {number + 1:2}  ratio {told}  reference {reference:.3f} ms  {record.validity.state}",
            flush=True,
        )
    for by in (0.0, 0.06, 0.1, 0.2):
        alone, both = (list(found(records, by, moved=moved)) for moved in (False, True))
        title = f"{by:.0%} slower, found" if by else "equal, but told apart"
        print(f"{title:22} by ratios {sum(alone):3} of {len(alone)}; with the reference's time {sum(both):3}")


if __name__ == "__main__":
    main()
