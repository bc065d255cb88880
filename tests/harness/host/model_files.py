"""Model files of every runtime for tests, and how one is run: sound ones, damaged ones, and ones that lie."""

from __future__ import annotations

import io
import json
import os
import pickle
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from harness.intake.lookup import inspect
from harness.probes.machine import worker_packages
from harness.session.runtimes import runtime
from harness.session.session import Session
from harness.session.worker import worker_of
from harness.spec import Limits, Submission
from harness.spec.errors import NotAvailable

NETWORKS = Path(__file__).parents[2] / "fixtures" / "networks"
RUNTIMES = {
    "litert": "network.tflite",
    "onnx": "network.onnx",
    "keras": "network.keras",
    "savedmodel": "saved",
    "torch_export": "network.pt2",
    "torchscript": "network.pt",
    "jax_export": "network.stablehlo",
    "openvino": "network",
    "skops": "network.skops",
}
SLOW = ("keras", "savedmodel", "torch_export", "torchscript", "jax_export", "openvino", "skops", "gguf")
"""Runtimes that take seconds to import, or that few environments have."""
ROOM = {"memory_mb": 2000, "build_s": 60, "run_s": 120, "query_s": 30}
Open = Callable[..., Session]


def each(*kinds: str) -> list[Any]:
    """The kinds as parameters of a test, slow ones marked so."""
    return [pytest.param(kind, marks=pytest.mark.slow) if kind in SLOW else kind for kind in kinds]


def entry_at(path: Path, home: Path) -> Submission:
    """The submission at a path; the test is skipped where no environment here runs it."""
    entry = inspect(path, Limits(), home / "entries")
    try:
        missing = set(runtime(entry.kind).packages) - set(worker_packages(worker_of(entry)))
    except NotAvailable as error:
        pytest.skip(str(error))
    if missing:
        pytest.skip(f"the environment here has no {', '.join(sorted(missing))}")
    return entry


def begin(opened: Session) -> None:
    opened.start()
    opened.load()
    opened.build()


class Shout:
    """Its pickle says where it was loaded."""

    def __reduce__(self) -> tuple[Any, ...]:
        return os.write, (1, b"pickled code ran\n")


def whole(name: str) -> bytes:
    return (NETWORKS / name).read_bytes()


def half(name: str) -> bytes:
    return whole(name)[: len(whole(name)) // 2]


def copied(name: str, changed: Mapping[str, bytes | Callable[[bytes], bytes]]) -> bytes:
    """Copy an archive with members changed, or added where it has none of a name that ends so."""
    target, left = io.BytesIO(), dict(changed)
    with zipfile.ZipFile(NETWORKS / name) as source, zipfile.ZipFile(target, "w") as copy:
        for member in source.namelist():
            data = source.read(member)
            for ending in [ending for ending in left if member.endswith(ending)]:
                change = left.pop(ending)
                data = change if isinstance(change, bytes) else change(data)
            copy.writestr(member, data)
        for ending, change in left.items():
            assert isinstance(change, bytes), ending
            copy.writestr(f"{source.namelist()[0].partition('/')[0]}/{ending}", change)
    return target.getvalue()


def bomb(name: str, ending: str, target: Path) -> None:
    """Copy an archive with a member that unpacks to a gigabyte of zeros."""
    with zipfile.ZipFile(NETWORKS / name) as source, zipfile.ZipFile(target, "w") as copy:
        for member in source.infolist():
            if not member.filename.endswith(ending):
                copy.writestr(member, source.read(member))
                continue
            packed = zipfile.ZipInfo(member.filename)
            packed.compress_type = zipfile.ZIP_DEFLATED
            with copy.open(packed, "w") as large:
                for _ in range(1000):
                    large.write(bytes(1_000_000))


def in_json(old: str, new: str) -> Callable[[bytes], bytes]:
    """Replace a piece of JSON text that must be there."""

    def change(data: bytes) -> bytes:
        assert old in data.decode(), (old, data[:400])
        return data.decode().replace(old, new, 1).encode()

    return change


def pickled_weight(data: bytes) -> bytes:
    """Let the list of weights say that the first is pickled."""
    listed = json.loads(data)
    listed["config"]["dense.0.weight"]["use_pickle"] = True
    return json.dumps(listed).encode()


def array_of(shape: tuple[int, ...]) -> bytes:
    """The bytes of an ``.npy`` file that declares a shape and holds one number."""
    buffer = io.BytesIO()
    np.lib.format.write_array_header_1_0(buffer, {"descr": "<f8", "fortran_order": False, "shape": shape})
    return buffer.getvalue() + bytes(8)


def objects() -> bytes:
    """The bytes of an ``.npy`` file of pickled objects."""
    buffer = io.BytesIO()
    np.save(buffer, np.array([Shout()], object), allow_pickle=True)
    return buffer.getvalue()


SHOUT = pickle.dumps(Shout())
ENTITIES = "".join(f'<!ENTITY {chr(98 + i)} "{f"&{chr(97 + i)};" * 10}">' for i in range(25))
LAUGHS = f'<!DOCTYPE net [<!ENTITY a "ha">{ENTITIES}]><net name="&z;" version="11"></net>'
