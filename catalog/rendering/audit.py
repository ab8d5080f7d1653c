"""Events of the settings in the reader's words."""

from __future__ import annotations

import datetime as dt
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import models
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Department, User
from catalog.models import Module, Product, ProductRole
from core.markup import exact
from core.models import Event
from core.registry import AuditedNoun, audited_nouns

VERBS = {
    "create": gettext_lazy("added"),
    "edit": gettext_lazy("changed"),
    "set": gettext_lazy("set"),
    "make": gettext_lazy("a new version"),
    "remove": gettext_lazy("removed"),
    "grant": gettext_lazy("granted"),
    "revoke": gettext_lazy("revoked"),
    "deactivate": gettext_lazy("switched off"),
    "activate": gettext_lazy("switched on"),
    "leave": gettext_lazy("marked as left"),
    "set_password": gettext_lazy("password set"),
    "make_sign_in_link": gettext_lazy("sign-in link made"),
    "take_back": gettext_lazy("taken back"),
    "move": gettext_lazy("moved"),
    "prefer": gettext_lazy("preferences changed"),
    "rename": gettext_lazy("renamed"),
    "choose": gettext_lazy("channel of notices chosen"),
    "follow_house": gettext_lazy("notices as the company has them"),
    "stop_mail": gettext_lazy("mails stopped"),
    "resume_mail": gettext_lazy("mails resumed"),
    "set_roles": gettext_lazy("product roles set"),
    "set_products": gettext_lazy("products set"),
    "add_member": gettext_lazy("member added"),
    "remove_member": gettext_lazy("member removed"),
    "set_member": gettext_lazy("member changed"),
    "set_assignment": gettext_lazy("assignment set"),
    "plan_duty": gettext_lazy("duty planned"),
    "remove_duty": gettext_lazy("duty removed"),
    "set_day": gettext_lazy("day set"),
    "remove_day": gettext_lazy("day removed"),
    "retire": gettext_lazy("retired"),
    "bring_back": gettext_lazy("brought back"),
    "order": gettext_lazy("moved in the order"),
    "pause": gettext_lazy("paused"),
    "switch_off": gettext_lazy("switched off"),
    "stop": gettext_lazy("stopped"),
    "keep": gettext_lazy("kept"),
}
#: What columns are called that have no name of their own in the models.
LABELS = {
    "owner_id": gettext_lazy("Owner"),
    "successor_id": gettext_lazy("Successor"),
    "contact_id": gettext_lazy("Contact"),
    "parent_id": gettext_lazy("Belongs to"),
    "is_active": gettext_lazy("Active"),
    "role": gettext_lazy("Permission role"),
    "reads_only": gettext_lazy("read only"),
    "expires_on": gettext_lazy("Valid until"),
    "targets": gettext_lazy("Targets"),
    "kind": gettext_lazy("Kind"),
    "key_id": gettext_lazy("Key id"),
    "order": gettext_lazy("Place in the order"),
    "position": gettext_lazy("Place in the order"),
    "secret": gettext_lazy("Secret"),
    "target": gettext_lazy("Target"),
    "assignment": gettext_lazy("Assignment"),
    "assignment_cap": gettext_lazy("Tickets a person may hold"),
    "cap": gettext_lazy("Tickets a person may hold"),
    "key": gettext_lazy("Key"),
    "choices": gettext_lazy("Choices"),
    "choices_en": gettext_lazy("Choices in English"),
    "types": gettext_lazy("Types"),
    "when_field": gettext_lazy("Asked when the field"),
    "when_values": gettext_lazy("Has one of the values"),
    "product_ids": gettext_lazy("Products"),
    "department_ids": gettext_lazy("Departments"),
    "escalate_seconds": gettext_lazy("Escalated after (seconds)"),
    "confirm_days": gettext_lazy("Days to confirm"),
    "state": gettext_lazy("State"),
    "why_paused": gettext_lazy("Why it was paused"),
    "trigger": gettext_lazy("Trigger"),
    "conditions": gettext_lazy("Conditions"),
    "acts": gettext_lazy("Acts"),
    "activated_at": gettext_lazy("Switched on at"),
    "edition": gettext_lazy("Edition"),
    "token": gettext_lazy("Token"),
    "aes_key": gettext_lazy("Encryption key"),
    "stops_at": gettext_lazy("Stops at"),
    "department_weights": gettext_lazy("Weights of departments"),
    "user": gettext_lazy("Person"),
    "roles": gettext_lazy("Product roles"),
    "products": gettext_lazy("Products"),
    "modules": gettext_lazy("Modules"),
    "first_day": gettext_lazy("Duty from"),
    "last_day": gettext_lazy("Duty until"),
}
#: Details of acts on rows beside the noun's own: a value, or what it was and what it is.
DETAILS = frozenset({"user", "roles", "products", "modules", "cap", "first_day", "last_day"})
#: What details and lists of ids point at; a foreign key says it itself.
POINTED: Mapping[str, type[models.Model]] = {
    "user": User, "roles": ProductRole, "products": Product, "modules": Module,
    "product_ids": Product, "department_ids": Department,
}  # fmt: skip
#: Columns that say nothing to a person.
LEFT_OUT = frozenset(
    {"digest", "figure", "is_default", "is_other", "number", "subject", "subject_id"}
)
#: What stands for a text that the log keeps as a hash.
WITHHELD = gettext_lazy("(text not kept)")
VALUE_MAX = 200


