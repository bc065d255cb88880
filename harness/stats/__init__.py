"""What may be said of numbers: bounds, intervals, ratios and tests. Pure functions, nothing is read or kept.

``docs/statistics.md`` says what each of them means and where it comes from.
"""

from harness.stats.noninferiority import LEVEL, Leads, as_good, clusters_needed
from harness.stats.paired import Difference, equivalent_z, paired_difference
from harness.stats.percentiles import percentile_bound
from harness.stats.ratios import (
    Ratio,
    SpeedVerdict,
    Throughput,
    compare_ratios,
    paired_log_ratio,
    ratio_between,
    ratio_from_log,
    throughput_interval,
    verdict,
)
from harness.stats.resampling import REPLICATES, bootstrap, interval, resample_weights
from harness.stats.slopes import Line, undisturbed_line

__all__ = [
    "LEVEL",
    "REPLICATES",
    "Difference",
    "Leads",
    "Line",
    "Ratio",
    "SpeedVerdict",
    "Throughput",
    "as_good",
    "bootstrap",
    "clusters_needed",
    "compare_ratios",
    "equivalent_z",
    "interval",
    "paired_difference",
    "paired_log_ratio",
    "percentile_bound",
    "ratio_between",
    "ratio_from_log",
    "resample_weights",
    "throughput_interval",
    "undisturbed_line",
    "verdict",
]
