"""The process a browser lives beside: the same wire as ``main.py``, the submission in JavaScript in a page.

Started as ``python -I browser.py CHROMIUM REQUESTS ANSWERS INPUT OUTPUT``. It serves the page on the
sandbox's own loopback, starts Chromium on it, and passes messages on unread: what the parent wrote goes
to the page, what the page answers comes back, each with the nonce it claims. The page's clock and the
requests that its policy refused are told when the parent asks (``REPORT``).
"""

from __future__ import annotations

import json
import mmap
import os
import struct
import subprocess
import sys
import time
from typing import TYPE_CHECKING

HERE = os.path.dirname(os.path.abspath(__file__))
HEADER = struct.Struct("<QIId")
"""Before each message to and from the page, at its start of 64 bytes: nonce, kind, layout, the page's ms."""
PAGE_S = 50.0
UNDERWAY_S = 0.2
"""What the browser refused a moment ago is reported a little later."""
FLAGS = (
    "--headless=new",
    "--no-sandbox",  # the walls around all of this process are the sandbox
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",  # looking for names would take time
    "--no-first-run",
    "--no-default-browser-check",
    "--use-gl=angle",
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
    "--disable-gpu-watchdog",  # frozen while the reference is timed, it would believe the GPU hangs
    "--disable-hang-monitor",
    "--disable-dev-shm-usage",
    "--disable-extensions",
    "--disable-sync",
    "--disable-features=BackForwardCache",  # a page that leaves is gone
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
    from harness.host import browser_server, codec
else:
    sys.path.append(HERE)  # last; nothing of the contestant's runs in this process
    import browser_server
    import codec


class Desk:
    """Between the parent's segments and the page's socket."""

    def __init__(self, answers: int, source: memoryview, target: memoryview) -> None:
        self._answers = answers
        self._source = source
        self._target = target
        self._server = browser_server.Server(os.path.join(HERE, "page"))
        self._page_ms: list[float] = []
        self.url = self._server.url

    def wait_for_page(self) -> None:
        """Say to the parent that the page is there; raises TimeoutError where it does not come."""
        self._page = self._server.page(PAGE_S)
        self._tell(0, codec.DONE)

    def serve(self, nonce: int, kind: int, layout: int, total: int) -> None:
        """Pass one request on to the page and its reply back."""
        if kind == codec.REPORT:
            time.sleep(UNDERWAY_S)
            report = {"page_ms": self._page_ms, "refused": self._server.refused}
            self._page_ms = []
            self._tell(nonce, codec.DONE, json.dumps(report).encode())
            return
        body: memoryview | bytes = self._source[:total]
        if kind in {codec.IMPORT, codec.BUILD}:
            body = json.dumps(self._to_urls(json.loads(bytes(body)))).encode()
        self._page.send(HEADER.pack(nonce, kind, layout, 0).ljust(codec.ALIGN, b"\0"), body)
        message = self._page.receive()
        claimed, reply, layout, page_ms = HEADER.unpack_from(message)
        if reply == codec.ANSWER:
            self._page_ms.append(page_ms)
        self._tell(claimed, reply, message[codec.ALIGN :], layout)

    def _tell(self, nonce: int, kind: int, body: memoryview | bytes = b"", layout: int = 0) -> None:
        if len(body) > len(self._target):
            text = f"an answer of {len(body)} bytes, at most {len(self._target)} fit"
            told = {"type": "RangeError", "text": text, "where": "", "invalid": True}
            body, kind, layout = json.dumps(told).encode(), codec.ERROR, 0
        self._target[: len(body)] = body
        os.write(self._answers, codec.TOKEN.pack(nonce, kind, layout, len(body)))

    def _to_urls(self, told: dict[str, str]) -> dict[str, str]:
        """Files as the page can see them: by URL."""
        if "path" in told:
            folder, name = os.path.split(told.pop("path"))
            self._server.folders["submission"] = folder
            return {**told, "url": f"/submission/{name}"}
        self._server.folders["public"] = told["public"]
        return {**told, "public": "/public/", "workdir": ""}


def main() -> None:
    """Start Chromium on the page and serve requests until the parent closes the pipe."""
    chromium = sys.argv[1]
    requests, answers, input_fd, output_fd = map(int, sys.argv[2:6])
    source = mmap.mmap(input_fd, os.fstat(input_fd).st_size, prot=mmap.PROT_READ)
    target = mmap.mmap(output_fd, os.fstat(output_fd).st_size)
    desk = Desk(answers, memoryview(source), memoryview(target))
    profile = os.path.join(os.environ["TMPDIR"], "chromium")
    with subprocess.Popen(
        [chromium, *FLAGS, f"--user-data-dir={profile}", desk.url], stdin=subprocess.DEVNULL
    ) as process:
        try:
            desk.wait_for_page()
            while token := os.read(requests, codec.TOKEN.size):
                desk.serve(*codec.TOKEN.unpack(token))
        finally:
            process.kill()


if __name__ == "__main__":
    main()
