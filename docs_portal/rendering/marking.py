"""Where the words of a search stand in a text: marked, and cut to the lines around them."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from core.searchkey import Term, placed

#: Characters of a text that a result shows, and how many of them before the first word.
SHOWN, BEFORE = 120, 30


def marked(text: str, terms: Sequence[Term]) -> SafeString:
    """The text with the words marked, in whatever form they stand there: full width, traditional,
    capital letters.
    """
    return _drawn(text, _spans(text, terms))


def snippet(text: str, terms: Sequence[Term]) -> SafeString:
    """The lines around the first place with most of the words, marked; else the beginning."""
    line = " ".join(text.split())
    spans = _spans(line, terms)
    start = _best_start(spans)
    end = min(len(line), start + SHOWN)
    inside = [
        (max(a, start) - start, min(b, end) - start) for a, b in spans if a < end and b > start
    ]
    piece = _drawn(line[start:end], inside)
    return format_html("{}{}{}", "…" if start else "", piece, "…" if end < len(line) else "")


def _best_start(spans: Sequence[tuple[int, int]]) -> int:
    """Where the stretch begins that shows the most marks."""
    best, most = 0, 0
    for place, (start, _end) in enumerate(spans):
        count = sum(1 for other, _behind in spans[place:] if other < start + SHOWN - BEFORE)
        if count > most:
            best, most = max(0, start - BEFORE), count
    return best


def _spans(text: str, terms: Sequence[Term]) -> list[tuple[int, int]]:
    """Stretches of `text` to be marked, in order, none touching another."""
    low, places = placed(text)
    found = sorted(span for term in terms for span in _occurrences(low, places, term))
    joined: list[tuple[int, int]] = []
    for start, end in found:
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined


def _occurrences(low: str, places: Sequence[int], term: Term) -> list[tuple[int, int]]:
    found = []
    at = low.find(term.word)
    while at >= 0:
        # One or two Latin characters are searched as the beginning of a word.
        if not (term.prefix_only and at and low[at - 1].isascii() and low[at - 1].isalnum()):
            found.append((places[at], places[at + len(term.word) - 1] + 1))
        at = low.find(term.word, at + len(term.word))
    return found


def _drawn(text: str, spans: Sequence[tuple[int, int]]) -> SafeString:
    pieces: list[tuple[SafeString | str]] = []
    at = 0
    for start, end in spans:
        pieces.append((text[at:start],))
        pieces.append((format_html("<mark>{}</mark>", text[start:end]),))
        at = end
    pieces.append((text[at:],))
    return format_html_join("", "{}", pieces)
