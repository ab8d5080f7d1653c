"""Two texts that began as one brought together line by line: pure, without a query.

As merge programs do it (diff3): what both left alone holds the parts apart; a part only one of
them changed is theirs; a part both changed differently is a conflict.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher


@dataclass(frozen=True)
class Merged:
    """The text with both changes. Where `conflicts` are counted, `mine` stands in the text."""

    text: str
    conflicts: int


@dataclass(frozen=True)
class _Sync:
    """The same lines in all three: where they begin and end in base, mine and theirs."""

    base: tuple[int, int]
    mine: tuple[int, int]
    theirs: tuple[int, int]


def merged(base: str, mine: str, theirs: str) -> Merged:
    """`mine` and `theirs`, both written from `base`, as one text."""
    b, m, t = base.splitlines(), mine.splitlines(), theirs.splitlines()
    found: list[str] = []
    conflicts = 0
    at_b = at_m = at_t = 0
    for sync in _syncs(b, m, t):
        ours, others = m[at_m : sync.mine[0]], t[at_t : sync.theirs[0]]
        before = b[at_b : sync.base[0]]
        if ours == others or others == before:
            found += ours
        elif ours == before:
            found += others
        else:
            conflicts += 1
            found += ours
        found += b[sync.base[0] : sync.base[1]]
        at_b, at_m, at_t = sync.base[1], sync.mine[1], sync.theirs[1]
    ending = "\n" if mine.endswith("\n") else ""
    return Merged("\n".join(found) + ending, conflicts)


def _syncs(base: list[str], mine: list[str], theirs: list[str]) -> Iterator[_Sync]:
    """Stretches that all three share, in order; the end is the last one."""
    ours = SequenceMatcher(None, base, mine, autojunk=False).get_matching_blocks()
    others = SequenceMatcher(None, base, theirs, autojunk=False).get_matching_blocks()
    i = j = 0
    while i < len(ours) and j < len(others):
        a, b = ours[i], others[j]
        start, stop = max(a.a, b.a), min(a.a + a.size, b.a + b.size)
        if start < stop:
            yield _Sync(
                (start, stop),
                (a.b + start - a.a, a.b + stop - a.a),
                (b.b + start - b.a, b.b + stop - b.a),
            )
        if a.a + a.size < b.a + b.size:
            i += 1
        else:
            j += 1
    end = len(base), len(mine), len(theirs)
    yield _Sync((end[0], end[0]), (end[1], end[1]), (end[2], end[2]))
