"""Ed25519 keys (RFC 8032): what a machine or a host signs cannot be forged without its key."""

from __future__ import annotations

from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from harness.files import draw_once
from harness.spec.errors import NotAvailable


class SigningKey:
    """A private key; ``public`` is its public half as 64 hexadecimal digits."""

    def __init__(self, private: Ed25519PrivateKey) -> None:
        self._private = private
        self.public = private.public_key().public_bytes_raw().hex()

    def sign(self, data: bytes) -> bytes:
        """Return the signature of ``data``, 64 bytes."""
        return self._private.sign(data)


def signing_key(file: Path) -> SigningKey:
    """Return the key that is kept in ``file``; it is drawn at first use.

    Raises NotAvailable where the file is no key.
    """
    drawn = draw_once(file, lambda: Ed25519PrivateKey.generate().private_bytes_raw().hex())
    try:
        return SigningKey(Ed25519PrivateKey.from_private_bytes(bytes.fromhex(drawn)))
    except ValueError:
        raise NotAvailable(f"{file} is not a key; put it back from a backup, or remove it") from None


def machine_key(folder: Path) -> SigningKey:
    """Return the key of this machine, kept in ``folder``."""
    return signing_key(folder / "machine.key")


def is_public_key(text: str) -> bool:
    """Say whether a text is a public key: 64 hexadecimal digits."""
    return len(text) == 64 and not set(text) - set("0123456789abcdef")


def is_signed(data: bytes, signature: bytes, public: str) -> bool:
    """Say whether ``signature`` is that of ``data`` by the key with the public half ``public``."""
    try:
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(public)).verify(signature, data)
    except (InvalidSignature, ValueError):
        return False
    return True
