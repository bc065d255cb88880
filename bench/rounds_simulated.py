"""Simulated runs: how often the interval of a time ratio holds the truth, and how far off the ratio is.

    .venv/harness/bin/python -m bench.rounds_simulated [RUNS]

Each run adds rounds of eight processes until half the interval is within 1 %, at most four (RUNS of each
kind, 4,000). In the last kind 6 % of the processes are slow, by as much as several times the noise. An entry
that is 6 % or 2 % slower is found when the whole interval lies beyond the margin of 1 %.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable
from statistics import fmean

import numpy as np

from harness.measurement.rounds import PRECISE
from harness.stats import Ratio, paired_log_ratio, ratio_from_log, verdict

ROUND, ROUNDS = 8, 4
MARGIN = 0.01
SLOWNESS = (0.06, 0.02)
NOISE = (0.005, 0.01, 0.02, 0.03, 0.05)
Draw = Callable[[np.random.Generator, float], np.ndarray]


def normal(rng: np.random.Generator, noise: float) -> np.ndarray:
    return rng.normal(0, noise, ROUND * ROUNDS)


def heavy(rng: np.random.Generator, noise: float) -> np.ndarray:
    return noise * rng.standard_t(3, ROUND * ROUNDS)


def some_slow(rng: np.random.Generator, noise: float) -> np.ndarray:
    slow = rng.random(ROUND * ROUNDS) < 0.06
    return normal(rng, noise) + slow * np.abs(rng.normal(0, 6 * noise, ROUND * ROUNDS))


def run(logs: np.ndarray) -> Ratio:
    """Add rounds until the ratio is known well enough."""
    ratio = paired_log_ratio([[0.0]])
    for number in range(1, ROUNDS + 1):
        ratio = paired_log_ratio([[log] for log in logs[: number * ROUND].tolist()])
        if ratio.low and ratio.high and math.log(ratio.high / ratio.low) / 2 <= PRECISE:
            break
    return ratio


def slower(equal: Ratio, by: float) -> bool:
    """Whether an entry that is slower by a share would be found slower in this run of equals."""
    shifted = ratio_from_log(equal.log_mean + math.log1p(by), equal.log_se, equal.df)
    return verdict(shifted, MARGIN) == "slower"


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 4000
    kinds: dict[str, Draw] = {"normal": normal, "Student's t, 3": heavy, "6 % slow": some_slow}
    for kind, draw in kinds.items():
        for noise in NOISE:
            rng = np.random.default_rng(0)
            runs = [run(draw(rng, noise)) for _ in range(count)]
            held = fmean((one.low or 0) <= 1 <= (one.high or 0) for one in runs)
            logs = np.array([one.log_mean for one in runs])
            found = [fmean(slower(one, by) for one in runs) for by in SLOWNESS]
            print(
                f"{kind:15} noise {noise:5.1%}  interval holds the truth {held:5.1%}, "
                f"ratio off by {logs.mean():+.2%} and scatters by {logs.std():.2%}; found slower: "
                f"6 % {found[0]:.0%}, 2 % {found[1]:.0%}",
                flush=True,
            )


if __name__ == "__main__":
    main()
