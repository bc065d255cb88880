"""The web server of a home folder, on the loopback address by default."""

from __future__ import annotations

from pathlib import Path

import uvicorn

from leaderboards.web.app import create_app


def serve(home: Path, host: str = "127.0.0.1", port: int = 8765) -> None:
    """Serve the pages of ``home`` until interrupted."""
    uvicorn.run(create_app(home), host=host, port=port, log_level="warning", server_header=False)
