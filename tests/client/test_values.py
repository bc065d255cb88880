"""The client's values show themselves, and its checkout says in one line what failed."""

from __future__ import annotations

import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CLIENT = ROOT / "client"
RECORD = {
    "id": "0123456789abcdef", "task": "cots", "profile": "cpu", "status": "ok", "message": "",
    "submission": {"name": "<b>mine</b>"}, "validity": {"state": "provisional", "reasons": ["a quick run"]},
    "metrics": {"f2": {"value": 0.5, "low": 0.4, "high": 0.6, "unit": "", "goal": "max"},
                "latency_p99_ms": {"value": None, "low": None, "high": None, "unit": "ms", "goal": "min"}},
}  # fmt: skip


@pytest.fixture(autouse=True)
def installed(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.syspath_prepend(str(CLIENT))
    yield
    for name in [name for name in sys.modules if name.partition(".")[0] == "finishtape"]:
        del sys.modules[name]


def test_it_depends_on_httpx_alone_and_takes_no_name_of_ours() -> None:
    project = tomllib.loads((CLIENT / "pyproject.toml").read_text())["project"]
    assert project["dependencies"] == ["httpx"]
    packages = {path.parent.name for path in CLIENT.glob("*/__init__.py")}
    assert packages == {project["name"]}
    ours = {path.parent.name for path in ROOT.glob("*/__init__.py")} | {"photofinish", "run_bench"}
    assert packages.isdisjoint(ours)


def test_a_record_shows_its_numbers_and_escapes_names() -> None:
    pytest.importorskip("httpx", reason="the client needs httpx; 'make setup' installs it")
    from finishtape import Record

    record = Record(RECORD)
    assert str(record.metrics["f2"]) == "0.5 [0.4, 0.6]"
    assert str(record.metrics["latency_p99_ms"]) == "– ms"
    assert record.reasons == ("a quick run",)
    shown = record._repr_html_()
    assert "&lt;b&gt;mine&lt;/b&gt; on cots (cpu): ok, provisional" in shown
    assert "<b>" not in shown
    assert "<li>a quick run</li>" in shown


def test_a_checkout_returns_an_invalid_record_and_raises_with_the_reason_of_a_refusal(tmp_path: Path) -> None:
    pytest.importorskip("httpx", reason="the client needs httpx; 'make setup' installs it")
    from finishtape import Checkout, Failed

    with pytest.raises(Failed, match="run 'make setup' in it"):
        Checkout(tmp_path)
    python = tmp_path / ".venv" / "harness" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.symlink_to(sys.executable)
    script = tmp_path / "run_bench.py"
    checkout = Checkout(tmp_path, home=tmp_path / "home")
    script.write_text(f"import json, sys\nprint(json.dumps({RECORD!r}))\nprint('noise')\nsys.exit(2)")
    assert checkout.run("cots", "mine.py").id == RECORD["id"]
    script.write_text("import sys\nsys.exit('progress\\nphotofinish: there is no task \"cats\"')")
    for call in (lambda: checkout.run("cats", "mine.py"), lambda: checkout.board("cats")):
        with pytest.raises(Failed, match=r'^there is no task "cats"$'):
            call()
    lines = ["os.environ['PHOTOFINISH_HOME']", "'verdict: slower'", "'a is provisional'"]
    script.write_text("import os, sys\n" + "".join(f"print({line})\n" for line in lines) + "sys.exit(3)")
    compared = checkout.compare("a.py", "b.py")
    assert (compared.verdict, compared.sentences[0]) == ("slower", str(tmp_path / "home"))


def test_what_a_kernel_sets_for_itself_does_not_reach_the_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("httpx", reason="the client needs httpx; 'make setup' installs it")
    from finishtape import Checkout

    python = tmp_path / ".venv" / "harness" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.symlink_to(sys.executable)
    monkeypatch.setenv("MPLBACKEND", "module://matplotlib_inline.backend_inline")
    monkeypatch.setenv("PHOTOFINISH_WORKER", "kept")
    told = "{name: os.environ.get(name) for name in ('MPLBACKEND', 'PHOTOFINISH_WORKER')}"
    (tmp_path / "run_bench.py").write_text(f"import json, os\nprint(json.dumps({told}))")
    assert Checkout(tmp_path).record("1").data == {"MPLBACKEND": None, "PHOTOFINISH_WORKER": "kept"}
