"""Real English prose that is on every machine: paragraphs of documentation strings, by package.

The packages are pinned in the harness's environment and absent from the one in which contestants run. Files
are read, never imported. Names of code and of packages are masked, so that prose has to tell the class.
"""

from __future__ import annotations

import ast
import importlib.util
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import numpy as np

from datasets.texts.layout import Text, write
from harness.fanning import Fan, fanned
from harness.spec import Progress, no_progress
from harness.spec.errors import NotAvailable

PACKAGES = {
    "databricks": ("databricks.sdk", "databricks-sdk"),
    "matplotlib": ("matplotlib", "matplotlib"),
    "mlflow": ("mlflow", "mlflow"),
    "networkx": ("networkx", "networkx"),
    "pandas": ("pandas", "pandas"),
    "scikit-image": ("skimage", "scikit-image"),
    "scikit-learn": ("sklearn", "scikit-learn"),
    "sqlalchemy": ("sqlalchemy", "sqlalchemy"),
}
"""Class -> what is imported, and the name of the distribution."""
MASK = "X"
LOT = 40
"""Files whose paragraphs are found together."""
MOST = 3000
"""Paragraphs of one class."""
TEST_SHARE = 0.2
WORDS = (8, 150)
"""The fewest and the most words of a paragraph."""
_PARAGRAPH = re.compile(r"\n\s*\n")
_CODE = re.compile(
    r"https?://\S+|:\w+:`[^`]*`|`+[^`]+`+|\S*[A-Za-z]\.[A-Za-z]\S*|\S*_\S*|\b\w*[a-z][A-Z]\w*|\S*[()\[\]=<>{}]\S*"
)
_NAMES = re.compile(
    "|".join(
        ("databricks", "matplotlib", "pyplot", "mlflow", "networkx", "pandas", "scikits?", "skimage",
         "sklearn", "sqlalchemy", "numpy", "scipy")
    ),
    re.IGNORECASE,
)  # fmt: skip


def versions() -> str:
    """Name the versions of the packages: the texts are those of exactly these."""
    return " ".join(f"{package} {version(package)}" for _, package in PACKAGES.values())


def generate(folder: Path, seed: int, progress: Progress = no_progress, fan: Fan = fanned) -> None:
    """Write the variant into the empty ``folder``; whole files go to one split. Raises NotAvailable.

    The paragraphs are found wherever ``fan`` has them found, which does not change the result.
    """
    found: dict[str, list[Text]] = {name: [] for name in PACKAGES}
    lots = [lot for name in PACKAGES for lot in lots_of(name)]
    results = fan(paragraphs, [lot.sources for lot in lots])
    for done, (lot, result) in enumerate(zip(lots, results, strict=True)):
        progress("reading documentation", done, len(lots))
        label = list(PACKAGES).index(lot.package)
        for group, texts in zip(lot.files, json.loads(result), strict=True):
            found[lot.package] += [Text(text.encode(), label, group) for text in texts]
    train: list[Text] = []
    test: list[Text] = []
    for label, texts in enumerate(unique(found).values()):
        rng = np.random.default_rng([seed, label])
        kept = [texts[index] for index in sorted(rng.permutation(len(texts))[:MOST])]
        groups = sorted({text.group for text in kept})
        hidden = {group for group in groups if rng.random() < TEST_SHARE}
        train += [text for text in kept if text.group not in hidden]
        test += [text for text in kept if text.group in hidden]
    write(folder, list(PACKAGES), train, test)


@dataclass(frozen=True)
class Lot:
    """Some files of a package: their names and their sources."""

    package: str
    files: tuple[str, ...]
    sources: tuple[bytes, ...]


def lots_of(name: str) -> Iterator[Lot]:
    """Yield the files of a package, without its tests. Raises NotAvailable."""
    module, distribution = PACKAGES[name]
    spec = importlib.util.find_spec(module)
    if spec is None or spec.origin is None:
        raise NotAvailable(f"the package {distribution} is missing; run 'make setup'")
    root = Path(spec.origin).parent
    files = {path.relative_to(root).parts: path for path in sorted(root.rglob("*.py"))}
    kept = [(parts, path) for parts, path in files.items() if not any("test" in part for part in parts)]
    for start in range(0, len(kept), LOT):
        lot = kept[start : start + LOT]
        names = tuple(f"{name}/{'/'.join(parts)}" for parts, _ in lot)
        yield Lot(name, names, tuple(path.read_bytes() for _, path in lot))


def paragraphs(sources: tuple[bytes, ...]) -> bytes:
    """Return the masked paragraphs of the documentation strings of each source file, as JSON."""
    return json.dumps([list(prose(source)) for source in sources]).encode()


def prose(source: bytes) -> Iterator[str]:
    """Yield the masked paragraphs of the documentation strings of one file."""
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError):
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            for paragraph in _PARAGRAPH.split(ast.get_docstring(node) or ""):
                text = masked(paragraph)
                if text:
                    yield text


def masked(paragraph: str) -> str:
    """Return a paragraph on one line with names masked; empty where it is no prose."""
    if (
        ">>>" in paragraph
        or paragraph.startswith((".. ", "    "))
        or "---" in paragraph
        or "===" in paragraph
    ):
        return ""
    text = _NAMES.sub(MASK, _CODE.sub(MASK, " ".join(paragraph.split())))
    words = re.findall(r"[A-Za-z]{2,}", text)
    return text if WORDS[0] <= len(words) <= WORDS[1] else ""


def unique(found: Mapping[str, list[Text]]) -> Mapping[str, list[Text]]:
    """Leave out texts that occur again, and those that occur in two packages; letters alone count."""
    seen: dict[str, set[int]] = {}
    for texts in found.values():
        for text in texts:
            seen.setdefault(_letters(text), set()).add(text.label)
    kept: dict[str, list[Text]] = {}
    for name, texts in found.items():
        first = {_letters(text): text for text in reversed(texts)}
        kept[name] = [
            text for text in texts if first[_letters(text)] is text and len(seen[_letters(text)]) == 1
        ]
    return kept


def _letters(text: Text) -> str:
    return re.sub(r"[^a-z]+", "", text.text.decode().lower())
