"""A page as a tree, read with the standard library."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = {"meta", "link", "input", "img", "br", "hr"}


@dataclass
class Node:
    tag: str
    attributes: dict[str, str]
    parts: list[Node | str] = field(default_factory=list)

    def all(self, tag: str = "", **attributes: str) -> Iterator[Node]:
        """Every element below with that tag, of the class ``kind`` and with the other attributes."""
        for part in self.parts:
            if isinstance(part, Node):
                if part.fits(tag, attributes):
                    yield part
                yield from part.all(tag, **attributes)

    def one(self, tag: str = "", **attributes: str) -> Node:
        found = list(self.all(tag, **attributes))
        assert len(found) == 1, f"{len(found)} of {tag} {attributes}"
        return found[0]

    def fits(self, tag: str, attributes: dict[str, str]) -> bool:
        wanted = {name.replace("_", "-"): value for name, value in attributes.items() if name != "kind"}
        kind = attributes.get("kind")
        return (
            tag in {"", self.tag}
            and (kind is None or kind in self.attributes.get("class", "").split())
            and all(self.attributes.get(name) == value for name, value in wanted.items())
        )

    @property
    def text(self) -> str:
        return " ".join("".join(part if isinstance(part, str) else part.text for part in self.parts).split())


class _Tree(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open = [Node("", {})]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        node = Node(tag, {name: value or "" for name, value in attrs})
        self.open[-1].parts.append(node)
        if tag not in VOID:
            self.open.append(node)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.open[-1].parts.append(Node(tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        assert self.open[-1].tag == tag, f"</{tag}> closes <{self.open[-1].tag}>"
        self.open.pop()

    def handle_data(self, data: str) -> None:
        self.open[-1].parts.append(data)


def parse(page: str) -> Node:
    """Read a page; every element that was opened must be closed, in order."""
    tree = _Tree()
    tree.feed(page)
    tree.close()
    assert len(tree.open) == 1, f"<{tree.open[-1].tag}> is never closed"
    return tree.open[0]
