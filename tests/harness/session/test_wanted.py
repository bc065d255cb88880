"""Which stock environment a submission wants, seen from outside."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from harness.environments import stock
from harness.intake.lookup import find_task, inspect, named_entries, shipped_names, task_names
from harness.session.wanted import _imported, package_of, wanted
from harness.spec import Limits
from harness.spec.errors import InvalidSubmission

BUILD = "\ndef build(context):\n    return lambda x: x\n"
WANTED = {
    "": "lite",
    "import numpy as np, cv2, scipy.ndimage": "lite",
    "from ai_edge_litert.interpreter import Interpreter": "lite",
    "import torch": "torch",
    "import os, torch.nn as nn": "torch",
    "import os; import torch": "torch",
    "from torch.utils.data import (\n  DataLoader)": "torch",
    "def later():\n    import jax.numpy as jnp": "jax",
    "import sklearn.linear_model": "tabular",
    "import pandas": "tabular",
    "import pandas\nimport torch": "torch",
    "import lightgbm": "tabular",
    "from xgboost import XGBRegressor": "tabular",
    "import tensorflow as tf": "tensorflow",
    "from tensorflow import keras": "tensorflow",
    "import keras": "tensorflow",
    "import numba": "tensorflow",
    "import importlib.util; importlib.util.find_spec('ziglang')": "tensorflow",
    'keras = importlib.import_module("keras.layers")': "tensorflow",
    "import nobody_has_this": "lite",
    "# import torch": "lite",
    "from . import torch": "lite",
    "import torchvision": "lite",
    'STOCK_ENVIRONMENT = "jax"': "jax",
    "import tensorflow\nSTOCK_ENVIRONMENT = 'lite'  # it is not needed": "lite",
    '    STOCK_ENVIRONMENT = "jax"': "lite",
    "import os\n" + "(" * 200_000 + "\nimport jax": "jax",
}


@pytest.mark.parametrize("source", WANTED, ids=lambda source: source[:40].replace("\n", " "))
def test_a_file_wants_what_it_imports_or_names(source: str, tmp_path: Path) -> None:
    entry = tmp_path / "entry.py"
    entry.write_text(source + BUILD)
    assert wanted(inspect(entry, Limits(), tmp_path / "entries")) == WANTED[source]


def test_a_name_that_no_stock_environment_has_is_refused(tmp_path: Path) -> None:
    entry = tmp_path / "entry.py"
    entry.write_text("STOCK_ENVIRONMENT = 'pytorch'" + BUILD)
    with pytest.raises(InvalidSubmission, match=r"entry.py wants .* 'pytorch'; there are lite, .*lock file"):
        wanted(inspect(entry, Limits(), tmp_path / "entries"))


def test_all_files_of_a_folder_count_but_not_its_own_modules(tmp_path: Path) -> None:
    (tmp_path / "submission.py").write_text("import network, pandas" + BUILD)
    (tmp_path / "pandas.py").touch()
    (tmp_path / "network").mkdir()
    (tmp_path / "network" / "layers.py").write_text("import jax")
    (tmp_path / "folder.py").mkdir()
    assert wanted(inspect(tmp_path, Limits(), tmp_path.parent / "entries")) == "jax"
    (tmp_path / "network" / "layers.py").write_text("STOCK_ENVIRONMENT = 'torch'")
    assert wanted(inspect(tmp_path, Limits(), tmp_path.parent / "entries")) == "lite"


def test_a_notebook_wants_pandas_and_what_its_cells_import(tmp_path: Path) -> None:
    notebook = tmp_path / "notebook.ipynb"
    for source, name in ((["import cv2\n"], "tabular"), (["import cv2\n", "import torch"], "torch")):
        cells = [{"cell_type": "code", "source": source}, {"cell_type": "markdown", "source": "import jax"}]
        notebook.write_text(json.dumps({"cells": cells}))
        assert wanted(inspect(notebook, Limits(), tmp_path / "entries")) == name
    for damaged in ("[" * 100_000, "{}", '{"cells": 3}', '{"cells": [{"cell_type": "code", "source": 1}]}'):
        notebook.write_text(damaged)
        assert wanted(inspect(notebook, Limits(), tmp_path / "entries")) == "tabular"


@pytest.mark.parametrize(
    ("file", "name"),
    [("m.tflite", "lite"), ("m.onnx", "lite"), ("m.keras", "tensorflow"), ("submission.js", "lite")],
)
def test_a_bare_model_wants_what_its_runtime_needs(file: str, name: str, tmp_path: Path) -> None:
    (tmp_path / file).touch()
    path = tmp_path if file == "submission.js" else tmp_path / file
    assert wanted(inspect(path, Limits(), tmp_path.parent / "entries")) == name


@pytest.mark.parametrize("name", task_names())
def test_every_shipped_entry_finds_what_it_imports(name: str) -> None:
    task = find_task(name)
    entries = named_entries(task)
    for path in (entries[entry] for entry in shipped_names(task)):
        submission = inspect(path, Limits(submission_mb=1000), path)
        known = {package for other in stock.STOCK for package in stock.packages(other)}
        assert known & _imported(submission) <= stock.packages(wanted(submission)), path


def test_modules_are_named_after_their_packages_but_for_a_few() -> None:
    assert [package_of(module) for module in ("cv2", "sklearn.svm", "ai_edge_litert", "numpy")] == [
        "opencv-python-headless", "scikit-learn", "ai-edge-litert", "numpy",
    ]  # fmt: skip
