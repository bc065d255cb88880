"""Which stock environment a submission wants: the one that it names, or the first with what it imports."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Set
from pathlib import Path

from harness.environments import stock
from harness.session.runtimes import main_file, runtime
from harness.spec import Submission
from harness.spec.errors import InvalidSubmission

_NAMED = re.compile(r"""^STOCK_ENVIRONMENT[ \t]*=[ \t]*["']([^"'\n]*)["']""", re.MULTILINE)
_IMPORTED = re.compile(
    r"(?:^|;)[ \t]*import[ \t]+([^\n#;]+)"
    r"|(?:^|;)[ \t]*from[ \t]+([A-Za-z_][\w.]*)[ \t]+import\b"
    r"""|\b(?:find_spec|import_module|__import__)\([ \t]*["']([A-Za-z_][\w.]*)""",
    re.MULTILINE,
)
_PACKAGES = {
    "cv2": "opencv-python-headless",
    "dateutil": "python-dateutil",
    "sklearn": "scikit-learn",
    "xgboost": "xgboost-cpu",
}
"""The packages whose modules have other names than they have themselves."""
_LARGEST = 2_000_000
"""Files of more bytes are not looked into: no person wrote them."""


def wanted(submission: Submission) -> str:
    """Return the name of the stock environment that a submission runs in, unless it brings its own.

    ``STOCK_ENVIRONMENT = "NAME"`` in its main file names one. Otherwise it is the first that has the packages
    which its runtime and its imports need, or most of them. Raises InvalidSubmission where none has the name.
    """
    value, main = runtime(submission.kind), main_file(submission.path, submission.kind)
    if value.page:
        return stock.DEFAULT
    named = _NAMED.search(_source(main))
    if named:
        return _known(named[1], main.name)
    return holding({*value.packages, *_imported(submission)})


def holding(packages: Set[str]) -> str:
    """Return the first stock environment that has these packages, or most of them."""
    return max(stock.STOCK, key=lambda name: len(packages & stock.packages(name)))


def package_of(module: str) -> str:
    """Return the package that is likely to bring a module, by its normalized name."""
    first = module.strip().partition(".")[0]
    return _PACKAGES.get(first, re.sub(r"[-_.]+", "-", first).lower())


def _known(name: str, file: str) -> str:
    if name not in stock.STOCK:
        raise InvalidSubmission(
            f"{file} wants the stock environment '{name}'; there are {', '.join(stock.STOCK)}, or bring your "
            "own packages with a lock file"
        )
    return name


def _imported(submission: Submission) -> set[str]:
    """Return the packages that the files of a submission import, other than its own modules."""
    path = submission.path
    files = [*path.rglob("*.py"), *path.glob("*.ipynb")] if path.is_dir() else [path]
    own = {file.relative_to(path).parts[0].removesuffix(".py") for file in files} if path.is_dir() else set()
    modules = {module for file in files for module in _modules(_source(file))}
    return {package_of(module) for module in modules - own}


def _modules(source: str) -> Iterator[str]:
    for parts in _IMPORTED.findall(source):
        yield from (one.split()[0].partition(".")[0] for one in "".join(parts).split(",") if one.strip())


def _source(file: Path) -> str:
    """Return the code of a Python file or a notebook; nothing where there is none."""
    if file.suffix not in {".py", ".ipynb"} or not file.is_file() or file.stat().st_size > _LARGEST:
        return ""
    text = file.read_bytes().decode("utf-8", "replace")
    if file.suffix == ".py":
        return text
    try:
        cells = [cell for cell in json.loads(text)["cells"] if cell["cell_type"] == "code"]
        return "\n".join("".join(cell["source"]) for cell in cells)
    except (ValueError, LookupError, TypeError, RecursionError):
        return ""
