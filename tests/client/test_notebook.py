"""The client in a clean environment, beside the package ``datasets``: installed from its folder, and used."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import uvicorn

from leaderboards.web.app import create_app
from tests.leaderboards.web.site import Site

ROOT = Path(__file__).parents[2]
NOTEBOOK = ROOT / "client" / "example.ipynb"
EXECUTE = """
import sys, nbclient, nbformat
notebook = nbformat.read(sys.argv[1], 4)
nbclient.NotebookClient(notebook, timeout=300).execute()
nbformat.write(notebook, sys.argv[2])
"""
pytestmark = pytest.mark.slow


@pytest.fixture
def address(site: Site) -> Iterator[str]:
    """A small home, served on a free port."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        server = uvicorn.Server(uvicorn.Config(create_app(site.home), log_level="warning"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        server.should_exit = True
        thread.join(timeout=20)


@pytest.fixture
def python(tmp_path: Path) -> Path:
    """A new environment with the client, ``datasets`` and Jupyter's kernel; skipped without a registry."""
    folder = tmp_path / "environment"
    subprocess.run([sys.executable, "-m", "venv", folder], check=True)
    python = folder / "bin" / "python"
    copied = shutil.copytree(ROOT / "client", tmp_path / "client")  # a build leaves files beside the sources
    wanted = [str(copied), "datasets", "nbclient", "nbformat", "ipykernel"]
    done = subprocess.run(
        [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *wanted],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    if "No matching distribution" in done.stderr or "NewConnectionError" in done.stderr:
        pytest.skip("no package registry can be reached")
    assert done.returncode == 0, done.stderr
    return python


def test_the_notebook_runs_beside_the_package_datasets(python: Path, address: str, tmp_path: Path) -> None:
    work = tmp_path / "work"
    work.mkdir()
    shutil.copy(NOTEBOOK, work)
    environment = {
        **os.environ,
        "PHOTOFINISH_SERVER": address,
        "PHOTOFINISH_CHECKOUT": str(ROOT),
        "PHOTOFINISH_NOTEBOOK_HOME": str(tmp_path / "notebook-home"),
        "HF_HUB_OFFLINE": "1",
    }
    command = [python, "-c", EXECUTE, NOTEBOOK.name, "done.ipynb"]
    done = subprocess.run(command, cwd=work, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    cells = [
        cell for cell in json.loads((work / "done.ipynb").read_text())["cells"] if cell["cell_type"] == "code"
    ]
    assert len(cells) == 7
    assert all(cell["outputs"] for cell in cells)
    shown = json.dumps(cells)
    assert "tracked" in shown
    assert "<table>" in shown
    assert "Dataset({" in shown
    if keep := os.environ.get("PHOTOFINISH_KEEP_NOTEBOOK"):
        shutil.copy(work / "done.ipynb", keep)


def test_the_shipped_notebook_was_run() -> None:
    cells = [cell for cell in json.loads(NOTEBOOK.read_text())["cells"] if cell["cell_type"] == "code"]
    assert all(cell["outputs"] and cell["execution_count"] for cell in cells)
    assert not [output for cell in cells for output in cell["outputs"] if output["output_type"] == "error"]
