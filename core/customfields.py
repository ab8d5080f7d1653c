"""Custom fields: what a definition accepts, the same for forms, the API and imports.

A `Definition` is plain data (the catalogue keeps the rows); `clean_values` turns what was sent
into what is stored. Values stand in a JSON column by key: text and choices as text, numbers as
decimal text (JSON numbers lose digits), days as ISO text, persons as their id, files as the list
of their names (the bytes are kept by the app whose row it is).
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

Kind = Literal["text", "number", "choice", "date", "person", "file"]
#: Longest text a field accepts, in characters.
LONGEST_TEXT = 2000
#: What a problem with one custom field is called: `custom.<key>`.
PREFIX = "custom."


@dataclass(frozen=True)
class Section:
    """Fields that stand together under a heading, and are asked together."""

    pk: int
    label: str
    help_text: str = ""
    when_field: str = ""
    when_values: Sequence[str] = ()


@dataclass(frozen=True)
class Definition:
    """One custom field. Asked always, or only while `when_field` holds one of `when_values`.

    Without `when_values` any value will do. A field of a section is asked only while its section
    is as well. `choices` are what is stored; `choice_labels` how the reader reads them.
    """

    key: str
    label: str
    kind: Kind
    is_required: bool = False
    choices: Sequence[str] = ()
    when_field: str = ""
    when_values: Sequence[str] = ()
    help_text: str = ""
    section: Section | None = None
    choice_labels: Sequence[str] = ()

    def conditions(self) -> list[tuple[str, Sequence[str]]]:
        """What must hold for the field to be asked: its own condition and its section's."""
        parts: list[Definition | Section] = [self, self.section] if self.section else [self]
        return [(part.when_field, part.when_values) for part in parts if part.when_field]

    def shown_choice(self, value: str) -> str:
        """A choice in the reader's language; one that is no longer offered stays as it is."""
        for choice, label in zip(self.choices, self.choice_labels, strict=False):
            if choice == value and label:
                return label
        return value


@dataclass(frozen=True)
class People:
    """How a person is found by what was sent (an id or a user name); None when there is none."""

    find: Callable[[str], int | None] = field(default=lambda sent: None)


def is_filled(value: Any) -> bool:
    """Whether a stored value says anything."""
    return value not in (None, "", [], ())


def holds(value: Any, wanted: Sequence[str]) -> bool:
    """Whether a stored value is one of `wanted`, or says anything where nothing is named."""
    return is_filled(value) and (not wanted or str(value) in wanted)


def is_asked(definition: Definition, values: Mapping[str, Any]) -> bool:
    """Whether the field applies while the others hold `values`."""
    return all(holds(values.get(key), wanted) for key, wanted in definition.conditions())


