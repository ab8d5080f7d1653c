"""Markdown of other houses in the words of ours: callouts, tabs, pictures as HTML.

Understood are what MkDocs (Material), Docusaurus, VuePress, GitHub and GitBook add to Markdown, and
the few HTML tags that manuals are written with. Code is never touched. What has no counterpart here
is left out with its words kept.
"""

from __future__ import annotations

import html
import re
from collections import Counter
from dataclasses import dataclass, field

from docs_portal.importing.folder import plain_title

#: What callouts are called elsewhere → the kind they are here.
KINDS = {
    "note": "note", "info": "note", "abstract": "note", "summary": "note", "tldr": "note",
    "example": "note", "quote": "note", "cite": "note", "question": "note", "faq": "note",
    "help": "note", "seealso": "note", "todo": "note", "important": "note", "details": "note",
    "tip": "tip", "hint": "tip", "success": "tip", "check": "tip", "done": "tip",
    "warning": "warning", "caution": "warning", "attention": "warning", "danger": "warning",
    "error": "warning", "failure": "warning", "fail": "warning", "missing": "warning",
    "bug": "warning",
}  # fmt: skip
_FENCE = re.compile(r"^(?P<indent>[ \t]*)(?P<fence>`{3,}|~{3,})(?P<info>[^`]*)$")
_ADMONITION = re.compile(
    r"^(?P<indent>[ \t]*)(?:!!!|\?\?\?\+?)[ \t]*(?P<kind>[\w-]+)?"
    r"(?:[ \t]+(?:inline|end|[\w-]+))*(?:[ \t]+[\"“](?P<title>.*)[\"”])?[ \t]*$"
)
_TAB = re.compile(r"^(?P<indent>[ \t]*)===[!+]?[ \t]+[\"“](?P<title>[^\"”]*)[\"”][ \t]*$")
_CONTAINER = re.compile(r"^(?P<indent>[ \t]*):::[ \t]*(?P<kind>[A-Za-z]+)(?P<title>[^\n]*)$")
_ALERT = re.compile(r"^(?P<indent>[ \t]*)>[ \t]*\[!(?P<kind>[A-Za-z]+)\][ \t]*$")
_QUOTED = re.compile(r"^[ \t]*>[ \t]?")
_TOC = re.compile(r"^[ \t]*\[(?:TOC|toc|\[toc\])\][ \t]*$")
_ATTRIBUTES = re.compile(r"[ \t]*\{:?[ \t]*(?:[#.:][\w-]|[\w-]+=[\"'])[^}\n]*\}")
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_TAG = re.compile(
    r"<(?P<close>/?)(?P<name>[A-Za-z][A-Za-z0-9-]*)(?P<rest>(?:\s+[\w:@.-]+(?:\s*=\s*"
    r"(?:\"[^\"]*\"|'[^']*'|[^\s\"'>]+))?)*)\s*/?>",
    re.DOTALL,
)
_ATTRIBUTE = re.compile(r"([\w:-]+)\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'>]+))", re.DOTALL)
_CODE_SPAN = re.compile(r"(`+)(?!`)(?:(?!\n\s*\n)[\s\S])+?(?<!`)\1(?!`)")
#: Tags that only arrange; their words stay.
_PLAIN = frozenset(
    ("a", "article", "aside", "b", "big", "blockquote", "center", "dd", "del", "details", "div",
     "dl", "dt", "em", "figcaption", "figure", "font", "form", "header", "h1", "h2", "h3", "h4",
     "h5", "h6", "hr", "i", "iframe", "img", "kbd", "li", "mark", "nav", "ol", "p", "picture",
     "pre", "s", "script", "section", "small", "source", "span", "strong", "style", "sub",
     "summary", "sup", "table", "tbody", "td", "th", "thead", "tr", "u", "ul", "video", "br",
     "code")
)  # fmt: skip
_AROUND = {"b": "**", "strong": "**", "i": "*", "em": "*", "del": "~~", "s": "~~", "code": "`",
           "kbd": "`"}  # fmt: skip
_LINE = frozenset(("p", "div", "center", "figure", "section", "article", "header"))


#: Three empty lines and more, as callouts leave them; code has none of ours.
_GAPS = re.compile(r"\n{4,}")


@dataclass
class Converted:
    """A text in our Markdown, and how often which foreign tag was left out."""

    body: str
    left_out: Counter[str] = field(default_factory=Counter)


def converted(text: str) -> Converted:
    """The text as our manuals are written."""
    result = Converted("")
    lines = _without_html(text, result.left_out).split("\n")
    result.body = _GAPS.sub("\n\n", "\n".join(_blocks(lines))).strip("\n") + "\n"
    return result


def _blocks(lines: list[str]) -> list[str]:
    """Lines with the callouts and tabs of others made ours; nested ones included."""
    out: list[str] = []
    at = 0
    while at < len(lines):
        line = lines[at]
        if match := _FENCE.match(line):
            end = _end_of_code(lines, at, match["fence"])
            out.extend(lines[at:end])
            at = end
        elif match := _ADMONITION.match(line):
            inside, at = _indented(lines, at + 1, match["indent"])
            out.extend(_callout(match["indent"], match["kind"] or "", match["title"] or "", inside))
        elif match := _TAB.match(line):
            inside, at = _indented(lines, at + 1, match["indent"])
            out.extend(["", f"{match['indent']}**{match['title'].strip()}**", "", *_blocks(inside)])
        elif match := _ALERT.match(line):
            inside, at = _quoted(lines, at + 1)
            out.extend(_callout(match["indent"], match["kind"], "", inside))
        else:
            out.append(_line(line))
            at += 1
    return out


