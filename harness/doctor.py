"""Find what this machine has: isolation, runtimes, profiles, credentials, and what to install for more."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from harness.environments import stock
from harness.probes import availability, gpu, machine
from harness.sandbox import all_backends
from harness.session import cores_awake
from harness.session.runtimes import runtimes
from harness.session.wanted import holding
from harness.session.worker import browser, worker
from harness.spec import PROFILES
from harness.spec.errors import BadData, NotAvailable


@dataclass(frozen=True)
class Check:
    """The state of one part of this machine; ``good`` is None where something optional is missing."""

    part: str
    state: str
    good: bool | None


def checks(home: Path) -> Iterator[Check]:
    """Check every part, the machine first; ``home`` is the folder with records and data."""
    facts = machine.machine()
    yield Check(
        "machine", f"{facts['cpu']}, {facts['cores']} cores, {facts['memory_mb']} MB, {facts['system']}", True
    )
    yield from _isolation()
    yield _clock()
    yield from _environments()
    yield from _runtimes()
    gpus = gpu.names()
    yield Check("gpu", ", ".join(gpus) or "none", True if gpus else None)
    yield _browser()
    yield from _profiles()
    yield _kaggle()
    yield Check("home", f"{home} ({'there' if home.exists() else 'made on the first run'})", True)


def _clock() -> Check:
    if cores_awake.allowed():
        return Check("clock", "cores are kept awake while something is timed", True)
    return Check("clock", "cores may sleep between queries; run as root for steadier times", None)


def _browser() -> Check:
    """Chromium, and a sandbox with a network of its own to put it in."""
    try:
        chromium = browser()
    except NotAvailable as error:
        return Check("browser", str(error), None)
    walled = next(backend for backend in all_backends() if backend.safe and backend.loopback)
    if missing := walled.missing():
        return Check("browser", f"Chromium {chromium.version}, which needs {walled.name}: {missing}", None)
    return Check("browser", f"Chromium {chromium.version} ({chromium.program})", True)


def _isolation() -> Iterator[Check]:
    works = False
    for backend in all_backends():
        missing = backend.missing()
        name = f"isolation {backend.level}"
        if missing:
            yield Check(name, f"{backend.name}: {missing}", None)
            continue
        chosen = "" if works else " (chosen)"
        works = works or backend.safe
        walls = "; ".join(f"{wall}: {mechanism}" for wall, mechanism in backend.details().items())
        yield Check(name, f"{backend.name}{chosen} {walls}", True if backend.safe else None)
    if not works:
        yield Check("isolation", "no backend is safe: runs will not rank; apt-get install bubblewrap", False)


def _environments() -> Iterator[Check]:
    """Each stock environment with its size, or the one that replaces them all."""
    if stock.replaced():
        try:
            python = worker().python
            yield Check("environment", f"{python} instead of the stock ones ({stock.REPLACED})", True)
        except NotAvailable as error:
            yield Check("environment", str(error), False)
        return
    for name, value in stock.STOCK.items():
        try:
            made = stock.found(name)
        except BadData as error:
            yield Check("environment", f"{name}: {error}", False)
            continue
        state = f"{made.size / 1e6:,.0f} MB" if made else f"made on first use, about {value.about_mb:,} MB"
        yield Check("environment", f"{name} ({value.holds}): {state}", True if made else None)


def _runtimes() -> Iterator[Check]:
    """Each runtime with the versions of its packages; one in a page is listed as the browser."""
    for runtime in runtimes().values():
        if runtime.page:
            continue
        files = ", ".join((*runtime.endings, *([runtime.marker] if runtime.marker else [])))
        name = holding(frozenset(runtime.packages))
        installed = _installed(name)
        missing = sorted({*runtime.packages} - {*(stock.packages(name) if installed is None else installed)})
        states = [f"{one} {(installed or {}).get(one, '')}".strip() for one in runtime.packages]
        if missing:
            states = [f"{', '.join(missing)} is in no environment here; docs/runtimes.md says what to do"]
        elif installed is None:
            states.append(f"in the environment {name}, which is made on first use")
        good = None if missing or installed is None else True
        yield Check("runtime", f"{runtime.title} ({files}): {', '.join(states)}", good)


def _installed(name: str) -> Mapping[str, str] | None:
    """Return the version of each package in a stock environment, None where it has not been made."""
    try:
        return machine.worker_packages(worker(name))
    except (BadData, NotAvailable):
        return None


def _profiles() -> Iterator[Check]:
    for profile in PROFILES.values():
        missing = availability.missing(profile)
        yield Check("profile", f"{profile.name}: {missing or profile.title}", None if missing else True)


def _kaggle() -> Check:
    keys = ("KAGGLE_API_TOKEN", "KAGGLE_KEY")
    files = (Path.home() / ".kaggle" / "kaggle.json", Path.home() / ".kaggle" / "access_token")
    if any(key in os.environ for key in keys) or any(path.exists() for path in files):
        return Check("kaggle", "credentials found", True)
    return Check("kaggle", "no credentials (only '--data full' of cots needs them)", None)
