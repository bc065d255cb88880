"""The modules that Kaggle's code imports: ``greatbarrierreef`` and everything below ``kaggle_evaluation``."""

from __future__ import annotations

import sys
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

from .kaggle_loop import Environment, InferenceServer, Loop

LOOP, SERVER = "greatbarrierreef", "kaggle_evaluation"


class _Finder(MetaPathFinder, Loader):
    """Finds both modules before any that is installed."""

    def __init__(self, loop: Loop) -> None:
        self._loop = loop
        self._made = False

    def find_spec(self, name: str, *_: object) -> ModuleSpec | None:
        """Return where a module comes from; None for every other one."""
        first = name.partition(".")[0]
        return ModuleSpec(name, self, is_package=True) if first in {LOOP, SERVER} else None

    def create_module(self, _: ModuleSpec) -> ModuleType | None:
        """Let Python make an empty module."""
        return None

    def exec_module(self, module: ModuleType) -> None:
        """Fill a module: an inference server goes by any name that ends so."""
        if module.__name__.startswith(LOOP):
            module.make_env = self._make_env  # type: ignore[attr-defined]
            return
        server = type("InferenceServer", (InferenceServer,), {"loop": self._loop})

        def named(name: str) -> Any:
            if name.endswith("InferenceServer"):
                return server
            raise AttributeError(f"module '{module.__name__}' has no attribute '{name}'")

        module.__getattr__ = named  # type: ignore[method-assign]

    def _make_env(self) -> Environment:
        if self._made:
            raise Exception("You can only call `make_env()` once.")
        self._made = True
        return Environment(self._loop)


def install(loop: Loop) -> None:
    """Let both modules be imported."""
    sys.meta_path.insert(0, _Finder(loop))
