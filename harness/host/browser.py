"""The host of submissions in JavaScript: it passes messages between the wire and a page in Chromium.

Started as ``python -I browser.py CHROMIUM REQUESTS ANSWERS INPUT OUTPUT``. It serves the page on the
sandbox's own loopback, starts Chromium on it, and passes messages on unread: what the parent wrote goes
to the page, what the page answers comes back, each with the nonce it claims. The page's own milliseconds
and the addresses that were refused to it are sent when the parent asks (``REPORT``).
"""

from __future__ import annotations

import json
import mmap
import os
import struct
import subprocess
import sys
import time
import types
from typing import TYPE_CHECKING

HERE = os.path.dirname(os.path.abspath(__file__))
FIELDS = (("NONCE_AT", "Q"), ("KIND_AT", "I"), ("LAYOUT_AT", "I"), ("MILLISECONDS_AT", "d"))
HEADER = struct.Struct("<" + "".join(form for _, form in FIELDS))
"""The fields before each message to and from the page; with padding they take ``codec.ALIGN`` bytes."""
PAGE_S = 50.0
UNDERWAY_S = 0.2
"""Chromium reports what it refused a little later."""
FLAGS = (
    "--headless=new",
    "--no-sandbox",  # this whole process is in the sandbox
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",  # looking up names would take time
    "--no-first-run",
    "--no-default-browser-check",
    "--use-gl=angle",
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
    "--disable-gpu-watchdog",  # it would take a frozen process for a hanging GPU
    "--disable-hang-monitor",
    "--disable-dev-shm-usage",
    "--disable-extensions",
    "--disable-sync",
    "--disable-features=BackForwardCache",  # a page that navigates away is gone
    "--disable-component-update",
    "--disable-background-networking",
    "--disable-background-timer-throttling",
    "--disable-renderer-backgrounding",
    "--disable-backgrounding-occluded-windows",
    "--disable-breakpad",
    "--disable-crash-reporter",
    "--log-level=3",
)


if TYPE_CHECKING:
    from harness.host import browser_server, codec, protocol
else:
    sys.modules["photofinish_host"] = types.ModuleType("photofinish_host")
    sys.modules["photofinish_host"].__path__ = [HERE]
    from photofinish_host import browser_server, codec, protocol


def script() -> str:
    """Return the numbers of the wire as a JavaScript module, so that the page has no copy of them."""
    known = {**vars(codec), **vars(protocol)}
    numbers = {name: value for name, value in known.items() if name.isupper() and type(value) is int}
    forms = [form for _, form in FIELDS]
    numbers |= {name: struct.calcsize("<" + "".join(forms[:index])) for index, (name, _) in enumerate(FIELDS)}
    return "".join(f"export const {name} = {value};\n" for name, value in numbers.items())


class Relay:
    """Passes messages between the parent's segments and the page's socket."""

    def __init__(self, answers: int, source: memoryview, target: memoryview) -> None:
        self._answers = answers
        self._source = source
        self._target = target
        self._server = browser_server.Server(os.path.join(HERE, "page"), {"/protocol.js": script().encode()})
        self._page_ms: list[float] = []
        self.url = self._server.url

    def wait_for_page(self) -> None:
        """Tell the parent once the page is connected. Raises TimeoutError where it does not connect."""
        self._page = self._server.page(PAGE_S)
        self._tell(0, protocol.DONE)

    def serve(self, nonce: int, kind: int, layout: int, total: int) -> None:
        """Pass one request on to the page and its reply back."""
        if kind == protocol.REPORT:
            time.sleep(UNDERWAY_S)
            report = {"page_ms": self._page_ms, "refused": self._server.refused}
            self._page_ms = []
            self._tell(nonce, protocol.DONE, json.dumps(report).encode())
            return
        body: memoryview | bytes = self._source[:total]
        if kind in {protocol.IMPORT, protocol.BUILD}:
            body = json.dumps(self._to_urls(json.loads(bytes(body)))).encode()
        self._page.send(HEADER.pack(nonce, kind, layout, 0).ljust(codec.ALIGN, b"\0"), body)
        message = self._page.receive()
        claimed, reply, layout, page_ms = HEADER.unpack_from(message)
        if reply == protocol.ANSWER:
            self._page_ms.append(page_ms)
        self._tell(claimed, reply, message[codec.ALIGN :], layout)

    def _tell(self, nonce: int, kind: int, body: memoryview | bytes = b"", layout: int = 0) -> None:
        if len(body) > len(self._target):
            text = f"an answer of {len(body)} bytes, at most {len(self._target)} fit"
            error = {"type": "RangeError", "text": text, "where": "", "invalid": True}
            body, kind, layout = json.dumps(error).encode(), protocol.ERROR, 0
        self._target[: len(body)] = body
        os.write(self._answers, protocol.TOKEN.pack(nonce, kind, layout, len(body)))

    def _to_urls(self, request: dict[str, str]) -> dict[str, str]:
        """Name the files of a request as the page can fetch them: by URL."""
        if "path" in request:
            folder, name = os.path.split(request.pop("path"))
            self._server.folders["submission"] = folder
            return {**request, "url": f"/submission/{name}"}
        self._server.folders["public"] = request["public"]
        return {**request, "public": "/public/", "workdir": ""}


def main() -> None:
    """Start Chromium on the page and serve requests until the parent closes the pipe."""
    chromium = sys.argv[1]
    requests, answers, input_fd, output_fd = map(int, sys.argv[2:6])
    source = mmap.mmap(input_fd, os.fstat(input_fd).st_size, prot=mmap.PROT_READ)
    target = mmap.mmap(output_fd, os.fstat(output_fd).st_size)
    relay = Relay(answers, memoryview(source), memoryview(target))
    profile = os.path.join(os.environ["TMPDIR"], "chromium")
    with subprocess.Popen(
        [chromium, *FLAGS, f"--user-data-dir={profile}", relay.url], stdin=subprocess.DEVNULL
    ) as process:
        try:
            relay.wait_for_page()
            while token := os.read(requests, protocol.TOKEN.size):
                relay.serve(*protocol.TOKEN.unpack(token))
        finally:
            process.kill()


if __name__ == "__main__":
    main()
