"""Where packages come from: simple indexes (PEP 503 and 691) and folders of wheels."""

from __future__ import annotations

import json
import os
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from typing import IO
from urllib.parse import unquote, urldefrag, urljoin

from harness.files import sha256_of
from harness.spec.errors import NotAvailable

SOURCES = "PHOTOFINISH_PACKAGES"
"""A variable of the environment: sources of packages, divided by spaces, to be used instead of a task's."""
_ACCEPT = "application/vnd.pypi.simple.v1+json, text/html;q=0.1"
_TIMEOUT_S = 30
_LARGEST_LISTING = 100_000_000
_MISSING = {404, 410}


@dataclass(frozen=True)
class Published:
    """One file that a source offers; ``size`` in bytes is None where the source does not say it."""

    filename: str
    url: str
    sha256: str
    size: int | None = None

    def open(self) -> IO[bytes]:
        """Open the file's bytes. Raises NotAvailable where its source does not answer."""
        return opened(self.url)


def sources(declared: Sequence[str]) -> tuple[str, ...]:
    """Return the sources to be used: those of this machine where it names some, else those declared."""
    return tuple(os.environ.get(SOURCES, "").split()) or tuple(declared)


def files(name: str, source: str) -> list[Published]:
    """Return every file of a package (by normalized name) at a source; none where it has no such package.

    Raises NotAvailable where the source does not answer.
    """
    if "://" not in source:
        return _in_folder(name, Path(source))
    address = f"{source.rstrip('/')}/{name}/"
    try:
        with opened(address) as reply:
            body = reply.read(_LARGEST_LISTING)
    except LookupError:
        return []
    if body.lstrip()[:1] == b"{":
        return list(_of_json(json.loads(body), address))
    return list(_of_html(body.decode("utf-8", "replace"), address))


def opened(address: str) -> IO[bytes]:
    """Open an address. Raises LookupError where nothing is there, NotAvailable where nobody answers."""
    if "://" not in address:
        return Path(address).open("rb")
    if not address.startswith(("https://", "http://")):
        raise NotAvailable(f"{address} is no web address")
    request = urllib.request.Request(address, headers={"Accept": _ACCEPT, "User-Agent": "photofinish"})
    try:
        reply: IO[bytes] = urllib.request.urlopen(request, timeout=_TIMEOUT_S)
    except urllib.error.HTTPError as error:
        if error.code in _MISSING:
            raise LookupError(address) from None
        raise NotAvailable(f"{address} answers {error.code} {error.reason}; run again later") from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "reason", error)
        raise NotAvailable(f"{address} cannot be reached ({reason}); run again later") from None
    return reply


def _in_folder(name: str, folder: Path) -> list[Published]:
    prefix = name.replace("-", "_") + "-"
    wheels = [path for path in folder.glob("*.whl") if path.name.lower().startswith(prefix)]
    return [
        Published(path.name, str(path), _sha256(path, path.stat().st_mtime_ns), path.stat().st_size)
        for path in sorted(wheels)
    ]


@cache
def _sha256(path: Path, _: int) -> str:
    return sha256_of(path)


def _of_json(listing: dict[str, list[dict[str, object]]], address: str) -> Iterator[Published]:
    for file in listing["files"]:
        hashes = file.get("hashes")
        sha256 = hashes.get("sha256") if isinstance(hashes, dict) else None
        size = file.get("size")
        if isinstance(sha256, str):
            yield Published(
                str(file["filename"]),
                urljoin(address, str(file["url"])),
                sha256,
                size if isinstance(size, int) else None,
            )


def _of_html(page: str, address: str) -> Iterator[Published]:
    links = _Links()
    links.feed(page)
    for link in links.found:
        url, fragment = urldefrag(urljoin(address, link))
        kind, _, digest = fragment.partition("=")
        if kind == "sha256":
            yield Published(unquote(url.rpartition("/")[2]), url, digest)


class _Links(HTMLParser):
    """Collects the links of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note the address of a link."""
        self.found += [value for name, value in attrs if tag == "a" and name == "href" and value]
