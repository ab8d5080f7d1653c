"""The event log: the only way to change a `Recorded` row, and to read its history.

Invariant 1 of domain.md: every change is one append-only event in the same transaction, and the
row equals the fold of its events. Invariant 2: a write names the version it read.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any, TypeVar, cast

from django.db import models, transaction
from django.utils import timezone

from core import live
from core.errors import Conflict, StaleWrite
from core.models import Event, Recorded, Touched, default_of
from core.origin import current_origin
from core.prepared import Prepared
from core.request_id import current_request_id

R = TypeVar("R", bound=Recorded)


def sealed(salt: str, text: str) -> str:
    """The salted hash that stands for a personal text in an event ("" stays "")."""
    if not text:
        return ""
    return "sha256:" + hashlib.sha256(f"{salt}\x00{text}".encode()).hexdigest()


def plain(value: Any) -> Any:
    """`value` as JSON: dates and times as ISO text, model rows as their key."""
    if isinstance(value, dt.datetime):
        return value.astimezone(dt.UTC).isoformat()
    if isinstance(value, (dt.date, dt.time)):
        return value.isoformat()
    if isinstance(value, models.Model):
        return value.pk
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, str):
        return str(value)
    return value


def recorded_value(row: Recorded, name: str) -> Any:
    """What the event log holds for the present value of `name` (an attribute of the row)."""
    value = getattr(row, name)
    if name in row.SEALED_FIELDS:
        return sealed(row.salt, value)
    return plain(value)


def start_values(model: type[Recorded]) -> dict[str, Any]:
    """The fold of no event at all: each recorded field's default, as the log would hold it."""
    by_attname = {f.attname: f for f in model._meta.concrete_fields}
    return {name: plain(default_of(by_attname[name])) for name in model.EVENT_FIELDS}


def fold(model: type[Recorded], events: Iterable[Event]) -> dict[str, Any]:
    """The recorded fields after `events`, which must come in version order."""
    state = start_values(model)
    for event in events:
        for name, (_before, after) in event.changes.items():
            if name in state:
                state[name] = after
    return state


def lock(model: type[R], pk: int) -> R:
    """The row, locked against other writers but not against inserts that point at it.

    A plain `FOR UPDATE` would hold up every comment for as long as the change takes.
    """
    found = _locked(model, pk=pk)
    if not found:
        raise model.DoesNotExist(f"{model.__name__} {pk} is gone")
    return cast("R", found[0])


@Prepared
def _locked(model: type[Recorded], pk: int) -> models.QuerySet[Recorded]:
    manager = model._default_manager
    return manager.select_for_update(of=("self",), no_key=True).filter(pk=pk)


def lock_many(model: type[R], pks: Iterable[int]) -> list[R]:
    """Several rows, locked in id order so that two writers cannot wait for each other."""
    manager = model._default_manager
    return list(
        manager.select_for_update(of=("self",), no_key=True).filter(pk__in=list(pks)).order_by("pk")
    )


def check_unchanged(row: Recorded, seen_version: int | None, fields: Iterable[str]) -> None:
    """Refuse when one of `fields` changed after `seen_version`.

    `None` means the writer decides on the locked row itself (a job, a reply by a provider).
    Raises `StaleWrite` with one conflict per field, the newest change of each.
    """
    if seen_version is None or seen_version >= row.version:
        return
    watched = set(fields)
    later = Event.objects.filter(
        subject=row.SUBJECT, subject_id=row.pk, version__gt=seen_version
    ).order_by("version")
    found: dict[str, Conflict] = {}
    for event in later:
        for name, (before, after) in event.changes.items():
            if name not in watched:
                continue
            first_before = found[name].before if name in found else before
            found[name] = Conflict(
                name, first_before, after, event.actor_id, event.verb, event.occurred_at
            )
    if found:
        raise StaleWrite(conflicts=list(found.values()), current_version=row.version)


def create(
    row: R,
    verb: str,
    *,
    actor_id: int | None,
    now: dt.datetime,
    data: Mapping[str, Any] | None = None,
    recorded_at: dt.datetime | None = None,
) -> Event:
    """Save a new row together with its first event."""
    row.version = 1
    row.salt = secrets.token_hex(16)
    starts = start_values(type(row))
    with transaction.atomic():
        row.save(force_insert=True)
        changes = {
            name: [starts[name], value]
            for name in row.EVENT_FIELDS
            if (value := recorded_value(row, name)) != starts[name]
        }
        return _append(row, verb, actor_id, now, changes, data, recorded_at)


def change(
    row: R,
    verb: str,
    *,
    actor_id: int | None,
    now: dt.datetime,
    fields: Mapping[str, Any] | None = None,
    derived: Mapping[str, Any] | None = None,
    data: Mapping[str, Any] | None = None,
) -> Event:
    """Set `fields` on a locked row and record old → new as one event.

    `fields` are attribute names (foreign keys as `…_id`) out of `EVENT_FIELDS`. `derived` are
    columns that follow from others (search key, due times) and are saved but not recorded.
    A field set to the value it has already is left out of the event.
    """
    changes: dict[str, list[Any]] = {}
    for name, value in (fields or {}).items():
        if name not in row.EVENT_FIELDS:
            raise ValueError(f"{type(row).__name__}.{name} is not in EVENT_FIELDS")
        before = recorded_value(row, name)
        setattr(row, name, value)
        after = recorded_value(row, name)
        if before != after:
            changes[name] = [before, after]
    for name, value in (derived or {}).items():
        setattr(row, name, value)
    row.version += 1
    with transaction.atomic():
        row.save(update_fields=["version", *_columns(row, [*changes, *(derived or {})])])
        return _append(row, verb, actor_id, now, changes, data, None)


def _columns(row: Recorded, names: Iterable[str]) -> list[str]:
    by_attname = {f.attname: f.name for f in row._meta.concrete_fields}
    return [by_attname[name] for name in names]


def _append(
    row: Recorded,
    verb: str,
    actor_id: int | None,
    now: dt.datetime,
    changes: dict[str, list[Any]],
    data: Mapping[str, Any] | None,
    recorded_at: dt.datetime | None,
) -> Event:
    event = Event.objects.create(
        subject=row.SUBJECT,
        subject_id=row.pk,
        version=row.version,
        verb=verb,
        actor_id=actor_id,
        occurred_at=now,
        # The one clock read of the kernel: when the database was told, which is bookkeeping
        # and never part of a figure.
        recorded_at=recorded_at or timezone.now(),
        changes=changes,
        data={key: plain(value) for key, value in {**current_origin(), **(data or {})}.items()},
        request_id=current_request_id(),
    )
    touch(row.SUBJECT, row.pk)
    live.changed(*row.live_keys(changes))
    return event


def touch(subject: str, subject_id: int) -> None:
    """Ask for the derived rows of this subject to be recomputed."""
    Touched.objects.create(subject=subject, subject_id=subject_id)


def history(subject: str, subject_id: int) -> models.QuerySet[Event]:
    """All events of one subject, oldest first."""
    return Event.objects.filter(subject=subject, subject_id=subject_id).order_by("version")


def unfolded(row: Recorded) -> dict[str, tuple[Any, Any]]:
    """Fields where the row differs from the fold of its events: name → (row, fold)."""
    state = fold(type(row), history(row.SUBJECT, row.pk))
    return {
        name: (recorded_value(row, name), state[name])
        for name in row.EVENT_FIELDS
        if recorded_value(row, name) != state[name]
    }
