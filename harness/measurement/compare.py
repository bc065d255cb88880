"""Say whether A is faster than B, of two submissions or of two records.

Two submissions are run against each other afresh; two records are compared through their ratios to the
reference that they share.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from datetime import UTC, datetime

from harness.measurement import machine_lock, pair_statistics
from harness.measurement.rounds import Rounds
from harness.measurement.run_plan import RunSetup, planned
from harness.probes import machine
from harness.record import DataId, Record, SubmissionId
from harness.record.comparison import ComparisonRecord, MedianTimes, SpeedDifference
from harness.record.latency import UNCALIBRATED_MARGIN, moved_between, ratio_of, wider_margin
from harness.spec import Progress, Submission, no_progress
from harness.spec.errors import UserError
from harness.stats import Ratio, SpeedVerdict, ratio_between, verdict

EXIT_CODES: dict[SpeedVerdict, int] = {"faster": 0, "no difference": 0, "slower": 3, "unknown": 4}
"""0: not slower; 3: slower; 4: could not be measured. (1 is our fault and 2 the user's.)"""


@dataclass(frozen=True)
class Comparison:
    """A's time divided by B's, and which of the two is faster at this margin.

    A margin that is not ``calibrated`` is assumed. ``unpaired`` is the ratio that measuring A first and B
    afterwards would have given, to show what pairing gains; ``times`` are absolute, of two submissions alone.
    Others used the machine while ``disturbed`` of the process pairs were timed.
    """

    ratio: Ratio
    margin: float
    verdict: SpeedVerdict
    processes: int
    unpaired: float = math.nan
    times: MedianTimes = field(default_factory=MedianTimes)
    disturbed: int = 0
    calibrated: bool = True

    @property
    def speed(self) -> SpeedDifference:
        """Return the part of it that is kept."""
        ratio = self.ratio
        return SpeedDifference(
            ratio=ratio.value if math.isfinite(ratio.value) else None,
            low=ratio.low,
            high=ratio.high,
            margin=self.margin,
            verdict=self.verdict,
            processes=self.processes,
            disturbed=self.disturbed,
            calibrated=self.calibrated,
        )

    @property
    def exit_code(self) -> int:
        """See EXIT_CODES."""
        return EXIT_CODES[self.verdict]


def compare_submissions(
    setup: RunSetup, a: Submission, b: Submission, margin: float | None, progress: Progress = no_progress
) -> Comparison:
    """Run A and B against each other, interleaved; B takes the place of the reference.

    ``margin`` is what calibration found; without it one is assumed.
    """
    title = f"{a.name} against {b.name}"
    with (
        machine_lock.machine(title, progress),
        planned(setup, a, b, contestants=True, progress=progress) as run_plan,
    ):
        process_pairs = Rounds(run_plan).run(title, progress)
    ratio = pair_statistics.ratio(process_pairs)
    disturbed = sum(pair.disturbed for pair in process_pairs)
    times = MedianTimes(
        a_ms=pair_statistics.median_ms(process_pairs), b_ms=pair_statistics.reference_median_ms(process_pairs)
    )
    unpaired = pair_statistics.unpaired_ratio(process_pairs)
    assumed = UNCALIBRATED_MARGIN if margin is None else margin
    return Comparison(
        ratio,
        assumed,
        verdict(ratio, assumed),
        len(process_pairs),
        unpaired,
        times,
        disturbed,
        calibrated=margin is not None,
    )


def record_of(setup: RunSetup, a: Submission, b: Submission, result: Comparison) -> ComparisonRecord:
    """Return what is kept of a comparison of two submissions, made now."""
    data = setup.prepared
    return ComparisonRecord(
        task=setup.task.name,
        task_version=setup.task.version,
        data=DataId.of(data),
        profile=setup.profile.name,
        a=SubmissionId.of(a),
        b=SubmissionId.of(b),
        speed=result.speed,
        times=result.times,
        seed=setup.seed,
        quick=setup.quick,
        machine=machine.machine(),
        started=datetime.now(UTC).isoformat(timespec="seconds"),
    )


def compare_records(a: Record, b: Record) -> Comparison:
    """Compare two records of one board within the wider of the margins they were measured under.

    Where the reference took longer in one run than in the other, what that may explain is no difference.

    Raises UserError where they cannot be compared.
    """
    for what in ("task", "task_version", "data", "profile", "scenario", "reference"):
        same = a.data.same(b.data) if what == "data" else getattr(a, what) == getattr(b, what)
        if not same:
            raise UserError(f"records {a.id} and {b.id} differ in {what}; run 'compare' on the submissions")
    if a.machine.get("fingerprint") != b.machine.get("fingerprint"):
        raise UserError(f"records {a.id} and {b.id} were made on different machines")
    ratio = ratio_between(_ratio(a), _ratio(b), moved=moved_between(a, b))
    margin = wider_margin(a, b)
    return Comparison(ratio, margin, verdict(ratio, margin), min(a.processes, b.processes))


def _ratio(record: Record) -> Ratio:
    ratio = ratio_of(record)
    if ratio is None:
        raise UserError(f"record {record.id} holds no latency ({record.status}: {record.message})")
    return ratio
