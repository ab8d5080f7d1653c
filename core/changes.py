"""Editing a recorded row in the usual way, and the refusals every edit shares.

For rows with rules of their own (tickets, demands) the actions are written out; the organisation
has dozens of rows whose change is the same five beats, which stand here once.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, NoReturn, TypeVar

from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction
from django.utils.translation import gettext as _

from core import events
from core.errors import BadInput, Problem
from core.models import Recorded
from core.sealing import SealedField

R = TypeVar("R", bound=Recorded)
#: Characters of a text without a limit of its own.
TEXT_MAX = 20_000


def actor_id(acting_user: models.Model | None) -> int | None:
    """Who acts, as an event tells it; None is the system."""
    return None if acting_user is None else acting_user.pk


def add(
    row: R,
    *,
    acting_user: models.Model | None,
    now: dt.datetime,
    guard: Callable[[R], None] | None = None,
    data: Mapping[str, Any] | None = None,
) -> R:
    """Check a new row, save it and record its creation. Raises `BadInput`."""
    check_fields(row, row.EVENT_FIELDS)
    with _one_of_a_kind(), transaction.atomic():
        if guard is not None:
            guard(row)
        events.create(row, "create", actor_id=actor_id(acting_user), now=now, data=data)
    return row


@contextmanager
def _one_of_a_kind() -> Iterator[None]:
    """Two writers may pass the guards at once; the constraint then refuses the second."""
    try:
        yield
    except IntegrityError as error:
        raise BadInput(
            Problem(
                "",
                _("Somebody saved the same at this moment."),
                _("Look at what there is now, then try again."),
            )
        ) from error


def revise(
    row: R,
    verb: str,
    fields: Mapping[str, Any],
    *,
    acting_user: models.Model | None,
    now: dt.datetime,
    seen_version: int | None = None,
    guard: Callable[[R], None] | None = None,
    derived: Mapping[str, Any] | None = None,
    data: Mapping[str, Any] | None = None,
) -> R:
    """Lock `row`, check it, set `fields` (attribute names) and record the change.

    Nothing is written when every field holds its value already and there is no `derived` or
    `data`. `guard` sees the locked row with the new values. Raises `StaleWrite`, `BadInput`.
    """
    # Not `type(row)`: the row may be `request.user`, which stands for a person lazily.
    model = row.__class__
    with _one_of_a_kind(), transaction.atomic():
        locked = events.lock(model, row.pk)
        events.check_unchanged(locked, seen_version, fields)
        changed = {name: value for name, value in fields.items() if getattr(locked, name) != value}
        if not changed and not derived and not data:
            return locked
        wanted = model(**{f.attname: getattr(locked, f.attname) for f in row._meta.fields})
        for name, value in changed.items():
            setattr(wanted, name, value)
        check_fields(wanted, changed)
        if guard is not None:
            guard(wanted)
        events.change(
            locked,
            verb,
            actor_id=actor_id(acting_user),
            now=now,
            fields=changed,
            derived=derived,
            data=data,
        )
    return locked


def check_fields(row: models.Model, attnames: Iterable[str]) -> None:
    """Refuse values the columns themselves do not accept, naming field and value."""
    wanted = set(attnames)
    problems = []
    for field in row._meta.concrete_fields:
        if field.attname not in wanted or field.is_relation:
            continue
        value = getattr(row, field.attname)
        if field.blank and value in field.empty_values:
            continue
        try:
            field.clean(value, row)
        except ValidationError as error:
            message = " ".join(error.messages)
            problems.append(Problem(field.attname, message, value=str(value)[:200]))
    if problems:
        raise BadInput(*problems)


def checked_text(field: str, text: str, *, maximum: int = TEXT_MAX) -> str:
    """`text` without white space around it. Raises BadInput when empty or too long."""
    text = text.strip()
    if not text:
        raise BadInput(Problem(field, _("This text is missing."), _("Write a few words.")))
    if len(text) > maximum:
        raise BadInput(
            Problem(
                field, _("This text is too long."),
                _("Shorten it; the limit is %(limit)s characters.") % {"limit": maximum},
                str(len(text)),
            )
        )  # fmt: skip
    return text


def refuse_taken(others: models.QuerySet[Any], field: str, value: str) -> None:
    """Refuse a name or code that one of `others` has already."""
    if others.exists():
        raise BadInput(
            Problem(
                field,
                _("“%(value)s” exists already.") % {"value": value},
                _("Choose another one."),
                value=value,
            )
        )


def refuse(field: str, message: str, remedy: str = "", value: object = "") -> NoReturn:
    """Raise `BadInput` with one problem."""
    raise BadInput(Problem(field, message, remedy, value=str(value)))


def refuse_unsealable(row: models.Model) -> None:
    """Refuse a secret that is longer than its column once it is sealed. The value is not named."""
    for field in row._meta.concrete_fields:
        if not isinstance(field, SealedField):
            continue
        if len(getattr(row, field.attname).encode()) > field.most:
            remedy = _("Use at most %(most)d letters and digits.") % {"most": field.most}
            refuse(field.name, _("This is too long to be kept."), remedy)
