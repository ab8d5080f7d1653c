"""What the text of a page points at: other pages, files, addresses outside.

A text is kept with keys, which survive renames: `page:12#anchor` for a page, `attachment:5` for a
file of a page. Its writers see and type addresses instead: `/manuals/crm/visits/#anchor` and
`/manuals/files/5/photo.png`. Code is never touched: what stands there is an example.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from urllib.parse import quote, unquote

#: Fenced code to its end, and code within a paragraph.
_CODE = (
    r"^[ \t]*(?P<fence>`{3,}|~{3,}).*?(?:^[ \t]*(?P=fence)|\Z)"
    r"|(?P<tick>`+)(?!`)(?:(?!\n\s*\n).)+?(?<!`)(?P=tick)(?!`)"
)
#: `[words](target …`, `![words](target …` and `[name]: target`; a target may hold one pair of ().
_TARGET = (
    r"(?P<before>!?\[(?:[^\[\]]|\[[^\[\]]*\])*\]\(\s*<?|^[ ]{0,3}\[[^\]\n]+\]:\s*<?)"
    r"(?P<to>[^\s<>()]*(?:\([^\s<>()]*\)[^\s<>()]*)*)"
)
_LINK = re.compile(f"{_CODE}|{_TARGET}", re.MULTILINE | re.DOTALL)
_PAGE = re.compile(r"page:(\d{1,18})(?:#(.*))?")
_FILE = re.compile(r"attachment:(\d{1,18})")
_PAGE_ADDRESS = re.compile(r"/manuals/([-\w]+)/([^/?#]+)/?(?:\?[^#]*)?(?:#(.*))?")
_FILE_ADDRESS = re.compile(r"/manuals/files/(\d{1,18})/[^?#]*")
_OUTSIDE = re.compile(r"[a-z][a-z0-9+.-]*:|//", re.IGNORECASE)


@dataclass(frozen=True)
class Link:
    """Where a text points. `is_image` of what is shown in place; `line` counts from 1."""

    target: str
    is_image: bool
    line: int


def page_link(pk: int, anchor: str = "") -> str:
    """The key of a page, for the text of a page."""
    return f"page:{pk}#{anchor}" if anchor else f"page:{pk}"


def file_link(pk: int) -> str:
    """The key of a page's file, for the text of a page."""
    return f"attachment:{pk}"


def page_in(target: str) -> tuple[int, str] | None:
    """Id and anchor of the page a key names."""
    match = _PAGE.fullmatch(target)
    return (int(match[1]), unquote(match[2] or "")) if match else None


def file_in(target: str) -> int | None:
    """Id of the file a key names."""
    match = _FILE.fullmatch(target)
    return int(match[1]) if match else None


def address_in(target: str) -> tuple[str, str, str] | None:
    """Product code, address and anchor of a page's address on this house."""
    match = _PAGE_ADDRESS.fullmatch(target)
    if match is None or match[1] == "files":
        return None
    return match[1], unquote(match[2]), unquote(match[3] or "")


def file_address_in(target: str) -> int | None:
    """Id of the file an address of this house leads to."""
    match = _FILE_ADDRESS.fullmatch(target)
    return int(match[1]) if match else None


def is_outside(target: str) -> bool:
    """Whether it leads out of the manuals: another scheme or host."""
    return _OUTSIDE.match(target) is not None and not target.startswith(("page:", "attachment:"))


def links_in(body: str) -> Iterator[Link]:
    """Every place the text points at, in order; code is left out."""
    for match in _LINK.finditer(body):
        if match["to"]:
            line = body.count("\n", 0, match.start("to")) + 1
            yield Link(match["to"], match["before"].startswith("!"), line)


def with_targets(body: str, swap: Callable[[str], str]) -> str:
    """The text with every target swapped."""

    def swapped(match: re.Match[str]) -> str:
        return match["before"] + swap(match["to"]) if match["to"] else match[0]

    return _LINK.sub(swapped, body)


def without_host(target: str, base_url: str) -> str:
    """An address of this house without its host, as pasted from the browser's address line."""
    base = base_url.rstrip("/")
    return target[len(base) :] if base and target.startswith(f"{base}/") else target


def with_anchor(address: str, anchor: str) -> str:
    return f"{address}#{quote(anchor, safe='')}" if anchor else address
