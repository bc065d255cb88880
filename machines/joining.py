"""How a Ray cluster for evaluations is begun, and how a machine joins it."""

from __future__ import annotations

import importlib.util
import json
import os
import secrets
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NoReturn

from harness import ROOT
from harness.files import draw_once
from harness.spec.errors import NotAvailable

MACHINE = "photofinish_machine"
"""The Ray resource of which each machine has one: a machine evaluates one submission at a time."""
PROFILES, HOME = "PHOTOFINISH_PROFILES", "PHOTOFINISH_HOME"
_STORE_BYTES = 200_000_000


def token_file(home: Path) -> Path:
    """Return the file with the token that every machine of a cluster shows to the others."""
    return home / "machines" / "ray.token"


def authentication(home: Path) -> Mapping[str, str]:
    """Return the environment with which Ray asks for the token and shows it."""
    return {
        "RAY_AUTH_MODE": "token",
        "RAY_AUTH_TOKEN_PATH": str(token_file(home)),
        "RAY_USAGE_STATS_ENABLED": "0",
    }


def start_head(home: Path, address: str) -> NoReturn:
    """Become the head of a new cluster at ``HOST:PORT``; its token is drawn where there is none."""
    host, _, port = address.rpartition(":")
    draw_once(token_file(home), lambda: secrets.token_hex(32))
    words = ["--head", f"--node-ip-address={host}", f"--port={port}", "--include-dashboard=false"]
    _become_node(words, authentication(home))


def join(home: Path, address: str, profiles: Sequence[str]) -> NoReturn:
    """Become a machine of the cluster at ``HOST:PORT``.

    Raises NotAvailable where the cluster's token is not in the home, or Ray is not installed.
    """
    file = token_file(home)
    if not file.exists():
        raise NotAvailable(f"the token of the cluster is missing; copy it from the head to {file}")
    environment = {"PYTHONPATH": str(ROOT), HOME: str(home), PROFILES: ",".join(profiles)}
    environment["RAY_worker_niceness"] = "0"  # what is timed has the priority that it has without Ray
    # A job finds the process of the last one: with no cores of Ray's count, Ray would end it after a second.
    environment["RAY_num_workers_soft_limit"] = "2"
    offered = json.dumps({MACHINE: 1})
    _become_node([f"--address={address}", f"--resources={offered}"], {**authentication(home), **environment})


def _become_node(words: Sequence[str], environment: Mapping[str, str]) -> NoReturn:
    """Replace this process by one of Ray's, which ends with all its children on Ctrl-C."""
    if importlib.util.find_spec("ray") is None:
        raise NotAvailable("Ray is not installed here; docs/machines.md says how it is added")
    command = [sys.executable, "-m", "ray.scripts.scripts", "start", "--block", "--num-cpus=0"]
    command += ["--disable-usage-stats", f"--object-store-memory={_STORE_BYTES}", *words]
    os.execve(sys.executable, command, {**os.environ, **environment})
