"""Files that people hand in or that a home keeps: how a small one is made, and what reads it."""

from __future__ import annotations

import json
import shutil
import sys
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

from competitions.evaluation.tables import read_predictions
from competitions.hosting.trail import _canonical, read_trail
from competitions.rules.declaration import read_declaration
from harness.environments.lockfile import lock_of
from harness.environments.pythons import Python
from harness.intake.lookup import inspect
from harness.intake.request import read_request
from harness.npz import read_recorded
from harness.record import parse_record, read_record
from harness.record.series import read_latencies, read_memory
from harness.spec import Limits
from machines.enrolment import Enrolment
from machines.keys import machine_key
from machines.signatures import SIGNATURE, sign_folder, signer_of

ROOT = Path(__file__).parents[2]
PYTHON = Python(Path(sys.executable), "3.11.7")
SAMPLE = pd.DataFrame({"id": range(20), "target": np.linspace(0, 1, 20)})
PINNED = """small==1.0 --hash=sha256:{0}
other==2.1 ; python_version >= '3.10' --hash=sha256:{0}
""".format("0" * 64)
PYLOCK = """lock-version = "1.0"
created-by = "test"
requires-python = ">=3.10"
[[packages]]
name = "small"
version = "1.0"
wheels = [{name = "small-1.0-py3-none-any.whl", url = "https://x.invalid/x", hashes = {sha256 = "%s"}}]
""" % ("0" * 64)
COMPETITION = """slug = "reef-one"
title = "Reef"
[predictions]
metric = "accuracy"
[schedule]
start = 2026-01-01T00:00:00Z
end = 2026-02-01T00:00:00Z
[limits]
daily = 5
[[prizes]]
title = "First"
place = 1
"""
REQUEST = {
    "task": {"name": "cots", "version": 2},
    "data": {"name": "reef", "variant": "mini", "sha256": "d" * 64, "seed": 0},
    "submission": {"name": "cnn", "team": "", "kind": "python", "sha256": "c" * 64},
    "reference": {"name": "blob", "team": "", "kind": "python", "sha256": "b" * 64},
    "run": {"profile": "cpu", "scenario": "single_stream", "seed": 0},
}
Make = Callable[[Path], Path]
Read = Callable[[Path], object]


def text(name: str, content: str) -> Make:
    def make(folder: Path) -> Path:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(content)
        return folder / name

    return make


def archive(kind: str) -> Make:
    """Make an archive of a submission of two files."""

    def make(folder: Path) -> Path:
        path, source = folder / f"entry.{kind}", folder / "source"
        text("submission.py", "def build(context):\n    return lambda x: x\n" * 20)(source)
        (source / "weights.bin").write_bytes(np.random.default_rng(0).bytes(3000))
        if kind == "zip":
            with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
                for file in sorted(source.iterdir()):
                    packed.write(file, file.name)
        else:
            with tarfile.open(path, f"w:{kind.partition('.')[2]}") as packed:  # type: ignore[call-overload]
                packed.add(source, "entry")
        return path

    return make


def unpacked(path: Path) -> object:
    store = path.parent / "entries"
    shutil.rmtree(store, ignore_errors=True)
    return inspect(path, Limits(submission_mb=32), store)


def table(ending: str) -> Make:
    def make(folder: Path) -> Path:
        path = folder / f"table.{ending}"
        SAMPLE.to_parquet(path) if ending == "parquet" else SAMPLE.to_csv(path, index=False)
        return path

    return make


def record(folder: Path) -> Path:
    source = ROOT / "tests" / "harness" / "record" / "golden" / "schema2_ok.json"
    path = folder / parse_record(source.read_bytes()).id / "record.json"
    path.parent.mkdir()
    shutil.copyfile(source, path)
    return path


def arrays(folder: Path) -> Path:
    rng = np.random.default_rng(0)
    np.savez(
        folder / "rows.npz", id=np.array(["a", "b"]), tp=rng.random((2, 3)), f2=rng.random(50, np.float32)
    )
    return folder / "rows.npz"


def latencies(folder: Path) -> Path:
    lines = [f"0,{n},u{n},{who},{1000 + n}" for n in range(20) for who in ("submission", "reference")]
    return text("latencies.csv", "\n".join(["replicate,block,unit,who,ns", *lines]))(folder)


def memory(folder: Path) -> Path:
    lines = [f"{n / 10:.3f},{100 + n:.3f},steady" for n in range(20)]
    return text("memory.csv", "\n".join(["seconds,memory_mb,phase", *lines]))(folder)


def enrolled(folder: Path) -> Path:
    Enrolment(folder).enrol("one", "a" * 64)
    return folder / "machines" / "enrolled.json"


def signed(folder: Path) -> Path:
    (folder / "record").mkdir()
    (folder / "record" / "record.json").write_text("{}")
    sign_folder(folder / "record", machine_key(folder / "keys"))
    return folder / "record" / SIGNATURE


def trail(folder: Path) -> Path:
    key = machine_key(folder / "keys")
    content = {"schema": 1, "competition": "x", "submissions": [{"id": 1}]}
    made = {"trail": content, "signature": key.sign(_canonical(content)).hex(), "public_key": key.public}
    return text("trail.json", json.dumps(made))(folder)


def locked(path: Path) -> object:
    lock = lock_of(path.parent)
    assert lock is not None
    return lock.python(), lock.pins(PYTHON)


FORMATS: dict[str, tuple[Make, Read]] = {
    **{kind: (archive(kind), unpacked) for kind in ("zip", "tar", "tar.gz", "tar.xz", "tar.bz2")},
    "requirements": (text("requirements.txt", PINNED), locked),
    "pylock": (text("pylock.toml", PYLOCK), locked),
    "request": (text("request.json", json.dumps(REQUEST)), read_request),
    "competition": (
        text("competition.toml", COMPETITION),
        lambda path: read_declaration(path.parent).value(),
    ),
    "trail": (trail, read_trail),
    "csv": (table("csv"), lambda path: read_predictions(path, SAMPLE, "id")),
    "parquet": (table("parquet"), lambda path: read_predictions(path, SAMPLE, "id")),
    "record": (record, lambda path: read_record(path.parent)),
    "arrays": (arrays, read_recorded),
    "latencies": (latencies, read_latencies),
    "memory": (memory, lambda path: list(read_memory(path))),
    "enrolled": (enrolled, lambda path: Enrolment(path.parents[1]).all()),
    "signature": (signed, lambda path: signer_of(path.parent)),
}
