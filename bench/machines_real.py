"""A real cluster of three machines on this computer: what comes back, how fast, and whether timing is hurt.

    python -m bench.machines_real whole [N]   N evaluations (60) on two profiles come back whole
    python -m bench.machines_real efficiency [S]  jobs that sleep S seconds (2): the share of the ideal time
    python -m bench.machines_real ratios [N]  N ratios (8) of one machine after another beside as many here
    python -m bench.machines_real timing [N]  N pairs (40): times where a machine of the cluster runs and not

Every machine has a lock of its own, so that three evaluate at once; ``ratios`` uses one at a time.
"""

from __future__ import annotations

import itertools
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

import psutil

from bench import machines_timing
from bench.machines_cluster import requested
from bench.machines_field import PROFILES, Field, field
from harness.evaluate import evaluate
from harness.intake.request import EvaluationRequest
from harness.record import read_record
from harness.spec import Places, no_progress
from machines.enrolment import Enrolment
from machines.signatures import signer_of

BUILDS, JOBS, SHARE, HERE = 4, 24, 8, 4
"""How often a quick run builds the submission; how many jobs run on three machines, on one, and without Ray.

One machine gets as many as each of three: the first after a pause waits for a new process on either.
"""
RIGHT = "import numpy as np\ndef build(context): return lambda x: np.int64(x.argmax())\n"
SLEEPS = "import time\nimport numpy as np\ndef build(context):\n    time.sleep({})\n    return np.argmax\n"


def whole(count: int) -> None:
    """Evaluate submissions on two profiles, and check every record's folder and signature."""
    with field(PROFILES) as made:
        profiles = itertools.cycle(("edge", "cpu"))
        requests = [made.request(f"job-{n}", f"{RIGHT}# {n}\n", next(profiles)) for n in range(count)]
        began = time.perf_counter()
        records = made.run_all(requests)
        seconds = time.perf_counter() - began
        names = {key: machine.name for key, machine in Enrolment(made.cluster.host).all().items()}
        folders = [made.places.records / record.id for record in records]
        signers = Counter(names[signer_of(folder)] for folder in folders)
        right = [read_record(folder) for folder in folders]
    wanted = {(request.submission.sha256, request.run.profile) for request in requests}
    print(f"{len(wanted)} evaluations over {len(PROFILES)} machines in {seconds:.0f} s: {dict(signers)}")
    print(
        f"  records that came back whole, signed and of the right hash and profile: "
        f"{len({(each.submission.sha256, each.profile) for each in right} & wanted)}; "
        f"of status ok: {sum(each.status == 'ok' for each in right)}; different ids: "
        f"{len({each.id for each in right})}"
    )


def efficiency(job_s: float) -> None:
    """Compare jobs that sleep on three machines at once with the same jobs one after another on one.

    All machines share the cores of this computer: how busy these were says what limits them. The profile is
    ``cpu``, since ``edge`` would pin the submissions of all machines to the same core.
    """
    source = SLEEPS.format(job_s / BUILDS)
    here_s = _seconds_here(source)
    with field(dict.fromkeys(PROFILES, "cpu"), apart=True) as made:
        first, few, many = (
            _jobs(made, source, name, n) for name, n in (("first", 3), ("few", SHARE), ("many", JOBS))
        )
        for name, request in zip(PROFILES, first, strict=True):
            made.run_on(name, request)  # every machine has fetched the data
        alone_s = _seconds(lambda: [made.run_on("one", request) for request in few]) / SHARE
        psutil.cpu_percent()
        at_once_s = _seconds(lambda: made.run_all(many))
        busy = psutil.cpu_percent() / 100
    print(
        f"a job that sleeps {job_s:g} s takes {here_s:.2f} s without Ray and {alone_s:.2f} s on one machine"
    )
    print(f"{JOBS} on three machines take {at_once_s:.1f} s; the cores of this computer were {busy:.0%} busy")
    for what, each_s in (("one machine", alone_s), ("without Ray", here_s)):
        ideal_s = JOBS * each_s / len(PROFILES)
        print(f"  efficiency beside {what}: {ideal_s / at_once_s:.2f} (ideal {ideal_s:.1f} s)")


def _jobs(made: Field, source: str, name: str, count: int) -> list[EvaluationRequest]:
    return [made.request(f"{name}-{n}", f"{source}# {name} {n}\n", "cpu") for n in range(count)]


def _seconds_here(source: str) -> float:
    """Return the seconds of a job that is evaluated here, before any cluster runs."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        places = Places.under(folder / "home")
        request = requested(folder, source, places, profile="cpu")
        evaluate(request, places, no_progress)
        return _seconds(lambda: [evaluate(request, places, no_progress) for _ in range(HERE)]) / HERE


def _seconds(act: Callable[[], Sequence[object]]) -> float:
    began = time.perf_counter()
    act()
    return time.perf_counter() - began


def main() -> None:
    what, number = (*sys.argv[1:], *("whole", "0")[len(sys.argv[1:]) :])[:2]
    if what == "timing":
        machines_timing.timing(int(number) or 40)
    elif what == "ratios":
        machines_timing.ratios(int(number) or 8)
    elif what == "efficiency":
        efficiency(float(number) if len(sys.argv) > 2 else 2.0)
    else:
        whole(int(number) or 60)


if __name__ == "__main__":
    main()
