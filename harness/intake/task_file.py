"""Import a task's file, and no file that was not written as one.

What runs here runs in the trusted process. A submission that is given where a task belongs would be
trusted with everything, so a file is read before it is imported.
"""

from __future__ import annotations

import ast
import importlib.util
import sys
import traceback
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

from harness.spec.errors import PhotofinishError, UserError


def imported(path: Path) -> ModuleType:
    """Import the file of a task.

    Raises UserError for what was not written as a task, which is not imported, and for errors of the import.
    """
    _refuse_others(path)
    spec = importlib.util.spec_from_file_location(f"photofinish_task_{path.parent.name}_{path.stem}", path)
    if spec is None or spec.loader is None:
        raise UserError(f"{path} cannot be imported as a task")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    try:
        spec.loader.exec_module(module)
    except PhotofinishError:
        raise
    except Exception as error:
        raise UserError(f"the task {path} cannot be imported: {_described(error, path)}") from error
    return module


def _refuse_others(path: Path) -> None:
    """Raise UserError where the source defines no ``task``, or is that of a submission."""
    try:
        module = ast.parse(path.read_bytes())
    except OSError as error:
        raise UserError(f"{path} cannot be read: {error.strerror}") from None
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise UserError(f"{path} is no task, it is not Python: {error}; it was not imported") from None
    defined = set(_defined(module))
    if _builds(module) or ("build" in defined and "task" not in defined):
        raise UserError(
            f"{path} was given as the task, but it is a submission: it defines build(context). It was not "
            f"imported; name the task first, 'run TASK {path.name}'"
        )
    if not defined & {"task", "*"}:
        raise UserError(
            f"{path} was given as the task, but it defines no 'task = Task(...)'. It was not imported; "
            "docs/tasks.md shows a task"
        )


def _builds(module: ast.Module) -> bool:
    """Whether a source defines ``build(context)``, as submissions do."""
    return any(
        isinstance(node, ast.FunctionDef)
        and node.name == "build"
        and [a.arg for a in node.args.args] == ["context"]
        for node in module.body
    )


def _defined(module: ast.Module) -> Iterator[str]:
    """Yield the names that the top level of a source defines, also those it imports."""
    for node in module.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.Import | ast.ImportFrom):
            yield from (alias.asname or alias.name for alias in node.names)
        else:
            yield from (
                name.id
                for name in ast.walk(node)
                if isinstance(name, ast.Name) and isinstance(name.ctx, ast.Store)
            )


def _described(error: Exception, path: Path) -> str:
    lines = [
        frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == str(path)
    ]
    where = f" (line {lines[-1]})" if lines else ""
    return f"{type(error).__name__}: {error}{where}"
