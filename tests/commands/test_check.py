"""``check`` finds what is wrong in a submission, says what to do, and measures nothing."""

from __future__ import annotations

import re
import textwrap
import zipfile
from pathlib import Path

import pytest
import typer

from commands.checking import check
from harness import ROOT
from harness.environments import stock
from harness.spec.errors import PhotofinishError

TINY = ROOT / "tests" / "fixtures" / "tiny" / "task.py"
HASH = "0" * 64
GOOD = """
    import numpy as np

    def build(context):
        return lambda x: x.argmax()
"""


def entry(folder: Path, source: str = GOOD, **others: str) -> Path:
    """A folder with a submission and other files; ``__`` in their names stands for a dot."""
    folder = folder / "entry"
    folder.mkdir()
    (folder / "submission.py").write_text(textwrap.dedent(source))
    for name, text in others.items():
        (folder / name.replace("__", ".")).write_text(text)
    return folder


def told(capsys: pytest.CaptureFixture[str], path: Path, task: str = str(TINY)) -> str:
    """What ``check`` says of a submission with a mistake."""
    try:
        with pytest.raises(typer.Exit) as end:
            check(path, task)
        assert end.value.exit_code == 2
    except PhotofinishError as error:
        assert error.exit_code == 2
        return str(error)
    return capsys.readouterr().err


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PHOTOFINISH_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("PHOTOFINISH_PACKAGES", raising=False)


SOURCES = {
    "a syntax error": ("def build(context:\n    pass\n", "submission.py, line 1: "),
    "no build": ("def make(context):\n    pass\n", r"submission.py defines no function build\(context\)"),
    "build without its argument": ("def build():\n    pass\n", "line 1: build is called with one argument"),
    "an asynchronous build": ("async def build(context):\n    pass\n", "line 1: build is asynchronous"),
    "a package that is not there": (
        f"import torchx\n{textwrap.dedent(GOOD)}",
        "imports 'torchx': it is not inst",
    ),
    "the harness imported": (f"from harness import spec\n{textwrap.dedent(GOOD)}", "the harness's own code"),
    "an import that raises": (
        f"{textwrap.dedent(GOOD)}\nopen('model.bin')",
        "import raised FileNotFoundError.*line",
    ),
    "a build that raises": (
        "def build(context):\n    return open('/home/me/model')",
        "build raised FileNotFound.*line 2",
    ),
    "a build that returns no model": (
        "def build(context):\n    return 1\n",
        "build.* gave int, which cannot be",
    ),
    "a build that wants the network": (
        "import socket\ndef build(context):\n    socket.create_connection(('127.0.0.1', 80))",
        "build raised .*line 3",
    ),
    "a build that writes beside itself": (
        "def build(context):\n    open(__file__ + '.cache', 'w')",
        "build raised .*(Read-only|denied)",
    ),
    "a model that raises": (
        "def build(context):\n    return lambda x: x['frame']",
        "query raised IndexError.*line 2",
    ),
    "an answer of the wrong shape": (
        "def build(context):\n    return lambda x: x",
        "the answer must be one number",
    ),
    "an answer that is no array": (
        "def build(context):\n    return lambda x: object()",
        "no array of numbers",
    ),
    "an answer that is not finite": (
        "def build(context):\n    return lambda x: float('nan')",
        "the answer is not finite",
    ),
    "a slow model": (
        "import time\ndef build(context):\n    return lambda x: time.sleep(30)",
        "query took longer than the task allows",
    ),
    "too much memory": (
        "import numpy\ndef build(context):\n    return numpy.ones(2_000_000_000).max",
        "build raised MemoryError.*line 3.*the cap is 400 MB",
    ),
}


@pytest.mark.parametrize("mistake", SOURCES)
def test_mistakes_in_the_code_are_found(
    mistake: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source, pattern = SOURCES[mistake]
    assert_found(pattern, told(capsys, entry(tmp_path, source)))


FILES = {
    "requirements without hashes": ({"requirements__txt": "numpy==1.26.4"}, "no --hash=sha256"),
    "packages without a lock": (
        {"pyproject__toml": '[project]\nname = "x"\ndependencies = ["numpy"]'},
        "run 'uv lock'",
    ),
    "a lock without its project": ({"uv__lock": "version = 1"}, "put the pyproject.toml"),
    "a Python that is not here": (
        {"requirements__txt": f"numpy==1.26.4 --hash=sha256:{HASH}", "__python-version": "2.6"},
        "asks for Python ==2.6",
    ),
}


@pytest.mark.parametrize("mistake", FILES)
def test_mistakes_in_the_files_are_found(
    mistake: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files, pattern = FILES[mistake]
    assert_found(pattern, told(capsys, entry(tmp_path, **files)))


def test_mistakes_of_what_is_handed_in_are_found(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert_found("there is no submission at", told(capsys, tmp_path / "nothing.py"))
    weights = tmp_path / "weights.bin"
    weights.touch()
    assert_found("is no submission: give a file", told(capsys, weights))
    folder = entry(tmp_path)
    (folder / "weights.bin").symlink_to(weights)
    assert_found("weights.bin is a link or a device", told(capsys, folder))
    with zipfile.ZipFile(tmp_path / "slip.zip", "w") as archive:
        archive.writestr("../submission.py", "")
    assert_found("holds a path that leads out of it", told(capsys, tmp_path / "slip.zip"))
    (tmp_path / "model.onnx").write_bytes(b"no model")
    for task in (str(TINY), ""):
        said = told(capsys, tmp_path / "model.onnx", task)
        assert_found(r"build raised .*model\.onnx cannot be loaded by ONNX Runtime.*export it again", said)


def assert_found(pattern: str, message: str) -> None:
    assert re.search(pattern, message), message
    assert "Traceback" not in message


def test_several_mistakes_are_told_at_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    message = told(capsys, entry(tmp_path, "import torchx\nimport jaxx\n"))
    assert all(part in message for part in ("'torchx'", "'jaxx'", "defines no function build"))


@pytest.mark.parametrize("task", ["", str(TINY)])
def test_a_submission_without_a_mistake_is_told_so(
    task: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = (
        "try:\n    import torchx\nexcept ImportError:\n    torchx = None\nimport helper\n"
        + textwrap.dedent(GOOD)
    )
    check(entry(tmp_path, source, helper__py="import json"), task)
    said = capsys.readouterr().out
    packages = "the stock packages" if stock.replaced() else "the stock environment lite"
    assert f"entry: no mistake found (python, 0.0 MB, {packages}; start" in said
    assert ("query" in said) == bool(task)
    assert not (tmp_path / "home" / "records").exists()


def test_a_model_that_teaches_must_be_taught(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    teaching = ROOT / "tests" / "fixtures" / "teaching" / "task.py"
    source = "import numpy as np\n\ndef build(context):\n    return lambda x: np.int64(0)\n"
    assert_found(r"has no method update\(x, y\)", told(capsys, entry(tmp_path, source), str(teaching)))