@dataclass(frozen=True)
class Shown:
    """One act: when, by whom, on what; `changes` are field, before and after."""

    at: dt.datetime
    who: str
    noun: str
    name: str
    url: str
    verb: str
    changes: list[tuple[str, str, str]]


def shown_events(events: list[Event]) -> list[Shown]:
    """The events in words; people, rows and what they point at are read once for all."""
    nouns = audited_nouns()
    names = _names(events, nouns)
    people = dict(
        User.objects.filter(pk__in={event.actor_id for event in events}).values_list("pk", "name")
    )
    return [_shown(event, nouns[event.subject], names, people) for event in events]


_Names = Mapping[type[models.Model], Mapping[int, str]]


def _names(events: Iterable[Event], nouns: Mapping[str, AuditedNoun]) -> _Names:
    wanted: dict[type[models.Model], set[int]] = defaultdict(set)
    for event in events:
        model = nouns[event.subject].model
        wanted[model].add(event.subject_id)
        for name, *values in _said(event):
            if (target := _target(model, name)) is not None:
                wanted[target] |= {pk for value in values for pk in _pks(value)}
    return {
        model: {row.pk: _name(row) for row in _rows(model, pks)} for model, pks in wanted.items()
    }


def _said(event: Event) -> Iterator[tuple[str, Any, Any]]:
    """Field, before and after: of the noun's columns, and of the details of an act."""
    for name, (before, after) in event.changes.items():
        if name not in LEFT_OUT:
            yield name, before, after
    for name in sorted(DETAILS & event.data.keys()):
        value = event.data[name]
        before, after = value if isinstance(value, list) else (None, value)
        yield name, before, after


def _pks(value: Any) -> list[int]:
    several = value if isinstance(value, list) else [value]
    return [pk for pk in several if isinstance(pk, int)]


def _name(row: Any) -> str:
    """What belongs to a person is called by them: a grant, an absence, an exception."""
    person = getattr(row, "user", None)
    if person is None:
        return str(row)
    if hasattr(row, "get_role_display"):
        return f"{person.name} · {row.get_role_display()}"
    return f"{person.name} {str(row).removeprefix(str(person.pk)).strip()}"


def _rows(model: type[models.Model], pks: set[int]) -> models.QuerySet[Any]:
    """Rows with what their names are made of."""
    direct = [
        field.name for field in model._meta.concrete_fields
        if field.is_relation and field.name in ("user", "role", "product", "person")
    ]  # fmt: skip
    rows: models.QuerySet[Any] = model._default_manager.filter(pk__in=pks)
    return rows.select_related(*direct) if direct else rows


def _field(model: type[models.Model], name: str) -> models.Field[Any, Any] | None:
    return next((field for field in model._meta.concrete_fields if field.attname == name), None)


def _target(model: type[models.Model], name: str) -> type[models.Model] | None:
    field = _field(model, name)
    if field is None or not field.is_relation:
        return POINTED.get(name)
    target = field.related_model
    return target if isinstance(target, type) else None


def _shown(event: Event, noun: AuditedNoun, names: _Names, people: Mapping[int, str]) -> Shown:
    model = noun.model
    url = ""
    if noun.url_name:
        url = reverse(noun.url_name, args=[event.subject_id])
    return Shown(
        at=event.occurred_at,
        who=people.get(event.actor_id or 0) or _("OpsDesk itself"),
        noun=str(noun.label),
        name=names.get(model, {}).get(event.subject_id, f"#{event.subject_id}"),
        url=url,
        verb=str(VERBS.get(event.verb, event.verb.replace("_", " "))),
        changes=[
            (
                label_of(model, name),
                _value(model, name, before, names),
                _value(model, name, after, names),
            )
            for name, before, after in _said(event)
        ],
    )


def label_of(model: type[models.Model], name: str) -> str:
    """What a column, or a detail of an act, is called."""
    if name in LABELS:
        return str(LABELS[name])
    target = _target(model, name)
    noun = audited_nouns().get(getattr(target, "SUBJECT", ""))
    if noun is not None:
        return str(noun.label)
    field = _field(model, name)
    return name if field is None else capfirst(str(field.verbose_name))


def _value(model: type[models.Model], name: str, value: Any, names: _Names) -> str:
    if value in (None, "", [], {}):
        return ""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, str) and value.startswith("sha256:"):
        return str(WITHHELD)
    target = _target(model, name)
    if target is not None and (pks := _pks(value)):
        return " · ".join(names.get(target, {}).get(pk, f"#{pk}") for pk in pks)
    field = _field(model, name)
    if field is not None and field.choices and isinstance(value, (str, int)):
        return str(dict(field.flatchoices).get(value, value))
    if isinstance(field, models.DateTimeField) and isinstance(value, str):
        return exact(dt.datetime.fromisoformat(value))
    if isinstance(value, (list, dict)):
        return json.dumps(value, ensure_ascii=False)[:VALUE_MAX]
    return str(value)[:VALUE_MAX]
