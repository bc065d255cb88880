"""One file a runtime: RUNTIME says what the harness must know, ``load(path, context)`` returns the model.

The harness reads RUNTIME in its own environment, where no runtime is installed; the host imports the same
file inside the sandbox, where this folder belongs to a package of another name. So ``load`` imports the
packages of its runtime itself, and what is ours is imported by relative names.
"""

from __future__ import annotations

from typing import NamedTuple


class NotAModel(Exception):
    """A file that a runtime cannot run as it is; the text says why and what to change."""


class Runtime(NamedTuple):
    """One kind of submission: how its files are recognised and what runs them.

    ``endings`` are those of its files; a folder is of this kind where it holds the file ``marker``, and
    ``load`` gets the path of that file. ``packages`` of the worker's environment are listed with their
    versions by records and by ``doctor``. ``modules`` are what ``load`` imports: the host imports them in the
    phase ``import``, so that their time is not the build's. With ``page`` a submission runs in a page of
    Chromium, without it in a process of the worker's Python. A Python file that imports one of
    ``imports`` is of this kind, too.

    A folder without a marker is of the kind of the only file in it that has an ending of a runtime without
    a marker: weights, labels or a lock file may lie beside a model file.
    """

    title: str
    endings: tuple[str, ...] = ()
    marker: str = ""
    packages: tuple[str, ...] = ()
    modules: tuple[str, ...] = ()
    page: bool = False
    imports: tuple[str, ...] = ()
