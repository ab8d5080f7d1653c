"""What custom fields hold: the one place where the values of a ticket are checked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from catalog.access import fields_for, people_of_fields
from catalog.choices import FieldTarget
from catalog.models import Module, Product
from core.customfields import clean_values
from tickets.choices import Channel

#: Where nobody can be asked any more: what is required there stays open, for staff to ask.
_UNASKED = frozenset({Channel.CHAT, Channel.MAIL, Channel.IMPORT})


def checked_custom(
    product: Product,
    module: Module | None,
    row_type: str,
    sent: Mapping[str, Any],
    *,
    files: Mapping[str, Sequence[str]] | None = None,
    stored: Mapping[str, Any] | None = None,
    channel: str = Channel.FORM,
) -> dict[str, Any]:
    """The custom values a ticket of this place and type holds. Raises BadInput by `custom.<key>`.

    `files` are the names of files that come along for a field, by key; they join those it holds.
    With `stored` only what is sent is checked. A message from outside is never refused for a
    field that nobody was asked for.
    """
    definitions = fields_for(FieldTarget.TICKET, product, module, row_type)
    named = {key: [*_held(stored, key), *names] for key, names in (files or {}).items() if names}
    # A list of names alone is no file: the bytes come with them, or came before.
    told = {key: value for key, value in sent.items() if not isinstance(value, list)}
    wanted = {**told, **named}
    if not definitions and not wanted:
        return dict(stored or {})
    if channel in _UNASKED and stored is None:
        stored = {}
    return clean_values(definitions, wanted, people=people_of_fields(), stored=stored)


def _held(stored: Mapping[str, Any] | None, key: str) -> list[str]:
    value = (stored or {}).get(key)
    return [str(name) for name in value] if isinstance(value, list) else []
