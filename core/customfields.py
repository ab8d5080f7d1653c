"""Custom fields: what a definition accepts, the same for forms, the API and imports.

A `Definition` is plain data (the catalogue keeps the rows); `clean_values` turns what was sent
into what is stored. Values stand in a JSON column by key: text and choices as text, numbers as
decimal text (JSON numbers lose digits), days as ISO text, persons as their id.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any, Literal

from django import forms
from django.utils.translation import gettext as _

from core.errors import BadInput, Problem

Kind = Literal["text", "number", "choice", "date", "person"]
#: Longest text a field accepts, in characters.
LONGEST_TEXT = 2000
#: What a problem with one custom field is called: `custom.<key>`.
PREFIX = "custom."


@dataclass(frozen=True)
class Definition:
    """One custom field. Asked always, or only while `when_field` holds one of `when_values`."""

    key: str
    label: str
    kind: Kind
    is_required: bool = False
    choices: Sequence[str] = ()
    when_field: str = ""
    when_values: Sequence[str] = ()
    help_text: str = ""


@dataclass(frozen=True)
class People:
    """How a person is found by what was sent (an id or a user name); None when there is none."""

    find: Callable[[str], int | None] = field(default=lambda sent: None)


def is_asked(definition: Definition, values: Mapping[str, Any]) -> bool:
    """Whether the field applies while the others hold `values`."""
    if not definition.when_field:
        return True
    return values.get(definition.when_field) in definition.when_values


def clean_values(
    definitions: Sequence[Definition],
    sent: Mapping[str, Any],
    *,
    people: People | None = None,
) -> dict[str, Any]:
    """The values to store. A field that is not asked is left out, and so is an empty one.

    Raises `BadInput` with one problem per field (`custom.<key>`), unknown keys included.
    """
    known = {definition.key: definition for definition in definitions}
    problems = [
        Problem(
            PREFIX + key,
            _("There is no such field here."),
            _("Known fields: %(keys)s") % {"keys": ", ".join(sorted(known)) or "—"},
            value=str(sent[key])[:200],
        )
        for key in sent
        if key not in known
    ]
    values: dict[str, Any] = {}
    # Fields that are always asked come first: the others look at what those hold.
    for definition in sorted(definitions, key=lambda one: bool(one.when_field)):
        if not is_asked(definition, values):
            continue
        found = _clean(definition, sent.get(definition.key), people or People())
        if isinstance(found, Problem):
            problems.append(found)
        elif found is not None:
            values[definition.key] = found
    if problems:
        raise BadInput(*problems)
    return values


def form_fields(definitions: Sequence[Definition]) -> dict[str, forms.Field]:
    """Form fields by `custom.<key>`; their values go through `clean_values` like any others.

    `data-when-field` and `data-when-values` let a page hide what is not asked.
    """
    found: dict[str, forms.Field] = {}
    for definition in definitions:
        attrs: dict[str, str] = {}
        if definition.when_field:
            attrs = {
                "data-when-field": PREFIX + definition.when_field,
                "data-when-values": "\n".join(definition.when_values),
            }
        found[PREFIX + definition.key] = forms.CharField(
            label=definition.label,
            help_text=definition.help_text,
            # Whether it is asked depends on the others, so only `clean_values` can require it.
            required=False,
            widget=_widget(definition, attrs),
        )
    return found


def _widget(definition: Definition, attrs: dict[str, str]) -> forms.Widget:
    if definition.kind == "choice":
        choices = [("", "—"), *((choice, choice) for choice in definition.choices)]
        return forms.Select(attrs=attrs, choices=choices)
    if definition.kind == "number":
        return forms.TextInput(attrs={**attrs, "inputmode": "decimal"})
    return (
        forms.DateInput(attrs={**attrs, "type": "date"})
        if definition.kind == "date"
        else (forms.TextInput(attrs=attrs))
    )


def values_in(cleaned: Mapping[str, Any]) -> dict[str, Any]:
    """The custom values of a form's cleaned data, by key."""
    return {
        name.removeprefix(PREFIX): value
        for name, value in cleaned.items()
        if name.startswith(PREFIX)
    }


def _clean(definition: Definition, sent: Any, people: People) -> Any:
    """The value as it is stored, None for an empty one, or what is wrong with it."""
    if isinstance(sent, bool | dict | list | tuple):
        return _problem(definition, sent, _("This is no single value."), _("Send text."))
    text = "" if sent is None else str(sent).strip()
    if not text:
        if definition.is_required:
            return _problem(
                definition, "", _("“%(label)s” is empty.") % {"label": definition.label},
                _("Fill it in."),
            )  # fmt: skip
        return None
    return _READERS[definition.kind](definition, text, people)


def _text(definition: Definition, text: str, people: People) -> Any:
    if len(text) > LONGEST_TEXT:
        return _problem(
            definition,
            text[:60] + "…",
            _("This text has %(n)s characters.") % {"n": len(text)},
            _("Shorten it to %(n)s.") % {"n": LONGEST_TEXT},
        )
    return text


def _number(definition: Definition, text: str, people: People) -> Any:
    try:
        number = Decimal(text.replace(",", "").replace(" ", ""))
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite() or abs(number.adjusted()) > 20:
        return _problem(
            definition,
            text,
            _("“%(value)s” is no number.") % {"value": text},
            _("Write digits, for example 1280.5."),
        )
    return format(number.normalize(), "f")


def _choice(definition: Definition, text: str, people: People) -> Any:
    if text not in definition.choices:
        return _problem(
            definition,
            text,
            _("“%(value)s” is not one of the choices.") % {"value": text},
            _("Choose from: %(choices)s") % {"choices": ", ".join(definition.choices)},
        )
    return text


def _date(definition: Definition, text: str, people: People) -> Any:
    try:
        return dt.date.fromisoformat(text).isoformat()
    except ValueError:
        return _problem(
            definition,
            text,
            _("“%(value)s” is no day.") % {"value": text},
            _("Write it like 2026-11-16."),
        )


def _person(definition: Definition, text: str, people: People) -> Any:
    found = people.find(text)
    if found is None:
        return _problem(
            definition,
            text,
            _("Nobody called “%(value)s” works here.") % {"value": text},
            _("Write a user name."),
        )
    return found


_READERS: dict[str, Callable[[Definition, str, People], Any]] = {
    "text": _text,
    "number": _number,
    "choice": _choice,
    "date": _date,
    "person": _person,
}


def _problem(definition: Definition, value: object, message: str, remedy: str) -> Problem:
    return Problem(PREFIX + definition.key, message, remedy, value=str(value)[:200])
