"""Load a submission that is a model file: import what runs it, and say in one line why it cannot be run."""

from __future__ import annotations

import importlib
import os
from types import SimpleNamespace
from typing import Any

from .runtimes import NotAModel, Runtime


def import_modules(runtime: Runtime) -> None:
    """Import the modules of a runtime. Raises NotAModel where the environment has no package for them."""
    try:
        for name in runtime.modules:
            importlib.import_module(name)
    except ModuleNotFoundError as error:
        raise NotAModel(
            f"its environment has no '{error.name}', which {runtime.title} needs; put the file into a folder "
            "with a lock file that names it (docs/submissions.md)"
        ) from None


def load(adapter: Any, path: str, context: SimpleNamespace) -> Any:
    """Return ``model(x)``. Raises NotAModel where the runtime cannot load the file."""
    name, runtime = os.path.basename(path), adapter.RUNTIME
    if not runtime.imports:  # what a library that crashes leaves as the last line
        print(f"loading {name} by {runtime.title}; if nothing follows, it is damaged: export it again")
    try:
        return adapter.load(path, context)
    except NotAModel as error:
        raise NotAModel(f"{name}: {error}") from None
    except Exception as error:
        if runtime.imports or isinstance(error, MemoryError):  # its own code failed, or too little memory
            raise
        lines = [line for line in str(error).splitlines() if line and not line.startswith("Exception from")]
        line = lines[0].replace(str(path), name)[:160] if lines else ""
        reason = f"{type(error).__name__}: {line}" if line else type(error).__name__
        raise NotAModel(
            f"{name} cannot be loaded by {runtime.title} ({reason}); "
            "it may be damaged or made for another version: export it again"
        ) from error
