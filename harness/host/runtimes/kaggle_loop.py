"""A Kaggle notebook or script for the starfish challenge, as it is: it fetches its own test samples."""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

from ..kaggle_loop import Loop
from ..kaggle_modules import LOOP, SERVER, install
from . import Runtime

RUNTIME = Runtime(
    "Kaggle loop",
    endings=(".ipynb",),
    marker="notebook.ipynb",
    packages=("numpy", "pandas", "opencv-python-headless"),
    modules=("pandas",),
    imports=(LOOP, SERVER),
)
_MAGIC = re.compile(r"^(\s*)([%!?].*)$", re.MULTILINE)


def load(path: str, context: SimpleNamespace) -> Callable[[Any], Any]:
    """Run the code to its first test sample and return ``model(x)``, which answers with boxes (n, 5)."""
    loop = Loop()
    install(loop)
    os.environ["KAGGLE_IS_COMPETITION_RERUN"] = "1"
    os.chdir(context.workdir)
    sys.path.append(os.path.dirname(path))
    sys.argv = [path]
    loop.begin(lambda: _run(path))

    def model(x: Any) -> Any:
        if "frame" not in x:
            raise TypeError("Kaggle's loops of the starfish challenge answer the task cots alone")
        return loop.ask(x["frame"])

    return model


def _run(path: str) -> None:
    """Run a script, or the code cells of a notebook one after another, in one namespace."""
    names = {"__name__": "__main__", "__file__": path, "display": print}
    for name, source in _cells(path):
        exec(compile(source, name, "exec"), names)


def _cells(path: str) -> list[tuple[str, str]]:
    """Return name and source of each piece of code. Shell and magic commands are left out, and named."""
    with open(path, encoding="utf-8") as file:
        text = file.read()
    if not path.endswith(".ipynb"):
        return [(path, text)]
    try:
        cells = [cell for cell in json.loads(text)["cells"] if cell["cell_type"] == "code"]
        sources = ["".join(cell["source"]) for cell in cells]
    except (ValueError, LookupError, TypeError) as error:
        raise SyntaxError(f"this is not a Jupyter notebook: {error!r}") from None
    named = []
    for number, source in enumerate(sources, start=1):
        for _, command in _MAGIC.findall(source):
            print(f"cell {number}: '{command}' is not run here")
        if source.lstrip().startswith("%%"):
            continue
        named.append((f"{path}[cell {number}]", _MAGIC.sub(r"\1pass", source)))
    return named
