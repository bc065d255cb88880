"""Measure how small a difference of speed this machine can tell, and what no answer can beat.

The reference is run against itself: what the paired ratio does then is noise, and smaller differences (at
least 1 %) count as ties. A model that answers a constant shows the harness's own floor; a copy shows memory
bandwidth.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from time import perf_counter_ns

import numpy as np
from pydantic import BaseModel, ConfigDict

from harness.files import sha256_of, write_whole
from harness.measurement import machine_lock, pair_statistics
from harness.measurement.process_pair import ProcessPair
from harness.measurement.rounds import Rounds
from harness.measurement.run_plan import RunPlan, RunSetup, planned
from harness.probes import machine
from harness.probes.neighbours import Others
from harness.session.worker import HOST
from harness.spec import Progress, Submission, no_progress
from harness.spec.errors import UserError

FLOOR_MARGIN = 0.01
FLOOR_QUERIES = 300
COPIED_BYTES = 16_000_000
BRIEFLY_S = 25.0
"""A calibration before a run begins no further round of processes after so long."""
LEAST_UNDISTURBED = 0.5
"""The share of the process pairs that others must have left alone; the rest do not count."""
NULL_MODEL = HOST / "null_model.py"


class Calibration(BaseModel):
    """What is known of one machine on one profile.

    ``margin`` is relative (0.012: 1.2 %); ``floor_us`` is the null model's median on the task's own
    queries; ``copy_us`` the time one copy of a query takes, ``memory_gb_s`` the bandwidth it shows. Its many
    fields lie side by side because it is the format of a file that stays readable.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    fingerprint: str
    profile: str
    task: str
    isolation: str
    margin: float
    ratio: float
    ratio_low: float
    ratio_high: float
    floor_us: float
    copy_us: float
    memory_gb_s: float
    processes: int
    load_1min: float
    made: str


def path_of(folder: Path, profile: str) -> Path:
    """Return where this machine's calibration for a profile is kept in the folder of calibrations."""
    return folder / f"{machine.machine()['fingerprint']}-{profile}.json"


def read(folder: Path, profile: str) -> Calibration | None:
    """Read the calibration of this machine for a profile; None where there is none that can be read."""
    path = path_of(folder, profile)
    try:
        return Calibration.model_validate_json(path.read_bytes())
    except (OSError, ValueError):
        return None


def write(folder: Path, calibration: Calibration) -> None:
    """Keep a calibration, in one step."""
    path = path_of(folder, calibration.profile)
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, calibration.model_dump_json(indent=1).encode())


def calibrate(
    setup: RunSetup, reference: Submission, progress: Progress = no_progress, *, briefly: bool = False
) -> Calibration:
    """Run the reference against itself and the null model alone; ``briefly`` within half a minute or so.

    Raises UserError where others used the machine: what was learnt then holds on no other day.
    """
    with (
        machine_lock.machine(f"calibration of {setup.profile.name}", progress),
        planned(setup, reference, reference, progress=progress) as run_plan,
    ):
        load_1min = machine.gauges()["load_1min"]
        rounds = Rounds(run_plan, BRIEFLY_S if briefly else math.inf)
        process_pairs = rounds.run("calibration: the reference against itself", progress)
        return calibration_of(run_plan, process_pairs, load_1min)


def calibration_of(run_plan: RunPlan, process_pairs: Sequence[ProcessPair], load_1min: float) -> Calibration:
    """Learn from a run of the reference against itself, and run the null model alone.

    Raises UserError where others used the machine.
    """
    setup = run_plan.setup
    undisturbed = [pair for pair in process_pairs if not pair.disturbed]
    if len(undisturbed) < LEAST_UNDISTURBED * len(process_pairs):
        others = sum((pair.resources.others.whole for pair in process_pairs), Others())
        disturbed = f"{len(process_pairs) - len(undisturbed)} of {len(process_pairs)} processes"
        raise UserError(
            f"other processes used {others.cores:.2f} cores during the calibration and disturbed "
            f"{disturbed}; stop them and run it again"
        )
    ratio = pair_statistics.ratio(undisturbed)
    low, high = ratio.low or ratio.value, ratio.high or ratio.value
    x = run_plan.queries[0].load()
    copied = np.zeros(COPIED_BYTES, np.uint8)
    return Calibration(
        fingerprint=str(machine.machine()["fingerprint"]),
        profile=setup.profile.name,
        task=setup.task.name,
        isolation=setup.backend.name,
        margin=max(FLOOR_MARGIN, math.exp(max(abs(math.log(low)), abs(math.log(high)))) - 1),
        ratio=ratio.value,
        ratio_low=low,
        ratio_high=high,
        floor_us=median(null_latencies(run_plan, x)) / 1e3,
        copy_us=copy_time(x),
        memory_gb_s=COPIED_BYTES / copy_time(copied, 20) / 1e3,
        processes=len(undisturbed),
        load_1min=load_1min,
        made=datetime.now(UTC).isoformat(timespec="seconds"),
    )


def null_model() -> Submission:
    """Return the model that answers a constant, as a submission."""
    return Submission("null_model", NULL_MODEL, "python", sha256_of(NULL_MODEL), NULL_MODEL.stat().st_size)


def null_latencies(run_plan: RunPlan, x: object, count: int = FLOOR_QUERIES) -> Sequence[int]:
    """Return the nanoseconds of queries to a model that answers a constant: the harness's own cost."""
    with replace(run_plan, submission=null_model()).open_session() as session:
        session.start()
        session.load()
        session.build()
        for _ in range(20):
            session.ask(x)  # type: ignore[arg-type]
        return [session.ask(x).ns for _ in range(count)]  # type: ignore[arg-type]


def copy_time(x: object, count: int = 200) -> float:
    """Return the median time of one copy of a query in microseconds."""
    arrays = [np.asarray(a) for a in (x.values() if hasattr(x, "values") else [x])]
    targets = [np.empty_like(array) for array in arrays]
    taken = []
    for _ in range(count):
        start = perf_counter_ns()
        for target, array in zip(targets, arrays, strict=True):
            np.copyto(target, array)
        taken.append(perf_counter_ns() - start)
    return median(taken) / 1e3
