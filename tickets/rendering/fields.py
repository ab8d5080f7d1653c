"""Custom fields on a page: grouped under their sections, and what a ticket holds in words."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.utils.dateparse import parse_date
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts.models import User
from catalog.access import known_fields
from catalog.choices import FieldTarget
from core.customfields import PREFIX, Definition, Section, is_filled
from tickets.models import Attachment, Ticket

if TYPE_CHECKING:
    from django.forms.boundfield import BoundField


@dataclass(frozen=True)
class ShownField:
    """A control of a custom field, the condition it stands under, and what waits for it."""

    bound: BoundField
    definition: Definition
    waiting: Sequence[Any] = ()
    said_when: str = ""


@dataclass(frozen=True)
class FieldGroup:
    """Fields that stand together: under a section, or under none."""

    section: Section | None
    fields: list[ShownField] = field(default_factory=list)
    said_when: str = ""

    @property
    def when_field(self) -> str:
        """The control the whole section depends on."""
        return PREFIX + self.section.when_field if self.section and self.section.when_field else ""

    @property
    def when_values(self) -> str:
        return "\n".join(self.section.when_values) if self.section else ""


def grouped(
    definitions: Sequence[Definition],
    bound: Callable[[str], BoundField],
    waiting: Mapping[str, Sequence[Any]],
) -> list[FieldGroup]:
    """The fields in their order, each under its section."""
    known = {definition.key: definition for definition in definitions}
    groups: list[FieldGroup] = []
    for definition in definitions:
        if not groups or groups[-1].section != definition.section:
            part = definition.section
            groups.append(FieldGroup(part, said_when=_said_when(part, known)))
        name = PREFIX + definition.key
        groups[-1].fields.append(
            ShownField(
                bound(name), definition, waiting.get(name, ()), _said_when(definition, known)
            )
        )
    return groups


def _said_when(part: Definition | Section | None, known: Mapping[str, Definition]) -> str:
    """The condition in words, for a page that cannot hide what is not asked."""
    other = known.get(part.when_field) if part is not None else None
    if part is None or other is None:
        return ""
    if not part.when_values:
        return _("Only when “%(field)s” is filled.") % {"field": other.label}
    values = ", ".join(other.shown_choice(value) for value in part.when_values)
    return _("Only when “%(field)s” is: %(values)s.") % {"field": other.label, "values": values}


@dataclass(frozen=True)
class ShownValue:
    """What a ticket holds under one custom field."""

    label: str
    text: str = ""
    files: Sequence[Attachment] = ()


def values_of(ticket: Ticket) -> list[ShownValue]:
    """What the ticket holds, in the words of the reader.

    In the order of the form; what no definition knows (an import's columns) stands last, under
    its own name. Retired fields keep their label. No query for a ticket that holds nothing.
    """
    held = {key: value for key, value in ticket.custom.items() if is_filled(value)}
    if not held:
        return []
    known = known_fields(FieldTarget.TICKET)
    named = [key for key in known if key in held]
    unnamed = [key for key in held if key not in known]
    ids = [held[key] for key in named if known[key].kind == "person"]
    ids = [pk for pk in ids if isinstance(pk, int)]
    names = dict(User.objects.filter(pk__in=ids).values_list("pk", "name")) if ids else {}
    has_files = any(known[key].kind == "file" for key in named)
    files = list(ticket.attachments.exclude(field_key="")) if has_files else []
    shown = [
        ShownValue(
            known[key].label,
            _said(known[key], held[key], names),
            [file for file in files if file.field_key == key],
        )
        for key in named
    ]
    return shown + [ShownValue(key.replace("_", " "), str(held[key])) for key in unnamed]


def _said(definition: Definition, value: Any, names: Mapping[int, str]) -> str:
    if definition.kind == "file":
        return ""
    if definition.kind == "person":
        return names.get(value, str(value)) if isinstance(value, int) else str(value)
    if definition.kind == "choice":
        return definition.shown_choice(str(value))
    if definition.kind == "date":
        return _day(str(value))
    return str(value)


def _day(text: str) -> str:
    """A day in words; what an import brought and is none stays as it is."""
    try:
        day = parse_date(text)
    except ValueError:
        day = None
    return date_format(day, "SHORT_DATE_FORMAT") if day else text
