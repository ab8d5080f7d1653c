"""The one table of keys: hints, tooltips, the list that `?` opens and the scripts all read it.

A key is named by its place on the keyboard (`KeyboardEvent.code`), not by the letter it types, so
it works while a Chinese input method is on. Apps register the keys of their places in `apps.ready`;
`static/js/keys.js` reads them from the page.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from types import MappingProxyType
from typing import TYPE_CHECKING

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from core.markup import kbd

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise

#: Codes whose cap is no single letter or digit.
_CAPS = {"Slash": "/", "Shift+Slash": "?", "Shift+KeyF": "⇧F", "Enter": "↵", "Escape": "Esc"}
_RANGE = re.compile(r"^Digit(\d)-(\d)$")


class UnknownKeyError(LookupError):
    """A template or a place names a key that no table holds."""


@dataclass(frozen=True)
class Key:
    """What one key, or keys pressed one after the other, do.

    `codes` are values of KeyboardEvent.code, one a stroke; `Digit1-4` is any of these digits,
    `Mod+` is ⌘ on macOS and Ctrl elsewhere, `Shift+` is drawn as ⇧.
    Without `hands_free` it works outside fields only.
    """

    name: str
    codes: tuple[str, ...]
    label: StrPromise
    hands_free: bool = False

    @property
    def caps(self) -> tuple[str, ...]:
        """What is drawn: one cap a key, in the order of pressing."""
        return tuple(cap for code in self.codes for cap in _caps_of(code))


def _caps_of(code: str) -> Iterator[str]:
    if code.startswith("Mod+"):
        yield "Mod"
        code = code.removeprefix("Mod+")
    if code.startswith("Shift+") and code not in _CAPS:
        yield "⇧"
        code = code.removeprefix("Shift+")
    if found := _RANGE.match(code):
        yield f"{found[1]}–{found[2]}"
    else:
        yield _CAPS.get(code) or code.removeprefix("Key").removeprefix("Digit").lower()


@dataclass(frozen=True)
class KeyGroup:
    """Keys that belong together, under one heading of the list."""

    label: StrPromise
    keys: tuple[Key, ...]


EVERYWHERE = KeyGroup(
    _("Everywhere"),
    (
        Key("palette", ("Mod+KeyK",), _("Find anything, go anywhere"), hands_free=True),
        Key("search", ("Slash",), _("Search")),
        Key("send", ("Mod+Enter",), _("Send what is written"), hands_free=True),
        Key("keys", ("Shift+Slash",), _("This list of keys")),
        Key("close", ("Escape",), _("Close what is open"), hands_free=True),
    ),
)

_places: dict[str, tuple[KeyGroup, ...]] = {}


def register_keys(place: str, groups: Sequence[KeyGroup]) -> None:
    """Make the keys of a place known; its pages name it with `{% keys_of "place" %}`."""
    _places[place] = tuple(groups)
    _by_code.cache_clear()
    all_keys.cache_clear()


def groups_of(place: str) -> tuple[KeyGroup, ...]:
    """The headings of a place's list of keys: its own first, then what works everywhere."""
    if place and place not in _places:
        raise UnknownKeyError(f"No keys are registered for the place {place!r}.")
    return (*_places.get(place, ()), EVERYWHERE)


def places_with_keys() -> list[str]:
    """The places that have keys of their own; the same key may do something else in another."""
    return sorted(_places)


@cache
def all_keys() -> Mapping[str, Key]:
    """Every key of every place by its name."""
    groups = [EVERYWHERE, *(group for groups in _places.values() for group in groups)]
    return MappingProxyType({key.name: key for group in groups for key in group.keys})


@cache
def _by_code() -> dict[str, Key]:
    # Of several keys with the same codes the first one counts.
    return {" ".join(key.codes): key for key in reversed(list(all_keys().values()))}


def key_named(name: str) -> Key:
    """The key called `name`. Raises UnknownKeyError."""
    try:
        return all_keys()[name]
    except KeyError:
        raise UnknownKeyError(f"No key is called {name!r}; core/keys.py says how.") from None


def key_of_code(code: str) -> Key | None:
    """The key that is pressed by these codes (separated by spaces), if there is one."""
    return _by_code().get(code)


def hints_html(*names: str) -> SafeString:
    """Short hints, each a cap and its word."""
    keys = [key_named(name) for name in names]
    return mark_safe(  # noqa: S308  (labels are escaped)
        "".join(f"<span>{kbd(*key.caps)} {escape(key.label)}</span>" for key in keys)
    )


def table_html(place: str) -> SafeString:
    """The groups of a place as definition lists: what `?` shows and what keys.js reads."""
    return _table_html(place, get_language() or "", len(_places))


@lru_cache(maxsize=64)
def _table_html(place: str, language: str, known: int) -> SafeString:
    """Drawn once for a place and language; it is the same for everybody."""
    return mark_safe("".join(_group_html(group) for group in groups_of(place)))  # noqa: S308


def _group_html(group: KeyGroup) -> str:
    rows = "".join(
        f'<div data-act="{key.name}" data-codes="{" ".join(key.codes)}"'
        f"{' data-hands-free' if key.hands_free else ''}>"
        f"<dt>{kbd(*key.caps)}</dt><dd>{escape(key.label)}</dd></div>"
        for key in group.keys
    )
    return f"<section><h4>{escape(group.label)}</h4><dl>{rows}</dl></section>"
