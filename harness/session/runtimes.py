"""The runtimes that submissions can be written for, as ``harness/host/runtimes`` declares them."""

from __future__ import annotations

import importlib
import re
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from harness.host import runtimes as declared
from harness.host.runtimes import Runtime
from harness.spec import Profile
from harness.spec.errors import UnknownName

_IMPORT = re.compile(rb"^[ \t]*(?:import|from)[ \t]+([A-Za-z_]\w*)", re.MULTILINE)

_PICKLED = "pickles are not loaded; save the estimator with skops.io.dump as .skops, or convert it to .onnx"
_WEIGHTS = "it holds weights and no program; save the program with torch.export.save as .pt2"
_LOADED = "it holds weights alone; ship a submission.py that loads them"
_INSTEAD = {
    **dict.fromkeys((".pth", ".ckpt"), _WEIGHTS),
    **dict.fromkeys((".pkl", ".pickle", ".joblib"), _PICKLED),
    **dict.fromkeys((".safetensors", ".npz", ".npy"), _LOADED),
    **dict.fromkeys((".h5", ".hdf5"), "save the network as .keras, with network.save"),
    ".pb": "give the whole folder of its SavedModel",
    ".mlir": "save what jax.export.export(function)(...).serialize() returns as .stablehlo",
}
"""What to do with files that people take for models and no runtime runs."""


def runtimes() -> Mapping[str, Runtime]:
    """Every runtime by its name, which is that of its file; Python first, the others by name."""
    names = {file.stem for folder in declared.__path__ for file in Path(folder).glob("[!_]*.py")}
    ordered = sorted(names, key=lambda name: (name != "python", name))
    return {name: importlib.import_module(f"{declared.__name__}.{name}").RUNTIME for name in ordered}


def runtime(kind: str) -> Runtime:
    """The runtime of a kind of submission. Raises UnknownName."""
    known = runtimes()
    if kind not in known:
        raise UnknownName("kind of submission", kind, known)
    return known[kind]


def is_model_file(kind: str) -> bool:
    """Whether submissions of a kind are model files, without code of their own. Raises UnknownName."""
    value = runtime(kind)
    return bool(value.modules) and not value.imports


def kind_of(path: Path) -> str | None:
    """The kind of the submission at ``path``, seen from outside; None where it is none."""
    imported = _imports(path) if path.suffix == ".py" and path.is_file() else set()
    for name, value in runtimes().items():
        if imported.intersection(value.imports):
            return name
    if path.is_dir():
        for name, value in runtimes().items():
            if value.marker and (path / value.marker).is_file():
                return name
        model = _only_model(path)
        return kind_of(model) if model else None
    return next((name for name, value in runtimes().items() if path.suffix in value.endings), None)


def main_file(path: Path, kind: str) -> Path:
    """The file that the host is given of a submission at ``path``: itself, its marker or its only model."""
    if not path.is_dir():
        return path
    marked = path / runtime(kind).marker
    return marked if marked != path else _only_model(path) or path


def _only_model(folder: Path) -> Path | None:
    """The only file in a folder that a runtime without a marker runs; None where there are none or more."""
    endings = {ending for value in runtimes().values() if not value.marker for ending in value.endings}
    models = [file for file in folder.iterdir() if file.suffix in endings and file.is_file()]
    return models[0] if len(models) == 1 else None


def _imports(path: Path) -> set[str]:
    """Return the packages that a Python file imports, as its lines say; nothing where it cannot be read."""
    with suppress(OSError):
        return {found.decode() for found in _IMPORT.findall(path.read_bytes())}
    return set()


def runs(profile: Profile, kind: str) -> bool:
    """Whether a profile runs submissions of a kind. Raises UnknownName where there is no such kind."""
    return kind in profile.kinds if profile.kinds else not runtime(kind).page


def instead(path: Path) -> str:
    """What to submit instead of a path that is none, for a message."""
    known = _INSTEAD.get(path.suffix.lower())
    return known or f"give {accepted()}, or an archive (.zip, .tar.gz) of one of these"


def accepted() -> str:
    """What a submission may be, for a message: endings of files and markers of folders."""
    values = runtimes().values()
    endings = sorted(ending for value in values for ending in value.endings)
    markers = sorted(value.marker for value in values if value.marker)
    return f"a file ({', '.join(endings)}) or a folder with {', '.join(markers)} or one model file"
