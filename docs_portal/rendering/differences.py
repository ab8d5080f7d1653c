"""What changed between two texts, as people read it: lines with the words that came and went.

Words of Latin script stay whole, Chinese is compared character by character. Long stretches that
did not change are folded.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import SequenceMatcher

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

#: Lines around a change that are shown with it.
AROUND = 2
_WORDS = re.compile(r"[A-Za-z0-9_]+|\s+|.", re.DOTALL)
#: Below this likeness two lines are two lines, not one that changed.
ALIKE = 0.4
#: Longer lines are compared whole: word by word would take too long.
COMPARED = 4000


@dataclass(frozen=True)
class Line:
    """`kind` is same, added, removed, changed or folded (then `count` lines are left out)."""

    kind: str
    html: SafeString | str = ""
    count: int = 0


def differences(before: str, after: str) -> list[Line]:
    """The lines of both texts in order; empty when they are the same."""
    old, new = before.splitlines(), after.splitlines()
    if old == new:
        return []
    found: list[Line] = []
    for tag, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            found += [Line("same", line) for line in new[c:d]]
        else:
            found += _changed(old[a:b], new[c:d])
    return _folded(found)


def _changed(old: list[str], new: list[str]) -> list[Line]:
    """Lines that stand for each other as one changed line, the others as gone and new."""
    found: list[Line] = []
    rest = list(old)
    for line in new:
        twin = next((one for one in rest if _is_like(one, line)), None)
        if twin is None:
            found.append(Line("added", format_html("<ins>{}</ins>", line)))
            continue
        while rest[0] != twin:
            found.append(Line("removed", format_html("<del>{}</del>", rest.pop(0))))
        rest.pop(0)
        found.append(Line("changed", _words(twin, line)))
    return found + [Line("removed", format_html("<del>{}</del>", one)) for one in rest]


def _is_like(one: str, other: str) -> bool:
    if not one.strip() or not other.strip() or max(len(one), len(other)) > COMPARED:
        return one == other
    matcher = SequenceMatcher(None, one, other, autojunk=False)
    return matcher.quick_ratio() >= ALIKE and matcher.ratio() >= ALIKE


def _words(before: str, after: str) -> SafeString:
    old, new = _WORDS.findall(before), _WORDS.findall(after)
    pieces = []
    for tag, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            pieces.append(format_html("{}", "".join(new[c:d])))
            continue
        if a < b:
            pieces.append(format_html("<del>{}</del>", "".join(old[a:b])))
        if c < d:
            pieces.append(format_html("<ins>{}</ins>", "".join(new[c:d])))
    return format_html_join("", "{}", ((piece,) for piece in pieces))


def _folded(lines: list[Line]) -> list[Line]:
    near: set[int] = set()
    for place, line in enumerate(lines):
        if line.kind != "same":
            near.update(range(place - AROUND, place + AROUND + 1))
    found: list[Line] = []
    hidden = 0
    for place, line in enumerate(lines):
        if place in near:
            if hidden:
                found.append(Line("folded", count=hidden))
                hidden = 0
            found.append(line)
        else:
            hidden += 1
    if hidden:
        found.append(Line("folded", count=hidden))
    return found
