"""Mistakes that show in the source of a submission, found without running any of it."""

from __future__ import annotations

import ast
import sys
from collections.abc import Collection, Iterator
from pathlib import Path

from harness.environments import stock
from harness.session.wanted import package_of
from harness.spec import Submission

_OURS = {"harness", "leaderboards", "tasks", "datasets", "competitions", "commands", "photofinish_host"}


def modules_in(site: Path) -> set[str]:
    """Return the names that a folder of packages makes importable."""
    return {path.name.partition(".")[0] for path in site.iterdir() if not path.name.startswith((".", "_"))}


def source_mistakes(submission: Submission, installed: Collection[str]) -> Iterator[str]:
    """Say what is wrong in the Python files of a submission; ``installed`` can be imported beside them."""
    folder = submission.path if submission.path.is_dir() else submission.path.parent
    main = folder / "submission.py" if submission.path.is_dir() else submission.path
    files = [submission.path]
    if submission.path.is_dir():
        files = sorted(file for file in submission.path.rglob("*.py") if file.is_file())
    own = {file.relative_to(folder).parts[0].removesuffix(".py") for file in files}
    known = {*sys.stdlib_module_names, *installed, *(own if submission.path.is_dir() else ())}
    for file in files:
        name = str(file.relative_to(folder))
        try:
            tree = ast.parse(file.read_bytes())
        except (SyntaxError, ValueError) as error:
            where = f", line {error.lineno}" if isinstance(error, SyntaxError) else ""
            yield f"{name}{where}: {error.msg if isinstance(error, SyntaxError) else error}"
            continue
        if file == main:
            yield from _build_mistakes(name, tree)
        yield from _import_mistakes(name, tree, known)


def _build_mistakes(name: str, tree: ast.Module) -> Iterator[str]:
    """Say what is wrong with ``build``, as far as the file itself defines it."""
    for node in tree.body:
        if isinstance(node, ast.AsyncFunctionDef) and node.name == "build":
            yield f"{name}, line {node.lineno}: build is asynchronous; make it a plain function"
        if isinstance(node, ast.FunctionDef) and node.name == "build":
            arguments = node.args
            needed = len(arguments.posonlyargs) + len(arguments.args) - len(arguments.defaults)
            takes_one = len(arguments.posonlyargs) + len(arguments.args) >= 1 or arguments.vararg
            if not takes_one or needed > 1:
                yield f"{name}, line {node.lineno}: build is called with one argument: build(context)"
    if "build" not in set(_bound(tree)) and not _imports_everything(tree):
        yield f"{name} defines no function build(context); docs/submissions.md shows one"


def _bound(tree: ast.Module) -> Iterator[str]:
    """Yield every name that the module may bind at its top, also within if, try and with."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id
        elif isinstance(node, ast.alias):
            yield node.asname or node.name


def _imports_everything(tree: ast.Module) -> bool:
    return any(isinstance(node, ast.alias) and node.name == "*" for node in ast.walk(tree))


def _import_mistakes(name: str, tree: ast.Module, known: Collection[str]) -> Iterator[str]:
    """Name the imports that cannot work; what stands in a ``try`` may be missing."""
    excused = {inner for node in ast.walk(tree) if isinstance(node, ast.Try) for inner in ast.walk(node)}
    for node in ast.walk(tree):
        if node in excused:
            continue
        if isinstance(node, ast.Import):
            wanted = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            wanted = [node.module]
        else:
            continue
        for module in {one.partition(".")[0] for one in wanted} - set(known):
            yield f"{name}, line {node.lineno}: imports '{module}': {_cure(module)}"


def _cure(module: str) -> str:
    """Say what to do about an import that cannot work."""
    if module in _OURS:
        return "that is the harness's own code; a submission imports nothing of it"
    stocked = [name for name in stock.STOCK if package_of(module) in stock.packages(name)]
    hint = f", or name the stock environment '{stocked[0]}', which has it" if stocked else ""
    return f"it is not installed; lock your own packages (docs/submissions.md) or ship its files{hint}"
