"""Sections of a page, and which of them are for which product roles.

A part of a page that is not for every reader of the page stands between two lines of its own:

    ::: for sales-director, sales-representative
    What only they read.
    :::

The names are role codes of the page's product. Other containers (`::: note`) may stand inside or
around; a closing line always ends the innermost. What is wrong in a text that was stored all the
same is read strictly: a part that is never closed runs to the end, a part inside another is for
who is named by both, a code nobody knows is for nobody.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from functools import cache

from django.utils.text import slugify
from django.utils.translation import gettext as _
from markdown_it import MarkdownIt
from markdown_it.token import Token

from core.errors import Problem

#: Opens and closes a container; indentation is allowed, as in lists, and full-width colons, as
#: a Chinese input method types them.
_FENCE = re.compile(r"^\s*[:：]{3,}\s*(?P<rest>.*?)\s*$")
_ANY = re.compile("[:：]{3}")
_FOR = re.compile(r"^for(?:$|[\s:：]+(?P<codes>.*)$)", re.IGNORECASE)
#: A part that starts inside a quote or on the line of a list item is not read as one.
_MISPLACED = re.compile(r"^\s*(?:[>*+-]|\d+[.)])[\s>*+-]*[:：]{3,}\s*for\b", re.IGNORECASE)
_COMMAS = re.compile(r"[\s,，、;；]+")

Audience = frozenset[str]
#: Everybody who reads the page.
FOR_ALL: Audience = frozenset()


@dataclass(frozen=True)
class Section:
    """What stands under one heading for one audience, without the heading's own line.

    `position` counts from 0 in the page. `heading` and `anchor` are "" before the first heading;
    a heading whose text is for several audiences makes several sections. `role_codes` empty is
    for everybody who reads the page.
    """

    position: int
    heading: str
    anchor: str
    body: str
    role_codes: Audience


@dataclass(frozen=True)
class _Line:
    """A line of the text. `audience` is None where nobody can be named by all parts around it;
    `is_fence` for the two lines around a part for roles, which no reader sees.
    """

    text: str
    audience: Audience | None
    is_fence: bool = False


@dataclass
class _Open:
    """A container that is open: its line (from 1), of a part for roles their codes, and whom all
    parts around its text name.
    """

    line: int
    codes: Audience | None = None
    audience: Audience | None = FOR_ALL


@dataclass(frozen=True)
class _Heading:
    """A heading on the lines from `start` to before `end`."""

    start: int
    end: int
    title: str
    anchor: str
    audience: Audience | None


_TOP = _Heading(0, 0, "", "", FOR_ALL)


@dataclass
class _Scan:
    lines: list[_Line] = field(default_factory=list)
    parts: list[_Open] = field(default_factory=list)
    nested: list[_Open] = field(default_factory=list)
    unclosed: list[_Open] = field(default_factory=list)
    misplaced: list[int] = field(default_factory=list)


def body_for(body: str, role_codes: Collection[str]) -> str:
    """The text as somebody with these roles of the product reads it: what is for other roles is
    left out, and the lines that mark the parts.
    """
    if _ANY.search(body) is None:
        return body
    held = frozenset(role_codes)
    return "\n".join(
        "" if line.is_fence else line.text
        for line in _scan(body).lines
        if line.is_fence or _is_for(line.audience, held)
    )


def split_sections(body: str) -> list[Section]:
    """The text cut at every heading and wherever the audience changes; nothing empty."""
    lines = _lines_of(body)
    headings = {heading.start: heading for heading in _headings(lines)}
    found: list[Section] = []
    above: list[_Heading] = [_TOP]
    texts: list[str] = []
    audience: Audience | None = FOR_ALL
    is_new = False

    def close() -> None:
        text = "\n".join(texts).strip("\n")
        if audience is not None and (is_new or text.strip()):
            heading = _nearest(above, audience)
            found.append(Section(len(found), heading.title, heading.anchor, text, audience))

    skip_to = 0
    for number, line in enumerate(lines):
        if number in headings or line.audience != audience:
            close()
            texts, is_new, audience = [], False, line.audience
        if number in headings:
            above.append(headings[number])
            skip_to, is_new = headings[number].end, True
        if number >= skip_to and not line.is_fence:
            texts.append(line.text)
    close()
    return found


def _nearest(above: list[_Heading], audience: Audience) -> _Heading:
    """The last heading that everybody of the audience reads: one for other roles tells nobody
    else its words.
    """
    return next(
        heading
        for heading in reversed(above)
        if heading.audience is not None
        and (not heading.audience or (audience and audience <= heading.audience))
    )


def parts_of(body: str) -> list[tuple[Audience, str]]:
    """The text cut where the audience changes, as its writers see it; nothing empty."""
    if _ANY.search(body) is None:
        return [(FOR_ALL, body)]
    found: list[tuple[Audience | None, list[str]]] = []
    for line in _scan(body).lines:
        if line.is_fence:
            found.append((FOR_ALL, []))
            continue
        if not found or found[-1][0] != line.audience:
            found.append((line.audience, []))
        found[-1][1].append(line.text)
    texts = ((audience, "\n".join(lines)) for audience, lines in found if audience is not None)
    return [(audience, text) for audience, text in texts if text.strip()]


def anchors_for(body: str, role_codes: Collection[str] | None) -> list[str]:
    """The anchor of every heading left by `body_for`, in order; of all headings with None.

    A heading keeps its anchor whoever reads the page, so that a link to it fits them all.
    """
    lines = _lines_of(body)
    held = None if role_codes is None else frozenset(role_codes)
    return [
        heading.anchor
        for heading in _headings(lines)
        if (heading.audience is not None if held is None else _is_for(heading.audience, held))
    ]


def codes_in(body: str) -> frozenset[str]:
    """Every role code the text names."""
    if _ANY.search(body) is None:
        return frozenset()
    return frozenset().union(*(part.codes or () for part in _scan(body).parts))


def section_problems(body: str, known_codes: Collection[str]) -> list[Problem]:
    """What must be put right in the parts for roles before the text is kept, first line first."""
    if _ANY.search(body) is None:
        return []
    scan = _scan(body)
    found = [
        *((part.line, problem) for part in scan.parts
          for problem in _code_problems(part, known_codes)),
        *((part.line, _nested(part)) for part in scan.nested),
        *((part.line, _unclosed(part)) for part in scan.unclosed),
        *((line, _misplaced(line)) for line in scan.misplaced),
    ]  # fmt: skip
    return [problem for _line, problem in sorted(found, key=lambda pair: pair[0])]


def _code_problems(part: _Open, known: Collection[str]) -> Iterator[Problem]:
    accepted = ", ".join(sorted(known)) or _("this product has no roles")
    if not part.codes:
        yield Problem(
            "body", _("Line %(line)s: the section names no role.") % {"line": part.line},
            _("Name one or more of these after “for”: %(codes)s.") % {"codes": accepted}, "",
        )  # fmt: skip
    for code in sorted((part.codes or FOR_ALL) - set(known)):
        yield Problem(
            "body",
            _("Line %(line)s: this product has no role “%(code)s”.")
            % {"line": part.line, "code": code},
            _("Use one of: %(codes)s.") % {"codes": accepted}, code,
        )  # fmt: skip


def _nested(part: _Open) -> Problem:
    return Problem(
        "body",
        _("Line %(line)s: a section for roles stands inside another one.") % {"line": part.line},
        _("Close the first one with a line “:::” before it."), "",
    )  # fmt: skip


def _unclosed(part: _Open) -> Problem:
    return Problem(
        "body", _("Line %(line)s: the section for roles is never closed.") % {"line": part.line},
        _("End it with a line “:::”; look for code above that is not closed."), "",
    )  # fmt: skip


def _misplaced(line: int) -> Problem:
    return Problem(
        "body",
        _("Line %(line)s: a section for roles must start on a line of its own.") % {"line": line},
        _("Move “::: for …” out of the quotation or in front of the list item."), "",
    )  # fmt: skip


def _is_for(audience: Audience | None, held: Audience) -> bool:
    return audience is not None and (not audience or bool(audience & held))


@cache
def _markdown() -> MarkdownIt:
    # As core.text reads it: only where code and headings begin and end is asked here.
    return MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])


def _lines_of(body: str) -> list[_Line]:
    if _ANY.search(body) is None:
        return [_Line(text, FOR_ALL) for text in body.splitlines()]
    return _scan(body).lines


def _scan(body: str) -> _Scan:
    texts = body.splitlines()
    code = _code_lines("\n".join(texts))
    scan = _Scan()
    stack: list[_Open] = []
    for number, text in enumerate(texts):
        match = None if number in code else _FENCE.match(text)
        if match is None:
            if number not in code and _MISPLACED.match(text):
                scan.misplaced.append(number + 1)
            scan.lines.append(_Line(text, _audience(stack)))
        elif match["rest"]:
            outer, codes = _audience(stack), _codes_of(match["rest"])
            part = _Open(number + 1, codes, _narrowed(outer, codes))
            if part.codes is not None:
                scan.parts.append(part)
                if outer != FOR_ALL:
                    scan.nested.append(part)
            scan.lines.append(_Line(text, _audience(stack), part.codes is not None))
            stack.append(part)
        else:
            ended = stack.pop() if stack else _Open(number + 1)
            scan.lines.append(_Line(text, _audience(stack), ended.codes is not None))
    scan.unclosed = [part for part in stack if part.codes is not None]
    return scan


def _codes_of(rest: str) -> Audience | None:
    """The codes after `for`; None of any other container."""
    match = _FOR.match(rest)
    if match is None:
        return None
    return frozenset(code for code in _COMMAS.split((match["codes"] or "").lower()) if code)


def _audience(stack: list[_Open]) -> Audience | None:
    return stack[-1].audience if stack else FOR_ALL


def _narrowed(outer: Audience | None, codes: Audience | None) -> Audience | None:
    """Whom a part names inside another; None when nobody is named by both."""
    if codes is None or outer is None:
        return outer
    return (outer & codes if outer else codes) or None


def _code_lines(text: str) -> set[int]:
    """Lines (from 0) inside fenced code, where nothing is a container.

    Indented code is none: four spaces before a part for roles must not show it to everybody.
    """
    found: set[int] = set()
    for token in _markdown().parse(text):
        if token.type == "fence" and token.map is not None:
            found.update(range(token.map[0], token.map[1]))
    return found


def _headings(lines: list[_Line]) -> list[_Heading]:
    """Every heading of the text in order. Those for everybody choose their anchors first: a number
    behind one must not tell that another role's heading has the same words.
    """
    text = "\n".join("" if line.is_fence else line.text for line in lines)
    found: list[tuple[int, int, str]] = []
    for token, inside in itertools.pairwise(_markdown().parse(text)):
        if token.type == "heading_open" and token.map is not None:
            found.append((token.map[0], token.map[1], _words_of(inside)))
    taken: dict[str, int] = {}
    anchors = {
        start: anchor_of(title, taken)
        for start, _end, title in sorted(found, key=lambda one: lines[one[0]].audience != FOR_ALL)
    }
    return [
        _Heading(start, end, title, anchors[start], lines[start].audience)
        for start, end, title in found
    ]


def _words_of(inline: Token) -> str:
    """The text of a heading without its marks."""
    words = (
        "\n" if child.type in ("softbreak", "hardbreak") else child.content
        for child in inline.children or ()
        if child.type in ("text", "code_inline", "softbreak", "hardbreak")
    )
    return " ".join("".join(words).split())


def anchor_of(title: str, taken: dict[str, int]) -> str:
    """The anchor of a heading; `taken` keeps those of the page, each with the number it is at."""
    base = slugify(title, allow_unicode=True) or "part"
    number = taken.get(base, 0) + 1
    anchor = base if number == 1 else f"{base}-{number}"
    while anchor in taken:
        number += 1
        anchor = f"{base}-{number}"
    taken[base] = number
    taken.setdefault(anchor, 1)
    return anchor
