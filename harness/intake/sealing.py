"""Secret keys of sealed data: drawn once for each dataset and variant of a home, and opened by the host."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from harness.spec.dataset import key_hash
from harness.spec.errors import UserError

KEYS = "keys"
_FIRST_BIT = 1 << 127


def sealed_key(data: Path, name: str) -> int:
    """Return the key of the sealed data ``name`` in the folder of data; it is drawn where there is none."""
    file = data / KEYS / name
    if not file.exists():
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        # Whole or not at all: of two processes at the same time both use the key that was there first.
        drawn = file.with_name(f".{name}.{os.getpid()}")
        with os.fdopen(os.open(drawn, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as new:
            new.write(f"{_FIRST_BIT | secrets.randbits(127):032x}\n")
        try:
            file.hardlink_to(drawn)
        except FileExistsError:
            pass
        finally:
            drawn.unlink()
    return typed_key(file.read_text())


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
