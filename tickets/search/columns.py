"""The facts a list may show beside a ticket's title: one entry each, read with the row itself."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db.models.fields.json import KeyTextTransform
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from core.errors import Problem
from tickets.choices import Channel, Impact, Resolution, Type, Urgency

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise

#: More than these no screen shows.
MOST_COLUMNS = 12
Said = Callable[[Sequence[Any]], str]


@dataclass(frozen=True)
class Column:
    """A fact: its word, its name, the paths it is read from, how it is said ("" for nothing)."""

    key: str
    label: str | StrPromise
    paths: tuple[str, ...]
    said: Said
    is_number: bool = False


def _text(values: Sequence[Any]) -> str:
    return "" if values[0] is None else str(values[0])


def _moment(values: Sequence[dt.datetime | None]) -> str:
    return date_format(localtime(values[0]), "SHORT_DATETIME_FORMAT") if values[0] else ""


def _day(values: Sequence[dt.date | None]) -> str:
    return date_format(values[0], "SHORT_DATE_FORMAT") if values[0] else ""


def _choice(labels: Mapping[Any, Any]) -> Said:
    return lambda values: str(labels.get(values[0], "") or "")


def _number(values: Sequence[int | None]) -> str:
    return str(values[0] or "")


def _cause(values: Sequence[Any]) -> str:
    return f"C-{values[0]} {values[1]}" if values[0] else ""


def _tags(values: Sequence[Any]) -> str:
    return pgettext("between items of a list", ", ").join(values[0] or ())


def _product(values: Sequence[Any]) -> str:
    return _("Other / not sure") if values[1] else str(values[0])


COLUMNS: dict[str, Column] = {
    column.key: column
    for column in (
        Column("product", gettext_lazy("Product"), ("product__name", "product__is_other"),
               _product),
        Column("module", gettext_lazy("Module"), ("module__name",), _text),
        Column("feature", gettext_lazy("Feature"), ("feature__name",), _text),
        Column("type", gettext_lazy("Type"), ("type",), _choice(dict(Type.choices))),
        Column("impact", gettext_lazy("Impact"), ("impact",), _choice(dict(Impact.choices))),
        Column("urgency", gettext_lazy("Urgency"), ("urgency",), _choice(dict(Urgency.choices))),
        Column("requester", gettext_lazy("Requester"), ("requester__name",), _text),
        Column("department", gettext_lazy("Requester's department"), ("department__name",), _text),
        Column("assignee", gettext_lazy("Holder"), ("assignee__name",), _text),
        Column("team", gettext_lazy("Team"), ("team__name",), _text),
        Column("channel", gettext_lazy("Channel"), ("channel",), _choice(dict(Channel.choices))),
        Column("tags", gettext_lazy("Tags"), ("tags",), _tags),
        Column("cause", gettext_lazy("Root cause"), ("cause_id", "cause__title"), _cause),
        Column("resolution", gettext_lazy("Resolution"), ("resolution",),
               _choice(dict(Resolution.choices))),
        Column("bounces", gettext_lazy("Returns"), ("bounces",), _number, True),
        Column("reopened", gettext_lazy("Times reopened"), ("reopened_times",), _number, True),
        Column("submitted", gettext_lazy("Submitted"), ("submitted_at",), _moment),
        Column("updated", gettext_lazy("Updated"), ("updated_at",), _moment),
        Column("due", gettext_lazy("Resolution due"), ("resolution_due_at",), _moment),
        Column("promised", gettext_lazy("Promised date"), ("promised_on",), _day),
        Column("resolved", gettext_lazy("Resolved at"), ("resolved_at",), _moment),
        Column("closed", gettext_lazy("Closed"), ("closed_at",), _moment),
    )
}  # fmt: skip
#: What the wide table shows when nobody chose.
TABLE_COLUMNS = ("product", "type", "requester", "assignee", "updated", "due")
CUSTOM = "custom."


@dataclass(frozen=True)
class Shown:
    """Chosen columns, and which values of a row's facts belong to each."""

    columns: tuple[Column, ...] = ()

    @property
    def paths(self) -> list[str]:
        return [path for column in self.columns for path in column.paths]

    def facts(self, values: Sequence[Any]) -> list[tuple[Column, str]]:
        """Each column with what it says of a row that was read by `paths`."""
        found, at = [], 0
        for column in self.columns:
            found.append((column, column.said(values[at : at + len(column.paths)])))
            at += len(column.paths)
        return found


def shown_columns(keys: Sequence[str], own: Mapping[str, str]) -> tuple[Shown, list[Problem]]:
    """The columns by their words; `own` names custom fields by `custom.<key>`."""
    chosen, problems = [], []
    for key in dict.fromkeys(keys[:MOST_COLUMNS]):
        if key in COLUMNS:
            chosen.append(COLUMNS[key])
        elif key in own:
            name = annotation(key)
            chosen.append(Column(key, own[key], (name,), _text))
        else:
            problems.append(
                Problem(
                    "columns", _("There is no column “%(value)s”.") % {"value": key[:40]},
                    _("Use one of: %(words)s") % {"words": ", ".join((*COLUMNS, *own))}, key[:200],
                )
            )  # fmt: skip
    return Shown(tuple(chosen)), problems


def annotation(key: str) -> str:
    """The name of a custom field's value in the query."""
    return "own_" + key.removeprefix(CUSTOM).replace("-", "_")


def own_values(keys: Sequence[str]) -> dict[str, KeyTextTransform]:
    """What must be added to a query that reads these columns."""
    return {
        annotation(key): KeyTextTransform(key.removeprefix(CUSTOM), "custom")
        for key in keys
        if key.startswith(CUSTOM)
    }
