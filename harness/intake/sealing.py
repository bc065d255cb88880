"""Secret keys of sealed data: drawn once for each dataset and variant of a home, and opened by the host."""

from __future__ import annotations

import secrets
from pathlib import Path

from harness.files import draw_once
from harness.spec.dataset import key_hash
from harness.spec.errors import BadData, UserError

KEYS = "keys"
_FIRST_BIT = 1 << 127


def sealed_key(data: Path, name: str) -> int:
    """Return the key of the sealed data ``name`` in the folder of data; it is drawn where there is none.

    Raises BadData where the file that keeps it is damaged.
    """
    file = data / KEYS / name
    drawn = draw_once(file, lambda: f"{_FIRST_BIT | secrets.randbits(127):032x}\n")
    try:
        return typed_key(drawn)
    except UserError as error:
        raise BadData(
            f"{file} is damaged: {error}; put it back from a backup, or move it away to draw another key"
        ) from None


def known_key(data: Path, name: str) -> int | None:
    """Return the key of the sealed data ``name``, or None where none was drawn here."""
    return sealed_key(data, name) if (data / KEYS / name).exists() else None


def key_with_hash(data: Path, name: str, sha256: str) -> int:
    """Return the key of the sealed data ``name``. Raises UserError where it is not the one of that hash."""
    key = known_key(data, name)
    if key is None or key_hash(key) != sha256:
        raise UserError(f"the key of the sealed data {name} (SHA-256 {sha256[:16]}…) is not in this home")
    return key


def typed_key(text: str) -> int:
    """Return the key of 32 hexadecimal digits. Raises UserError for anything else."""
    digits = text.strip().lower()
    if len(digits) != 32 or set(digits) - set("0123456789abcdef") or int(digits, 16) < _FIRST_BIT:
        raise UserError("a key is 32 hexadecimal digits, as 'data TASK --open-key' prints it")
    return int(digits, 16)
