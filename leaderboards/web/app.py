"""The web application of one home folder."""

from __future__ import annotations

import logging
from pathlib import Path

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, JSONResponse, Response
from fastapi.staticfiles import StaticFiles
from starlette.exceptions import HTTPException

from harness.spec.errors import UserError
from leaderboards.store import index
from leaderboards.web import api, pages
from leaderboards.web.rendering import STATIC, render
from leaderboards.web.replies import Replies
from leaderboards.web.source import KnownTasks, Missing, Source

_DESCRIPTION = (
    "Boards, records, comparisons and histories. Every answer has an ETag; lists take offset and limit."
)


def create_app(home: Path, tasks: KnownTasks | None = None) -> FastAPI:
    """Make the application that shows ``home``. It only reads, except that it creates a missing index.

    ``tasks`` have a page each.
    """
    app = FastAPI(
        title="Photofinish",
        version="1",
        description=_DESCRIPTION,
        docs_url=None,  # FastAPI's own pages load scripts from elsewhere
        redoc_url=None,
        openapi_url="/api/openapi.json",
    )
    app.state.source = Source(home, index.open_index(home), tasks)
    app.include_router(api.router)
    app.include_router(pages.router)
    app.mount("/static", StaticFiles(directory=STATIC), name="static")
    app.add_exception_handler(Missing, _missing)
    app.add_exception_handler(RequestValidationError, _unusable)
    app.add_exception_handler(HTTPException, _refused)
    app.add_exception_handler(UserError, _damaged)
    app.add_middleware(Replies)
    return app


def _missing(request: Request, error: Exception) -> Response:
    return _failure(request, 404, str(error))


def _unusable(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    faults = "; ".join(f"{fault['loc'][-1]}: {fault['msg']}" for fault in error.errors())
    return _failure(request, 422, f"this address is not valid: {faults}")


def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return _failure(request, error.status_code, str(error.detail))


def _damaged(request: Request, error: Exception) -> Response:
    """Tell whoever keeps the home which of its files is damaged; visitors are shown no paths."""
    logging.getLogger("uvicorn.error").error("%s: %s", request.url.path, error)
    return _failure(request, 500, "A stored file cannot be read; the log of the server says which one.")


def _failure(request: Request, status: int, message: str) -> Response:
    if request.url.path.startswith("/api/"):
        return JSONResponse({"detail": message}, status)
    return HTMLResponse(render("error.html", status=status, message=message), status)
