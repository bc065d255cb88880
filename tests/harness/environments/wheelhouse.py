"""A small index of hand-made wheels, served on loopback in the form of PEP 691."""

from __future__ import annotations

import hashlib
import importlib.metadata
import io
import json
import threading
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

Files = Mapping[str, bytes]


def wheel(name: str, version: str, files: Mapping[str, str | bytes], tag: str = "py3-none-any") -> Files:
    """One wheel by its file name, always of the same bytes; ``files`` are those of the package."""
    described = f"{name}-{version}.dist-info"
    members = {
        **files,
        f"{described}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n",
        f"{described}/WHEEL": f"Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: {tag}\n",
    }
    members[f"{described}/RECORD"] = "".join(f"{member},,\n" for member in (*members, f"{described}/RECORD"))
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for member, content in members.items():
            archive.writestr(zipfile.ZipInfo(member), content, zipfile.ZIP_DEFLATED)
    return {f"{name}-{version}-{tag}.whl": buffer.getvalue()}


def installed(name: str) -> Files:
    """The wheel of a package that is installed here, without its tests."""
    package = importlib.metadata.distribution(name)
    described = (package.read_text("WHEEL") or "").splitlines()
    tag = next(line.removeprefix("Tag: ") for line in described if line.startswith("Tag: "))
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for file in package.files or ():
            inside = ".." not in file.parts and "tests" not in file.parts and file.suffix != ".pyc"
            if inside and file.locate().is_file():  # type: ignore[attr-defined]
                archive.write(file.locate(), str(file))
    return {f"{name}-{package.version}-{tag}.whl": buffer.getvalue()}


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def requirements(files: Files) -> str:
    """A requirements file that pins each wheel by its hash."""
    lines = []
    for filename, data in files.items():
        name, version = filename.split("-")[:2]
        lines.append(f"{name}=={version} --hash=sha256:{sha256(data)}\n")
    return "".join(lines)


class Index(BaseHTTPRequestHandler):
    """Answers ``/simple/NAME/`` with the package's files and ``/files/FILE`` with its bytes."""

    files: Mapping[str, bytes]
    sizes: Mapping[str, int]

    def do_GET(self) -> None:
        kind, name = self.path.strip("/").split("/")
        if kind == "files":
            self._send(self.files[name], "application/octet-stream")
            return
        listed = [
            {
                "filename": file,
                "url": f"/files/{file}",
                "hashes": {"sha256": sha256(data)},
                "size": self.sizes.get(file, len(data)),
            }
            for file, data in self.files.items()
            if file.split("-")[0].lower().replace("_", "-") == name
        ]
        if listed:
            body = json.dumps({"meta": {"api-version": "1.1"}, "name": name, "files": listed}).encode()
            self._send(body, "application/vnd.pypi.simple.v1+json")
        else:
            self.send_error(404)

    def _send(self, body: bytes, kind: str) -> None:
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: object) -> None:
        """Say nothing."""


@contextmanager
def served(files: Files, sizes: Mapping[str, int] | None = None) -> Iterator[str]:
    """Serve an index of these files; ``sizes`` are what it says of some of them. Yields its address."""
    handler = type("Served", (Index,), {"files": files, "sizes": sizes or {}})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/simple"
        finally:
            server.shutdown()
            thread.join()


SMALL = wheel("small", "1.0", {"small.py": "SIZE = 1\n"})
NEWER = wheel("small", "2.0", {"small.py": "SIZE = 2\n"})
OTHERS = wheel("small", "3.0", {"small.py": ""}, tag="cp39-cp39-win_amd64")
SOURCE = {"sourced-1.0.tar.gz": b"never unpacked"}
LARGE = wheel("large", "1.0", {"large.py": ""})
ZEROS = wheel("zeros", "1.0", {"zeros.bin": bytes(30_000_000)})
SLIPS = wheel("slips", "1.0", {"../../outside.py": ""})
PUBLISHED = {**SMALL, **NEWER, **OTHERS, **SOURCE, **LARGE, **ZEROS, **SLIPS}
[HASH] = [sha256(data) for data in SMALL.values()]
