"""Imports point one way, without circles; heavy packages live in one file each."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections import defaultdict
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
ROOMS = {
    "harness": {"harness"},
    "datasets": {"harness", "datasets"},
    "tasks": {"harness", "datasets", "tasks"},
    "leaderboards": {"harness", "leaderboards"},
    "machines": {"harness", "machines"},
    "competitions": {"harness", "datasets", "tasks", "leaderboards", "machines", "competitions"},
    "submissions": set[str](),
    "commands": {"harness", "datasets", "tasks", "leaderboards", "machines", "competitions", "commands"},
}
HARNESS_FOR_LEADERBOARDS = {
    "harness.files",
    "harness.npz",
    "harness.record.hardware",
    "harness.record.latency",
    "harness.record",
    "harness.stats",
    "harness.spec",
    "harness.spec.errors",
}
LEADERBOARDS = {
    "ranking": set[str](),
    "boards": {"ranking"},
    "store": {"ranking", "boards"},
    "views": {"boards"},
    "web": {"ranking", "boards", "store", "views"},
}
"""Room of ``leaderboards`` -> the rooms it may import beside itself."""
HEAVY = {"mlflow": 2, "fastapi": 6, "kaggle": 1, "pynvml": 1, "hotcoco": 1, "tensorflow": 2, "ray": 1}
OURS = {*ROOMS, "run_bench"}


def python_files(room: str) -> list[Path]:
    return sorted((ROOT / room).rglob("*.py"))


def imported(path: Path) -> set[str]:
    """Every module a file names in an import, also inside functions and for type checking."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            for alias in node.names:
                inner = f"{node.module}.{alias.name}"
                names.add(inner if module_of(inner) == inner else node.module)
    return names


def module_of(name: str) -> str | None:
    """The dotted name of the file an imported name comes from, if it is ours."""
    parts = name.split(".")
    for length in range(len(parts), 0, -1):
        base = ROOT.joinpath(*parts[:length])
        if base.with_suffix(".py").is_file() or (base / "__init__.py").is_file():
            return ".".join(parts[:length])
    return None


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_imports_only_the_rooms_below_it(room: str) -> None:
    files = python_files(room)
    assert files
    for path in files:
        reached = {name.split(".")[0] for name in imported(path)} & OURS
        assert reached <= ROOMS[room], f"{path.relative_to(ROOT)} imports {reached - ROOMS[room]}"


def test_leaderboards_read_only_records_and_statistics_of_the_harness() -> None:
    for path in python_files("leaderboards"):
        modules = {module_of(name) for name in imported(path) if name.startswith("harness.")}
        named = {".".join(module.split(".")[:2]) for module in modules if module and module != "harness"}
        assert named <= HARNESS_FOR_LEADERBOARDS, f"{path.name} imports {named - HARNESS_FOR_LEADERBOARDS}"


@pytest.mark.parametrize("room", LEADERBOARDS)
def test_a_room_of_the_leaderboards_imports_only_the_rooms_below_it(room: str) -> None:
    for path in python_files(f"leaderboards/{room}"):
        names = {name for name in imported(path) if name.startswith("leaderboards.")}
        reached = {name.split(".")[1] for name in names} - {room}
        assert reached <= LEADERBOARDS[room], f"{path.name} imports {reached - LEADERBOARDS[room]}"


def test_terminal_tables_are_laid_out_in_the_views() -> None:
    files = {
        path.parent.name
        for path in python_files("leaderboards")
        if any(name.split(".")[0] == "rich" for name in imported(path))
    }
    assert files == {"views"}


INNER_ROOMS = {
    "harness": (
        "files", "fanning", "portable", "host", "spec", "npz", "stats", "record", "sandbox",
        "environments", "session", "probes", "intake", "interactions",
        "measurement", "audits", "scoring", "figures", "doctor", "check", "evaluate", "trial",
    ),
    "leaderboards": ("ranking", "boards", "store", "views", "web"),
    "competitions": (
        "rules", "store", "queue", "evaluation", "standings", "hosting", "api", "pages", "client",
    ),
}  # fmt: skip
"""The rooms within a room, from the ground up: each imports only rooms that stand before it."""


@pytest.mark.parametrize("room", INNER_ROOMS)
def test_the_rooms_within_a_room_keep_their_order(room: str) -> None:
    order = INNER_ROOMS[room]
    files = [path for path in python_files(room) if path.parent != ROOT / room or path.stem != "__init__"]
    assert {_inner_room(path.relative_to(ROOT / room).parts[0]) for path in files} == set(order)
    for path in files:
        mine = _inner_room(path.relative_to(ROOT / room).parts[0])
        reached = {name.split(".")[1] for name in imported(path) if name.startswith(f"{room}.")} - {mine}
        above = {other for other in reached if order.index(other) > order.index(mine)}
        assert not above, f"{path.relative_to(ROOT)} imports {above}, which stand above {mine}"


def _inner_room(part: str) -> str:
    return part.removesuffix(".py")


def test_there_is_no_circle() -> None:
    graph: dict[str, set[str]] = defaultdict(set)
    for room in ROOMS:
        for path in python_files(room):
            parts = path.relative_to(ROOT).with_suffix("").parts
            me = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
            reached = {module_of(name) for name in imported(path)} - {None, me}
            # A package's docstring-only __init__ is no stop on the way of an import.
            graph[me] = {module for module in reached if module}
    order = list(TopologicalSorter(graph).static_order())
    assert (
        order.index("harness.spec") < order.index("harness.session.session") < order.index("harness.evaluate")
    )


@pytest.mark.parametrize("package", HEAVY)
def test_a_heavy_package_is_imported_in_few_files(package: str) -> None:
    files = [
        path.relative_to(ROOT)
        for room in ("harness", "datasets", "tasks", "leaderboards", "competitions")
        for path in python_files(room)
        if any(name.split(".")[0] == package for name in imported(path))
    ]
    assert len(files) <= HEAVY[package], files


def test_help_imports_nothing_heavy() -> None:
    code = (
        "import sys, runpy; sys.argv = ['run_bench.py', '--help']\n"
        "try: runpy.run_path('run_bench.py', run_name='__main__')\n"
        "except SystemExit: pass\n"
        "heavy = {'numpy', 'tensorflow', 'mlflow', 'pandas', 'rich', 'pydantic'}\n"
        "print('HEAVY', sorted(heavy & set(sys.modules)))"
    )
    told = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert "Usage" in told.stdout
    assert told.stdout.strip().endswith("HEAVY []")
