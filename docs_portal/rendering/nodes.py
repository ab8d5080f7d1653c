"""A page's Markdown as nested data: what a paper is set from, and what its words are.

A block is a mapping with `type`: heading (level, inline), text (inline), list (ordered, start,
items: lists of blocks), quote (blocks), code (text), table (align, head, rows of cells of inline),
rule, callout (kind, title, blocks). Inline pieces are text (text), strong, em, del and link (href)
with `inline`, code (text), image (src, alt), break.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from markdown_it.token import Token

from docs_portal.rendering.markdown import callout_of, page_tokens

Node = dict[str, Any]
_SPANS = {"strong_open": "strong", "em_open": "em", "s_open": "del", "link_open": "link"}
#: Emphasis inside emphasis beyond this is plain: a text of stars nests without end.
_DEEPEST_SPAN = 12


def nodes_of(body: str) -> list[Node]:
    """The blocks of a Markdown text."""
    return _blocks(_Reader(page_tokens(body)))


def plain_text(body: str) -> str:
    """The words of a text as they are read, each block on a line of its own."""
    return "\n".join(line for line in _lines(page_tokens(body)) if line)


def words_behind_marks(body: str) -> list[str]:
    """The lines that read otherwise than their source: emphasis, a link or code in a sentence."""
    source = " ".join(body.split())
    lines = (_words(token.children or ()) for token in page_tokens(body) if token.type == "inline")
    return [line for line in lines if line and line not in source]


class _Reader:
    """The tokens, one after the other."""

    def __init__(self, tokens: Sequence[Token]) -> None:
        self._tokens, self._at = tokens, 0

    def next(self) -> Token | None:
        if self._at >= len(self._tokens):
            return None
        self._at += 1
        return self._tokens[self._at - 1]


def _blocks(reader: _Reader) -> list[Node]:
    """Blocks up to the end of the container that is open."""
    found: list[Node] = []
    while (token := reader.next()) is not None and token.nesting != -1:
        if token.type in ("heading_open", "paragraph_open"):
            inside = reader.next()
            reader.next()
            node: Node = {"type": "text"}
            if token.type == "heading_open":
                node = {"type": "heading", "level": int(token.tag[1:])}
            found.append(node | {"inline": _inline(inside)})
        elif token.type in ("bullet_list_open", "ordered_list_open"):
            found.append(_list(token, reader))
        elif token.type == "blockquote_open":
            found.append({"type": "quote", "blocks": _blocks(reader)})
        elif token.type in ("fence", "code_block"):
            text = token.content.rstrip("\n")
            found.append({"type": "code", "text": text, "lang": token.info.strip()})
        elif token.type == "table_open":
            found.append(_table(reader))
        elif token.type == "hr":
            found.append({"type": "rule"})
        elif (callout := callout_of(token)) is not None:
            kind, title = callout
            blocks = _blocks(reader)
            found.append({"type": "callout", "kind": kind, "title": title, "blocks": blocks})
        elif token.nesting == 1:
            found.extend(_blocks(reader))
    return found


def _list(opening: Token, reader: _Reader) -> Node:
    items = []
    while (token := reader.next()) is not None and token.nesting == 1:
        items.append(_blocks(reader))
    start = int(opening.attrs.get("start", 1))
    return {
        "type": "list", "ordered": opening.tag == "ol", "start": start, "items": items
    }  # fmt: skip


def _table(reader: _Reader) -> Node:
    rows: list[list[list[Node]]] = []
    align: list[str] = []
    head = 0
    while (token := reader.next()) is not None and token.type != "table_close":
        if token.type == "tr_open":
            rows.append([])
        elif token.type in ("th_open", "td_open"):
            if len(rows) == 1:
                style = str(token.attrs.get("style", ""))
                align.append(style.rpartition(":")[2] or "left")
            rows[-1].append(_inline(reader.next()))
        elif token.type == "thead_close":
            head = len(rows)
    return {"type": "table", "align": align, "head": head, "rows": rows}


def _inline(token: Token | None) -> list[Node]:
    return _spans(_Reader((token.children if token is not None else None) or ()))


def _spans(reader: _Reader) -> list[Node]:
    found: list[Node] = []
    open_spans = [found]
    while (token := reader.next()) is not None:
        inside = open_spans[-1]
        if token.nesting == -1:
            open_spans.pop()
        elif token.type in _SPANS:
            node: Node = {"type": _SPANS[token.type], "inline": []}
            if token.type == "link_open":
                node["href"] = str(token.attrs.get("href", ""))
            if len(open_spans) <= _DEEPEST_SPAN:
                inside.append(node)
                open_spans.append(node["inline"])
            else:
                open_spans.append(inside)
        elif token.type == "image":
            src, alt = str(token.attrs.get("src", "")), _words(token.children or ())
            inside.append({"type": "image", "src": src, "alt": alt})
        elif token.type in ("softbreak", "hardbreak"):
            inside.append({"type": "break"})
        elif token.type == "code_inline":
            inside.append({"type": "code", "text": token.content})
        elif token.content:
            inside.append({"type": "text", "text": token.content})
    return found


def _words(children: Sequence[Token]) -> str:
    """Inline tokens as one line of words."""
    return " ".join("".join(_pieces(children)).split())


def _pieces(children: Sequence[Token]) -> Iterator[str]:
    for child in children:
        if child.type in ("softbreak", "hardbreak"):
            yield " "
        elif child.type == "image":
            yield from _pieces(child.children or ())
        else:
            yield child.content


def _lines(tokens: Sequence[Token]) -> Iterator[str]:
    for token in tokens:
        if token.type == "inline":
            yield _words(token.children or ())
        elif token.type in ("fence", "code_block"):
            yield " ".join(token.content.split())
        elif token.nesting == 1 and token.type.startswith("container_"):
            # The title as it was written; the name of the kind depends on who reads.
            yield token.info.strip().partition(" ")[2].strip()
