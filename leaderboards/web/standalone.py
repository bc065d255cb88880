"""A page as one file: style, scripts and pictures inside, no link to a server that a reader may not have."""

from __future__ import annotations

import base64
import re
from html import unescape
from urllib.parse import unquote

from leaderboards.web.folder import PICTURES
from leaderboards.web.rendering import STATIC
from leaderboards.web.source import Source, picture_path

_ICON = re.compile(r'<link rel="icon"[^>]*>\n?')
_SCRIPT = re.compile(r'<script src="/static/([\w.-]+)"(?: defer)?></script>')
_PICTURE = re.compile(r'(<img [^>]*?src=")([^"]+)(")')
_ELSEWHERE = re.compile(r' (?:href|action)="(?!#)[^"]*"')
_SITE = re.compile(r'<nav aria-label="Site">.*?</nav>', re.DOTALL)


def standalone(source: Source, page: str) -> str:
    """Turn a rendered page into a file of its own; its pictures are those of records."""

    def read(found: re.Match[str]) -> str:
        _, _, record_id, _, name = unquote(unescape(found[2])).split("/", 4)
        path = picture_path(source, record_id, name)
        return found[1] + _as_data(path.read_bytes(), PICTURES[path.suffix.lower()]) + found[3]

    page = _PICTURE.sub(read, _ICON.sub("", _SITE.sub("", page)))
    page = _ELSEWHERE.sub("", page.replace("<body>", '<body class="standalone">'))
    return _inlined(page)


def _inlined(page: str) -> str:
    """Put style and scripts in place. A module runs when the page is complete, as a deferred script does."""
    page = re.sub(
        r'<link rel="stylesheet">',
        lambda _: f"<style>\n{(STATIC / 'style.css').read_text('utf-8')}</style>",
        page,
    )
    return _SCRIPT.sub(
        lambda found: f'<script type="module">\n{(STATIC / found[1]).read_text("utf-8")}</script>', page
    )


def _as_data(data: bytes, media_type: str) -> str:
    return f"data:{media_type};base64,{base64.b64encode(data).decode()}"
