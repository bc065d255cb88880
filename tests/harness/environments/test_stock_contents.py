"""What is in each stock environment: all that the documentation names is there and can be imported."""

from __future__ import annotations

import json
import re
import subprocess

import pytest

from harness import ROOT
from harness.environments import stock

COMMON = ("numpy", "scipy.signal", "cv2", "pyarrow")
MODULES = {
    "lite": (*COMMON, "ai_edge_litert.interpreter", "onnxruntime", "openvino"),
    "tabular": (*COMMON, "sklearn.linear_model", "skops.io", "lightgbm", "xgboost", "pandas"),
    "jax": (*COMMON, "jax.numpy", "jax.export", "flatbuffers", "pandas"),
    "torch": (*COMMON, "torch", "torch.export", "pandas"),
    "tensorflow": (
        *(*COMMON, "tensorflow", "keras", "ai_edge_litert.interpreter", "onnxruntime", "onnx"),
        *("numba", "river.drift", "ziglang", "pandas"),
    ),
}
TRY = """
import importlib, json, sys
for name in json.loads(sys.argv[1]):
    importlib.import_module(name)
"""


def test_the_documentation_names_each_with_what_is_in_it() -> None:
    page = (ROOT / "docs" / "submissions.md").read_text()
    table = dict(re.findall(r"^\| `(\w+)` \| (.+) \| [\d,]+ MB \|$", page, re.MULTILINE))
    assert table == {name: value.holds for name, value in stock.STOCK.items()}
    assert MODULES.keys() == stock.STOCK.keys()


@pytest.mark.slow
@pytest.mark.parametrize("name", stock.STOCK)
def test_everything_in_it_can_be_imported(name: str) -> None:
    made = stock.found(name)
    if made is None:
        pytest.skip(f"'make environments' could not make {name} here")
    command = [made.python, "-I", "-c", TRY, json.dumps(MODULES[name])]
    told = subprocess.run(command, capture_output=True, text=True, check=False)
    assert told.returncode == 0, told.stderr[-1500:]
    size_mb = made.size / 1e6
    assert 0.7 < size_mb / stock.STOCK[name].about_mb < 1.3, f"say in STOCK that it takes {size_mb:,.0f} MB"
