"""What a cell of the demand table accepts: a text, typed or pasted, read into a value.

One reader for the grid, pasted blocks and imports: whatever a spreadsheet shows – a label in
either language, a name, `2026/11/16`, `1,280.5` – is understood, or refused by name.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation
from typing import Any

from django.conf import settings
from django.utils import translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from accounts.models import Department, User
from catalog.access import fields_for, people_of_fields
from catalog.choices import FieldTarget
from catalog.models import Module, Product
from core.changes import TEXT_MAX, checked_text
from core.customfields import PREFIX, Definition, clean_values, is_asked
from core.errors import BadInput, Problem
from feedback.choices import DemandKind, DemandStatus, FeedbackSource, Initiator, ReleaseStatus
from feedback.models import Demand, Release
from tickets.choices import Priority

_IN_BRACKETS = re.compile(r"[(（]([\w.@+-]+)[)）]\s*$")
_DAY = re.compile(r"^(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?$")
_BETWEEN = re.compile(r"[、,，;；\n]+")
_MOST_EFFORT = Decimal("99999.9")
#: Departments of one demand: more nobody reads in a cell.
_MOST_DEPARTMENTS = 50


@dataclass(frozen=True)
class Value:
    """What a text means: what is stored, and how a person reads it."""

    stored: Any
    said: str = ""


NOTHING = Value(None)


class CellReader:
    """Reads texts of many cells; what it looked up once it remembers."""

    def __init__(self) -> None:
        self._people: dict[str, Value] = {}
        self._modules: dict[int, list[Module]] = {}
        self._departments: dict[str, list[Department]] | None = None
        self._definitions: dict[tuple[int, int | None], Mapping[str, Definition]] = {}

    def read(self, field: str, demand: Demand, text: str) -> Value:
        """The value of `text` in this field of this demand. Raises BadInput naming the field."""
        text = text.replace("\x00", "").strip()
        if field.startswith(PREFIX):
            return self._own(field, demand, text)
        return READERS[field](self, field, demand, text)

    def person(self, field: str, demand: Demand, text: str) -> Value:
        if not text:
            return NOTHING
        if text not in self._people:
            self._people[text] = _person(field, text)
        return self._people[text]

    def product(self, field: str, demand: Demand, text: str) -> Value:
        found = [
            row
            for row in Product.objects.filter(is_active=True)
            if text.casefold() in (row.code.casefold(), row.name.casefold(), str(row).casefold())
        ]
        if not found:
            raise _bad(
                field,
                _("There is no product “%(value)s”.") % {"value": text[:40]},
                _("Write the name or the code of a product."),
                text,
            )
        return Value(found[0].pk, str(found[0]))

    def module(self, field: str, demand: Demand, text: str) -> Value:
        if not text:
            return NOTHING
        if demand.product_id not in self._modules:
            rows = Module.objects.filter(product=demand.product_id, is_active=True)
            self._modules[demand.product_id] = list(rows)
        # A cell of another table may say "product · module".
        wanted = text.rsplit("·", 1)[-1].strip().casefold()
        for module in self._modules[demand.product_id]:
            if wanted in (module.name.casefold(), str(module.pk)):
                return Value(module.pk, module.name)
        names = [module.name for module in self._modules[demand.product_id]]
        raise _bad(
            field,
            _("This product has no module “%(value)s”.") % {"value": text[:40]},
            _("Choose from: %(choices)s") % {"choices": _listed(names)},
            text,
        )

    def departments(self, field: str, demand: Demand, text: str) -> Value:
        found: dict[int, str] = {}
        for name in (part.strip() for part in _BETWEEN.split(text)):
            if name:
                row = self._department(field, name)
                found[row.pk] = row.name
        if len(found) > _MOST_DEPARTMENTS:
            raise _bad(
                field,
                _("These are too many departments."),
                _("Name at most %(n)s, or the one above them.") % {"n": _MOST_DEPARTMENTS},
                str(len(found)),
            )
        comma = pgettext("between items of a list", ", ")
        return Value(sorted(found), comma.join(found.values()))

    def _department(self, field: str, name: str) -> Department:
        if self._departments is None:
            self._departments = {}
            for row in Department.objects.filter(is_active=True):
                self._departments.setdefault(row.name.casefold(), []).append(row)
        found = self._departments.get(name.casefold(), [])
        if len(found) == 1:
            return found[0]
        if found:
            raise _bad(
                field,
                _("Several departments are called “%(value)s”.") % {"value": name[:40]},
                _("Choose it on the demand's page, where its place is shown."),
                name,
            )
        raise _bad(
            field,
            _("There is no department “%(value)s”.") % {"value": name[:40]},
            _("Write names of departments, with commas between."),
            name,
        )

    def release(self, field: str, demand: Demand, text: str) -> Value:
        if not text:
            return NOTHING
        rows = list(
            Release.objects.filter(product=demand.product_id, status=ReleaseStatus.PLANNED)
            .order_by("-pk")
        )  # fmt: skip
        for row in rows:
            if row.name.casefold() == text.casefold():
                return Value(row.pk, row.name)
        raise _bad(
            field,
            _("This product plans no release “%(value)s”.") % {"value": text[:40]},
            _("Choose from: %(choices)s") % {"choices": _listed([row.name for row in rows])},
            text,
        )

    def definitions(self, demand: Demand) -> Mapping[str, Definition]:
        """The company's own fields of this demand's product and module, by key."""
        place = (demand.product_id, demand.module_id)
        if place not in self._definitions:
            module = Module.objects.filter(pk=demand.module_id or 0).first()
            product = Product.objects.get(pk=demand.product_id)
            found = fields_for(FieldTarget.DEMAND, product, module)
            self._definitions[place] = {one.key: one for one in found}
        return self._definitions[place]

    def _own(self, field: str, demand: Demand, text: str) -> Value:
        key = field.removeprefix(PREFIX)
        definition = self.definitions(demand).get(key)
        if definition is None:
            raise _bad(
                field,
                _("A demand of this product and module has no such field."),
                _("Leave the cell empty."),
                text,
            )
        if text and not is_asked(definition, demand.custom):
            raise _bad(
                field,
                _("This field does not apply while the others hold what they hold."),
                _("Fill the field it depends on first, or leave the cell empty."),
                text,
            )
        # Alone: what the other fields lack is not said of this cell.
        alone = replace(definition, when_field="", when_values=(), section=None)
        labels = dict(zip(definition.choice_labels, definition.choices, strict=False))
        found = clean_values([alone], {key: labels.get(text, text)}, people=people_of_fields())
        return Value(found.get(key), text)


Reader = Callable[[CellReader, str, Demand, str], Value]


def _bad(field: str, message: str, remedy: str, value: str) -> BadInput:
    return BadInput(Problem(field, message, remedy, value[:200]))


def _listed(names: Sequence[str]) -> str:
    comma = pgettext("between items of a list", ", ")
    return comma.join(names[:12]) + (" …" if len(names) > 12 else "") if names else "—"


def _person(field: str, text: str) -> Value:
    inside = _IN_BRACKETS.search(text)
    people = User.objects.working_here()
    found = list(people.filter(username__iexact=inside[1] if inside else text)[:1])
    if not found and not inside:
        found = list(people.filter(name__iexact=text)[:2])
    if len(found) > 1:
        raise _bad(
            field,
            _("Several people are called “%(value)s”.") % {"value": text[:40]},
            _("Add the user name: %(value)s (…).") % {"value": text[:40]},
            text,
        )
    if not found:
        raise _bad(
            field,
            _("Nobody here is called “%(value)s”.") % {"value": text[:40]},
            _("Write a user name, or a full name."),
            text,
        )
    return Value(found[0].pk, found[0].name)


def _title(reader: CellReader, field: str, demand: Demand, text: str) -> Value:
    title = checked_text(field, " ".join(text.split()), maximum=160)
    return Value(title, title)


def _long(reader: CellReader, field: str, demand: Demand, text: str) -> Value:
    found = checked_text(field, text, maximum=TEXT_MAX) if text else ""
    return Value(found, found)


def _effort(reader: CellReader, field: str, demand: Demand, text: str) -> Value:
    if not text:
        return NOTHING
    try:
        number = Decimal(re.sub(r"[,，\s]", "", text))
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite() or not 0 <= number <= _MOST_EFFORT:
        raise _bad(
            field,
            _("“%(value)s” is no number of person-days.") % {"value": text[:40]},
            _("Write a number from 0 to 99999.9, for example 2.5."),
            text,
        )
    rounded = number.quantize(Decimal("0.1"))
    if rounded != number:
        raise _bad(
            field,
            _("“%(value)s” is more exact than a tenth of a day.") % {"value": text[:40]},
            _("Round it to one decimal, for example %(near)s.") % {"near": rounded},
            text,
        )
    return Value(rounded, str(rounded))


def _day(reader: CellReader, field: str, demand: Demand, text: str) -> Value:
    if not text:
        return NOTHING
    day = _day_of(text.replace(" ", ""))
    if day is None:
        raise _bad(
            field,
            _("“%(value)s” is no day.") % {"value": text[:40]},
            _("Write it like 2026-11-16."),
            text,
        )
    return Value(day, date_format(day, "SHORT_DATE_FORMAT"))


def _day_of(text: str) -> dt.date | None:
    match = _DAY.match(text)
    try:
        day = dt.date(int(match[1]), int(match[2]), int(match[3])) if match else None
    except ValueError:
        return None
    return day if day is not None and 2000 <= day.year < 2100 else None


def _choice_of(choices: Iterable[tuple[Any, Any]], empty: Value | None = None) -> Reader:
    """Reads a word of the list: its value, or its label in any language of the house.

    `empty` is what an empty cell means; without it an empty cell is refused.
    """
    known = list(choices)

    def read(reader: CellReader, field: str, demand: Demand, text: str) -> Value:
        if not text and empty is not None:
            return empty
        wanted = text.casefold()
        for value, label in known:
            if wanted == str(value).casefold() or wanted in _labels(label):
                return Value(value, str(label))
        raise _bad(
            field,
            _("“%(value)s” is not one of the choices.") % {"value": text[:40]},
            _("Choose from: %(choices)s")
            % {"choices": _listed([str(label) for _value, label in known])},
            text,
        )

    return read


def _labels(label: Any) -> set[str]:
    found = set()
    for language, _name in settings.LANGUAGES:
        with translation.override(language):
            found.add(str(label).casefold())
    return found


READERS: dict[str, Reader] = {
    "title": _title, "problem": _long, "proposal": _long, "review": _long,
    "status": _choice_of(DemandStatus.choices), "kind": _choice_of(DemandKind.choices),
    "initiated_by": _choice_of(Initiator.choices),
    "source": _choice_of(FeedbackSource.choices, Value("")),
    "priority": _choice_of(Priority.choices, NOTHING),
    "product": CellReader.product, "module": CellReader.module, "owner": CellReader.person,
    "proposer": CellReader.person, "departments": CellReader.departments, "effort": _effort,
    "wanted": _day, "planned": _day, "release": CellReader.release,
}  # fmt: skip