def _end_of_code(lines: list[str], start: int, fence: str) -> int:
    for at in range(start + 1, len(lines)):
        stripped = lines[at].strip()
        if stripped.startswith(fence) and not stripped.strip(fence[0]):
            return at + 1
    return len(lines)


def _indented(lines: list[str], at: int, indent: str) -> tuple[list[str], int]:
    """The lines of the block opened at `indent`, moved to the left, and where they end."""
    wanted = len(indent.expandtabs(4)) + 4
    inside: list[str] = []
    while at < len(lines):
        line = lines[at].expandtabs(4) if lines[at][:1].isspace() else lines[at]
        if line.strip() and len(line) - len(line.lstrip(" ")) < wanted:
            break
        inside.append(indent + line[wanted:] if line.strip() else "")
        at += 1
    while inside and not inside[-1]:
        inside.pop()
        at -= 1
    return inside, at


def _quoted(lines: list[str], at: int) -> tuple[list[str], int]:
    inside: list[str] = []
    while at < len(lines) and _QUOTED.match(lines[at]):
        inside.append(_QUOTED.sub("", lines[at]))
        at += 1
    return inside, at


def _callout(indent: str, kind: str, title: str, inside: list[str]) -> list[str]:
    said = " ".join(title.split()) if not inside else plain_title(title)
    known = KINDS.get(kind.lower(), "note")
    head = f"{indent}::: {known} {said}".rstrip()
    # A callout that is all title (`!!! note "…"`) says it as its text.
    words = _blocks(inside) if inside else [indent + said]
    if not inside:
        head = f"{indent}::: {known}"
    return ["", head, *words, f"{indent}:::", ""]


def _line(line: str) -> str:
    if _TOC.match(line):
        return ""
    if match := _CONTAINER.match(line):
        kind = match["kind"].lower()
        if kind in KINDS:
            title = match["title"].strip().strip("[]").strip()
            return f"{match['indent']}::: {KINDS[kind]} {title}".rstrip()
    return _ATTRIBUTES.sub("", line) if "{" in line and "`" not in line else line


def _without_html(text: str, left_out: Counter[str]) -> str:
    """HTML outside code as Markdown, or gone with its words kept."""
    pieces: list[str] = []
    for is_code, piece in _split_code(text):
        pieces.append(piece if is_code else _tags(_COMMENT.sub("", piece), left_out))
    return "".join(pieces)


def _split_code(text: str) -> list[tuple[bool, str]]:
    """The text cut into code, fenced or in a sentence, and what is none."""
    found: list[tuple[bool, str]] = []
    lines = text.split("\n")
    at = start = 0
    while at < len(lines):
        if match := _FENCE.match(lines[at]):
            found.extend(_spans("\n".join(lines[start:at]) + ("\n" if at > start else "")))
            end = _end_of_code(lines, at, match["fence"])
            found.append((True, "\n".join(lines[at:end]) + ("\n" if end < len(lines) else "")))
            at = start = end
        else:
            at += 1
    found.extend(_spans("\n".join(lines[start:])))
    return found


def _spans(text: str) -> list[tuple[bool, str]]:
    found: list[tuple[bool, str]] = []
    at = 0
    for match in _CODE_SPAN.finditer(text):
        found += [(False, text[at : match.start()]), (True, match[0])]
        at = match.end()
    return [*found, (False, text[at:])]


def _tags(text: str, left_out: Counter[str]) -> str:
    links: list[str] = []

    def swapped(match: re.Match[str]) -> str:
        name, closes = match["name"].lower(), bool(match["close"])
        if name not in _PLAIN:
            return match[0]
        given = {key.lower(): html.unescape(a or b or c)
                 for key, a, b, c in _ATTRIBUTE.findall(match["rest"])}  # fmt: skip
        if name in ("img", "source", "video") and not closes and given.get("src"):
            return f"![{_words(given.get('alt', ''))}]({_target(given['src'])})"
        if name == "br":
            return "<br>" if _in_table(text, match.start()) else "  \n"
        if name == "a":
            return _link(given.get("href", ""), closes, links)
        if name in _AROUND:
            return _AROUND[name]
        if name == "summary":
            return "\n**" if not closes else "**\n"
        if name == "hr":
            return "\n---\n"
        left_out[name] += 0 if closes else 1
        return "\n" if name in _LINE and closes else ""

    return _TAG.sub(swapped, text).replace("<br>", " ")


def _link(href: str, closes: bool, links: list[str]) -> str:
    if not closes:
        links.append(href)
        return "[" if href else ""
    href = links.pop() if links else ""
    return f"]({_target(href)})" if href else ""


def _words(text: str) -> str:
    return " ".join(text.replace("[", "(").replace("]", ")").split())


def _target(address: str) -> str:
    return address.strip().replace(" ", "%20").replace("(", "%28").replace(")", "%29")


def _in_table(text: str, at: int) -> bool:
    start = text.rfind("\n", 0, at) + 1
    return text[start:at].lstrip().startswith("|")