def clean_values(
    definitions: Sequence[Definition],
    sent: Mapping[str, Any],
    *,
    people: People | None = None,
    stored: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """The values to store. A field that is not asked is left out, and so is an empty one.

    With `stored` (the row's values) `sent` changes some of them: what is not sent stays as it
    is, what no definition knows (imported, retired, of another module) as well, and a required
    field is missed only where it was sent or asked for by what was sent. Raises `BadInput` with
    one problem per field (`custom.<key>`), unknown keys included.
    """
    known = {definition.key: definition for definition in definitions}
    kept = {} if stored is None else {k: v for k, v in stored.items() if k not in known}
    problems = [
        Problem(
            PREFIX + key,
            _("There is no such field here."),
            _("Known fields: %(keys)s") % {"keys": ", ".join(sorted(known)) or "—"},
            value=str(sent[key])[:200],
        )
        for key in sent
        if key not in known and not (key in kept and kept[key] == sent[key])
    ]
    reading = _Reading(known, sent, people or People(), stored)
    values = {key: reading.value_of(key) for key in known}
    problems += [problem for problem in reading.problems.values() if problem is not None]
    if problems:
        raise BadInput(*problems)
    return {**kept, **{key: value for key, value in values.items() if value is not None}}


class _Reading:
    """One set of values on its way through the definitions, each read once."""

    def __init__(
        self,
        known: Mapping[str, Definition],
        sent: Mapping[str, Any],
        people: People,
        stored: Mapping[str, Any] | None,
    ) -> None:
        self.known, self.sent, self.people, self.stored = known, sent, people, stored
        self.values: dict[str, Any] = {}
        self.problems: dict[str, Problem | None] = {}

    def value_of(self, key: str) -> Any:
        """The value of a field, after those it depends on; None where it is not asked."""
        if key not in self.known:
            return None
        if key not in self.problems:
            # A circle of conditions (the settings refuse one) finds itself not asked.
            self.problems[key], self.values[key] = None, None
            self.values[key] = self._read(self.known[key])
        return self.values[key]

    def _read(self, definition: Definition) -> Any:
        for other, wanted in definition.conditions():
            if not holds(self.value_of(other), wanted):
                return None
        if self.stored is not None and definition.key not in self.sent:
            there = self.stored.get(definition.key)
            if is_filled(there) or not self._newly_asked(definition):
                return there
        found = _clean(definition, self.sent.get(definition.key), self.people)
        if isinstance(found, Problem):
            self.problems[definition.key] = found
            return None
        return found

    def _newly_asked(self, definition: Definition) -> bool:
        return any(key in self.sent for key, _wanted in definition.conditions())


def form_fields(
    definitions: Sequence[Definition],
    *,
    file_field: Callable[[], forms.Field] = forms.FileField,
) -> dict[str, forms.Field]:
    """Form fields by `custom.<key>`; their values go through `clean_values` like any others.

    `data-when-field` and `data-when-values` let a page hide what is not asked. `file_field`
    makes the control of a field of kind file.
    """
    found: dict[str, forms.Field] = {}
    for definition in definitions:
        attrs: dict[str, str] = {}
        if definition.when_field:
            attrs = {
                "data-when-field": PREFIX + definition.when_field,
                "data-when-values": "\n".join(definition.when_values),
            }
        made = (
            file_field()
            if definition.kind == "file"
            else _AskedField(widget=_widget(definition, attrs), required=definition.is_required)
        )
        made.label, made.help_text = definition.label, definition.help_text
        if definition.kind == "file":
            made.widget.attrs |= attrs
        found[PREFIX + definition.key] = made
    return found


class _AskedField(forms.CharField):
    """Shows that it is required; whether it is asked depends on the others, so only
    `clean_values` can miss it."""

    def validate(self, value: Any) -> None:
        """Nothing is wrong yet."""


def _widget(definition: Definition, attrs: dict[str, str]) -> forms.Widget:
    if definition.kind == "choice":
        said = [(choice, definition.shown_choice(choice)) for choice in definition.choices]
        return forms.Select(attrs=attrs, choices=[("", "—"), *said])
    if definition.kind == "number":
        return forms.TextInput(attrs={**attrs, "inputmode": "decimal"})
    if definition.kind == "person":
        # The page's list of people; scripts fill it while one types.
        named = {"list": "people", "autocomplete": "off", "data-people": ""}
        return forms.TextInput(attrs={**attrs, **named})
    return (
        forms.DateInput(attrs={**attrs, "type": "date"})
        if definition.kind == "date"
        else forms.TextInput(attrs=attrs)
    )


def values_in(cleaned: Mapping[str, Any]) -> dict[str, Any]:
    """The custom values of a form's cleaned data, by key; uploaded files by their names."""
    return {
        name.removeprefix(PREFIX): _names(value) if isinstance(value, list) else value
        for name, value in cleaned.items()
        if name.startswith(PREFIX)
    }


def _names(files: Sequence[Any]) -> list[str]:
    return [str(getattr(file, "name", file)) for file in files]


def _clean(definition: Definition, sent: Any, people: People) -> Any:
    """The value as it is stored, None for an empty one, or what is wrong with it."""
    if definition.kind == "file":
        return _files(definition, sent)
    if isinstance(sent, bool | dict | list | tuple):
        return _problem(definition, sent, _("This is no single value."), _("Send text."))
    text = "" if sent is None else str(sent).strip()
    if not text:
        return _empty(definition) if definition.is_required else None
    return _READERS[definition.kind](definition, text, people)


def _empty(definition: Definition) -> Problem:
    remedy = _("Add at least one file.") if definition.kind == "file" else _("Fill it in.")
    said = _("“%(label)s” is empty.") % {"label": definition.label}
    return _problem(definition, "", said, remedy)


def _files(definition: Definition, sent: Any) -> Any:
    """Names of files. A text is none: the bytes must come along."""
    if not is_filled(sent):
        return _empty(definition) if definition.is_required else None
    if not isinstance(sent, list | tuple) or not all(isinstance(one, str) for one in sent):
        return _problem(
            definition, sent, _("“%(label)s” takes files.") % {"label": definition.label},
            _("Send them as multipart under “%(name)s”.") % {"name": PREFIX + definition.key},
        )  # fmt: skip
    return list(sent)


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
