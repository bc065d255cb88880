"""Signed records: ``signature.json`` in a record's folder says which machine measured it.

The signature covers the path and SHA-256 of every other file of the folder.
"""

from __future__ import annotations

from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from harness.files import sha256_of, write_whole
from harness.spec.errors import BadData
from machines.keys import SigningKey, is_signed

SIGNATURE = "signature.json"


class Signature(BaseModel):
    """The public key of a machine and its signature, both in hexadecimal digits."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    public_key: str
    signature: str


def sign_folder(folder: Path, key: SigningKey) -> None:
    """Sign the files of a record's folder."""
    made = Signature(public_key=key.public, signature=key.sign(_listed(folder)).hex())
    write_whole(folder / SIGNATURE, made.model_dump_json(indent=1).encode() + b"\n")


def signer_of(folder: Path) -> str:
    """Return the public key of the machine that signed a record's folder.

    Raises BadData where it is not signed, or a file was changed, added or removed since.
    """
    try:
        made = Signature.model_validate_json((folder / SIGNATURE).read_bytes())
        signed = bytes.fromhex(made.signature)
    except FileNotFoundError:
        raise BadData(f"{folder} is not signed: it has no {SIGNATURE}") from None
    except (ValidationError, ValueError):
        raise BadData(f"{folder / SIGNATURE} is damaged") from None
    if not is_signed(_listed(folder), signed, made.public_key):
        raise BadData(f"the files of {folder} are not those that the machine {made.public_key[:12]} signed")
    return made.public_key


def _listed(folder: Path) -> bytes:
    names = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
    return "".join(f"{sha256_of(folder / name)}  {name}\n" for name in names if name != SIGNATURE).encode()
