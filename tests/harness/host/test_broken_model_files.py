"""Damaged model files, pickles in them, bombs and lies: each is refused with its name and what to do."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

import pytest

from harness.session.session import Session
from harness.spec.errors import SubmissionError, SubmissionOutOfMemory
from tests.harness.host import model_files as files
from tests.harness.host.model_files import Open, copied, each, entry_at, half, in_json, whole

UNREAD = "n.{0} cannot be loaded by {1}"


def onnx() -> Mapping[str, tuple[bytes, str]]:
    unread = UNREAD.format("onnx", "ONNX Runtime")
    return {"cut": (half("network.onnx"), unread), "a tflite": (whole("network.tflite"), unread)}


def litert() -> Mapping[str, tuple[bytes, str]]:
    unread = UNREAD.format("tflite", "LiteRT")
    return {
        "cut": (half("network.tflite"), r"n\.tflite"),
        "an onnx": (whole("network.onnx"), unread),
        "empty": (b"", unread),
    }


def torch_export() -> Mapping[str, tuple[bytes, str]]:
    unread, no_archive = UNREAD.format("pt2", "PyTorch"), "n.pt2: it is no archive of torch.export.save"
    changed = {"weights_config.json": files.pickled_weight, "weights/weight_0": files.SHOUT}
    huge = {"weights_config.json": in_json('"as_int": 16', f'"as_int": {10**15}')}
    return {
        "cut": (half("network.pt2"), no_archive),
        "text": (b"import os", no_archive),
        "TorchScript": (whole("network.pt"), unread),
        "a pickled weight": (copied("network.pt2", changed), unread),
        "a pickled sample": (copied("network.pt2", {"sample_inputs/model.pt": files.SHOUT}), unread),
        "a pickled constant": (
            copied("network.pt2", {"data/constants/opaque_obj_0": files.SHOUT}),
            "n.pt2: it holds the pickled object network/data/constants/opaque_obj_0; export a model",
        ),
        "a huge weight": (copied("network.pt2", huge), unread),
    }


def torchscript() -> Mapping[str, tuple[bytes, str]]:
    no_archive = "n.pt: it is no archive of TorchScript; save it with"
    return {
        "cut": (half("network.pt"), no_archive),
        "a pickle": (files.SHOUT, no_archive),
        "weights": (whole("weights.pt"), r"n.pt: it holds pickled weights and no program.*as \.pt2"),
        "torch.export": (whole("network.pt2"), r"n.pt: it was saved by torch.export.save; call it \.pt2"),
        "pickled code": (
            copied("network.pt", {"/data.pkl": files.SHOUT}),
            UNREAD.format("pt", "TorchScript"),
        ),
    }


def jax_export() -> Mapping[str, tuple[bytes, str]]:
    unread = UNREAD.format("stablehlo", "JAX")
    module = "n.stablehlo: it holds a StableHLO module alone.*serialize"
    return {
        "cut": (half("network.stablehlo"), unread),
        "text": (b"module @jit_f {}", module),
        "empty": (b"", unread),
    }


def openvino() -> Mapping[str, tuple[bytes, str]]:
    missing = "n.xml: its weights are not beside it; give the folder with it and n.bin"
    return {
        "without weights": (whole("network/network.xml"), missing),
        "other XML": (b"<html></html>", UNREAD.format("xml", "OpenVINO")),
        "entities of entities": (files.LAUGHS.encode(), "n.xml: it holds no network"),
    }


def gguf() -> Mapping[str, tuple[bytes, str]]:
    unread = UNREAD.format("gguf", "llama.cpp")
    return {"cut": (half("alphabet.gguf"), unread), "text": (b"GGUF is what it says", unread)}


def skops() -> Mapping[str, tuple[bytes, str]]:
    unread = UNREAD.format("skops", "scikit-learn")
    program = {"schema.json": in_json('"MLPRegressor"', '"Popen"')}
    return {
        "cut": (half("network.skops"), unread),
        "a pickle": (files.SHOUT, unread),
        "a program": (
            copied("network.skops", program),
            "n.skops: it holds types that are not trusted: .*Popen",
        ),
        "a pickled array": (copied("network.skops", {".npy": files.objects()}), unread),
        "a huge array": (
            copied("network.skops", {".npy": files.array_of((10**13,))}),
            f"{unread}|beyond .* of memory|MemoryError",
        ),
    }


KINDS = {
    function.__name__: function
    for function in (onnx, litert, torch_export, torchscript, jax_export, openvino, gguf, skops)
}
ENDINGS = {
    "litert": "tflite",
    "torch_export": "pt2",
    "torchscript": "pt",
    "jax_export": "stablehlo",
    "openvino": "xml",
}


@pytest.mark.parametrize("kind", each(*KINDS))
def test_a_file_that_is_no_model_is_refused_by_name(session: Open, tmp_path: Path, kind: str) -> None:
    file = tmp_path / f"n.{ENDINGS.get(kind, kind)}"
    file.touch()
    entry = entry_at(file, tmp_path / "home")
    opened: Session | None = None
    for case, (data, told) in KINDS[kind]().items():
        file.write_bytes(data)
        if opened is None:
            opened = session(entry, **files.ROOM)
            opened.start()
        with pytest.raises(SubmissionError) as refused:
            opened.load()
            opened.build()
        said = str(refused.value)
        assert re.search(told, said), (case, said)
        assert "pickled code ran" not in opened.log_text(), case
        if not said.startswith("build raised"):
            opened.close()
            opened = None
    if opened:
        opened.close()


BOMBS = {
    "network.pt": "constants.pkl",
    "network.skops": "schema.json",
}


@pytest.mark.slow
@pytest.mark.parametrize("name", BOMBS)
def test_a_file_that_unpacks_to_a_gigabyte_meets_the_cap_on_memory(
    session: Open, tmp_path: Path, name: str
) -> None:
    files.bomb(name, BOMBS[name], tmp_path / name)
    entry = entry_at(tmp_path / name, tmp_path / "home")
    room = {**files.ROOM, "memory_mb": 900}
    with session(entry, **room) as opened, pytest.raises(SubmissionOutOfMemory, match=r"build .*900 MB"):
        files.begin(opened)
