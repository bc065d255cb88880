"""The stock environments: lock files that ship, each built where a submission first wants it."""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from harness import ROOT
from harness.environments import build, index, pythons
from harness.environments.lockfile import Lock
from harness.spec import Environment, OwnEnvironments, Progress
from harness.spec.errors import InvalidSubmission, NotAvailable, UnknownName

STORE, REPLACED = "PHOTOFINISH_ENVIRONMENTS", "PHOTOFINISH_WORKER"
"""Variables of the environment: the folder of the stock environments, and one to use instead of them all."""
LOCKS = ROOT / "requirements"
_PINNED = re.compile(r"^([a-z0-9-]+)==", re.MULTILINE)


@dataclass(frozen=True)
class Stock:
    """A stock environment: what it holds, for people, and about how many MB it takes once it is made."""

    name: str
    holds: str
    about_mb: int


_ALL = (
    Stock("lite", "NumPy, SciPy, OpenCV, LiteRT, ONNX Runtime, OpenVINO, Arrow", 900),
    Stock("tabular", "scikit-learn, skops, LightGBM, XGBoost, pandas, NumPy, SciPy, OpenCV, Arrow", 700),
    Stock("jax", "JAX, NumPy, SciPy, OpenCV, pandas, Arrow", 1030),
    Stock("torch", "PyTorch for the CPU, NumPy, SciPy, OpenCV, pandas, Arrow", 1500),
    Stock(
        "tensorflow",
        "TensorFlow, Keras, LiteRT, ONNX Runtime, onnx, Numba, River, Zig's C compiler, NumPy, SciPy, "
        "OpenCV, pandas, Arrow",
        3470,
    ),
)
STOCK: Mapping[str, Stock] = {stock.name: stock for stock in _ALL}
"""Every stock environment by its name, the smallest first."""
DEFAULT = _ALL[0].name


def replaced() -> Path | None:
    """Return the folder that ``PHOTOFINISH_WORKER`` names instead of all stock environments."""
    named = os.environ.get(REPLACED)
    return Path(named).absolute() if named else None


def store() -> Path:
    """Return the folder that holds the stock environments: ``PHOTOFINISH_ENVIRONMENTS`` or ``.venv``."""
    return Path(os.environ.get(STORE) or ROOT / ".venv").absolute()


def packages(name: str) -> frozenset[str]:
    """Return the packages of a stock environment by their normalized names. Raises UnknownName."""
    return _pinned(_lock(name).file)


@cache
def _pinned(lock: Path) -> frozenset[str]:
    return frozenset(_PINNED.findall(lock.read_text()))


def found(name: str) -> Environment | None:
    """Return a stock environment where it has been made. Raises UnknownName."""
    return build.found(name, _lock(name), pythons.own(), store())


def made(name: str, progress: Progress) -> Environment:
    """Return a stock environment, made now where it has not been. ``.venv/NAME`` leads to the latest.

    Raises UnknownName; NotAvailable where it cannot be made, with the reason.
    """
    there = found(name)
    if there:
        return there
    rules = OwnEnvironments(sources=_sources(), most_mb=20_000, most_packages=1000)
    try:
        environment = build.built(name, _lock(name), pythons.own(), rules, store(), progress)
        _lead_to(environment, store() / name)
    except (InvalidSubmission, NotAvailable) as error:
        raise NotAvailable(
            f"the stock environment '{name}' cannot be made: {error}; {index.SOURCES} can name other sources"
        ) from None
    except OSError as error:
        raise NotAvailable(
            f"the stock environment '{name}' cannot be made in {store()}: {error.strerror or error}; make "
            f"room (it takes about {STOCK[name].about_mb:,} MB), or name another folder with {STORE}"
        ) from None
    return environment


def _lock(name: str) -> Lock:
    if name not in STOCK:
        raise UnknownName("stock environment", name, STOCK)
    return Lock(LOCKS / f"{name}.lock")


def _sources() -> tuple[str, ...]:
    """Return where packages come from: what pip uses here by its variables, PyPI, and PyTorch's index."""
    folders = [place for place in os.environ.get("PIP_FIND_LINKS", "").split() if Path(place).is_dir()]
    return (*folders, *os.environ.get("PIP_INDEX_URL", "").split(), *OwnEnvironments().sources)


def _lead_to(environment: Environment, link: Path) -> None:
    """Let a link with the plain name lead to an environment, for people who start its Python by hand.

    Each process makes a link of its own first: several may do this at once.
    """
    new = link.with_name(f".{environment.name}.{secrets.token_hex(8)}")
    new.symlink_to(environment.folder.name)
    try:
        new.replace(link)
    finally:
        new.unlink(missing_ok=True)
