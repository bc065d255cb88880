"""What task text asks: blocks of hidden strings, single and odd ones, and features on both paths."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from harness.spec import Prepared, Query
from harness.spec.errors import InvalidSubmission

if TYPE_CHECKING:
    from harness.spec import Array, Arrays, Row, Table

BLOCK = 64
SINGLES = 320
"""Strings asked one by one: a little more than the 299 that a bound on the 99th percentile needs."""
PROBES = 24
"""Training strings whose features are asked for on both paths, beside the odd ones."""
LONGEST = 999_999
"""Bytes of the longest string; NumPy's dtype of a longer one does not fit the wire."""
LABELS, TRAINING, SERVING = "labels", "training features", "serving features"
ODD: Mapping[str, bytes] = {
    "empty": b"",
    "blank": b" \t\r\n \x0b\x0c",
    "marks": b"?!... --- (): ; ''\"\" #@ $%",
    "emoji": "a 👩‍🚀 and a 🏳️‍🌈, both 🙂🙂 fine".encode(),
    "composed": "naïve café Ångström: ÅÄÖ".encode(),
    "decomposed": unicodedata.normalize("NFD", "naïve café Ångström: ÅÄÖ").encode(),
    "spaces": "no\u00a0break\u2003em\u200bzero\u3000wide".encode(),
    "invalid": b"latin caf\xe9 \xff\xfe half \xc3 and \xed\xa0\x80 a surrogate",
    "zeros": b"before\x00after",
    "capitals": "SHOUTING ABOUT İSTANBUL AND STRASSE ẞ".encode(),
    "right to left": "שלום and مرحبا".encode(),
}
"""Strings that no training text is like. An answer to any of them counts, an error does not."""


@dataclass(frozen=True, eq=False)
class Truth:
    """What is asked (LABELS, TRAINING or SERVING), of how many strings, their labels (n,) and all classes."""

    ask: str
    count: int
    labels: Array
    classes: tuple[str, ...]

    @property
    def is_scored(self) -> bool:
        """Whether these strings count for accuracy."""
        return self.ask == LABELS and self.count > 1 and len(self.labels) == self.count


def queries(prepared: Prepared) -> Sequence[Query]:
    """Return blocks of hidden strings by group, then single ones, odd ones, and both paths of the probes."""
    from datasets.texts import layout

    classes = tuple(layout.classes(prepared.public))
    test = sorted(layout.read_test(prepared.private), key=lambda text: text.group)
    made = []
    for start in range(0, len(test), BLOCK):
        block = test[start : start + BLOCK]
        labels = np.array([text.label for text in block])
        name = f"block-{start // BLOCK:04}"
        made.append(_query(name, name, LABELS, [text.text for text in block], labels, classes))
    for number in np.random.default_rng(0).permutation(len(test))[:SINGLES]:
        text = test[int(number)]
        labels = np.array([text.label])
        made.append(_query(f"single-{number:05}", "single", LABELS, [text.text], labels, classes))
    unknown = np.zeros(0, np.int64)
    made += [_query(f"odd-{name}", "odd", LABELS, [text], unknown, classes) for name, text in ODD.items()]
    words = b"the quick brown fox, "
    long = (words * (LONGEST // len(words) + 1))[:LONGEST]
    made.append(_query("odd-megabyte", "odd", LABELS, [long], unknown, classes))
    probes = [text.text for text in layout.read_train(prepared.public)[:PROBES]] + list(ODD.values())
    paths = {"training": TRAINING, "serving": SERVING}
    return made + [
        _query(f"features-{name}", "features", ask, probes, unknown, classes) for name, ask in paths.items()
    ]


def _query(
    name: str, cluster: str, ask: str, texts: Sequence[bytes], labels: Array, classes: tuple[str, ...]
) -> Query:
    x = {"texts": np.array(texts, np.bytes_), "ask": np.array(ask)}
    return Query(name, cluster, "public", partial(dict, x), Truth(ask, len(texts), labels, classes))


def check(answer: Arrays, query: Query) -> Array:
    """Return scores (n, classes) or features (n, d), float32. Raises InvalidSubmission for anything else."""
    truth: Truth = query.truth
    width = len(truth.classes) if truth.ask == LABELS else None
    wanted = f"one array of numbers ({truth.count}, {width or 'features'})"
    if isinstance(answer, Mapping):
        raise InvalidSubmission(f"{query.id}: the answer is a mapping; {wanted} is asked for")
    if answer.dtype.kind not in "fiub" or answer.ndim != 2 or len(answer) != truth.count:
        raise InvalidSubmission(f"{query.id}: {answer.dtype} {answer.shape} came; {wanted} is asked for")
    if width is not None and answer.shape[1] != width:
        raise InvalidSubmission(
            f"{query.id}: {answer.shape[1]} scores a string came; there are {width} classes"
        )
    with np.errstate(over="ignore"):
        values = answer.astype(np.float32)
    if not np.isfinite(values).all():
        raise InvalidSubmission(f"{query.id}: not all numbers are finite")
    return values


def tally(answer: Arrays, truth: Any) -> Row:
    """How many strings of a block were given their class, and how many there are; of other queries none."""
    if not truth.is_scored:
        return {"right": 0.0, "strings": 0.0}
    right = np.asarray(answer).argmax(axis=1) == truth.labels
    return {"right": float(right.sum()), "strings": float(len(right))}


def accuracy(sums: Table) -> Array:
    """Share of the hidden strings that were given their class."""
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(sums["right"] / sums["strings"])
