"""Markdown of hosts as HTML: no raw HTML, no pictures, no addresses that run anything."""

from __future__ import annotations

from collections.abc import MutableMapping, Sequence
from functools import lru_cache
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.rules_core import StateCore
from markdown_it.token import Token
from markupsafe import Markup

LONGEST = 200_000
"""How many characters of a text are shown."""
_ALLOWED = ("http://", "https://", "mailto:", "#", "/competitions/")


@lru_cache(maxsize=256)
def to_html(text: str) -> Markup:
    """Return a text as markup that is safe on a page of ours. Its headings come below the page's own."""
    return Markup(_parser().render(text[:LONGEST]))


@lru_cache(maxsize=1)
def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"]).disable("image")
    parser.validateLink = _may_link  # type: ignore[method-assign]
    parser.core.ruler.push("lower_headings", _lower_headings)
    parser.add_render_rule("link_open", _open_link)
    return parser


def _may_link(url: str) -> bool:
    """Allow links to pages and mail, to competitions here and within the page, and no other scheme."""
    return url.lower().startswith(_ALLOWED)


def _lower_headings(state: StateCore) -> None:
    for token in state.tokens:
        if token.type in {"heading_open", "heading_close"}:
            token.tag = f"h{min(int(token.tag[1:]) + 1, 6)}"


def _open_link(
    renderer: RendererHTML,
    tokens: Sequence[Token],
    index: int,
    options: MutableMapping[str, Any],
    env: MutableMapping[str, Any],
) -> str:
    tokens[index].attrSet("rel", "nofollow noopener noreferrer")
    return renderer.renderToken(tokens, index, options, env)  # type: ignore[arg-type]
