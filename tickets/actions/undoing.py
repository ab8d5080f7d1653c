"""Undo: a new event that reverses an earlier act (domain.md, invariants 2 and 3).

An act is every event that one person caused on one ticket in one moment: an answer given with a
resolution is two events and one act. It is undone for 30 days by who did it, and refused by name
where a later change touched a field it would reverse. Notices that did not leave yet are
withdrawn; who was told already gets one correction.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from core import events, outbox
from core.errors import Problem
from core.models import Event, OutboxRow, Recorded
from core.prepared import Prepared
from tickets.actions.saving import save, send_news
from tickets.actions.undo_sides import UNDOING, UNKNOWN, Undo, take_back_words
from tickets.choices import Level, Status
from tickets.errors import ChangedSince, NotUndoable
from tickets.models import Cause, FormerText, Ticket
from tickets.notifications import tell
from tickets.policies import require_verb
from tickets.rendering.words import label_of, value_said

UNDO_DAYS = 30
#: A field whose meaning rests on others: undone no more once one of those changed.
_LEANS_ON: dict[str, tuple[str, ...]] = {
    "level": ("status",),
    "type": ("level",),
    "cause_id": ("level",),
    "product_id": ("module_id", "suspected_module_id", "feature_id", "cause_id", "level"),
}
#: Of words that stay said, the first response stays too.
_SAID_FOR_GOOD = frozenset({"first_response_at"})


@dataclass(frozen=True)
class Undone:
    """What came of an undo: the ticket, and whether words could not be unsaid any more."""

    ticket: Ticket
    words_stay: bool


def undo_act(ticket: Ticket, version: int, *, acting_user: User, now: dt.datetime) -> Undone:
    """Reverse the act that the event `version` of the ticket belongs to.

    Raises NotUndoable (not theirs, too old, undone before, or a verb that is not undone),
    ChangedSince naming each field that a later change touched.
    """
    act = act_of(ticket, version)
    with transaction.atomic():
        events.lock_many(Ticket, {ticket.pk, *(pk for pk, _verb, _data in _echoes(act))})
        row = Ticket.objects.select_related("team", "department", "cause").get(pk=ticket.pk)
        require_verb(row, "undo", acting_user)
        later = _later(row, act)
        _require_undoable(row, act, later, acting_user, now)
        told = _stop_notices(row, act, now)
        unsaid = [e for e in act if _is_unsaid(e, told, now)]
        reversed_ = [e for e in act if not _stays_said(e, unsaid)]
        _require_something(act, reversed_)
        fields = _fields(row, reversed_, keep={e.version for e in act if e not in unsaid})
        _require_untouched(row, fields, in_force(later, max(e.version for e in act)))
        for event in reversed(reversed_):
            undo = UNDOING[event.verb]
            if undo.side is not None:
                undo.side(row, event)
            if event in unsaid:
                take_back_words(row, event)
        was_cancelled = row.status == Status.CANCELLED
        _undo_cause(row, reversed_, acting_user, now)
        done = save(
            row, "undo", user=acting_user, now=now, fields=fields, told_elsewhere=True,
            data={"undone": [e.version for e in act], "verb": _main(act).verb},
        )  # fmt: skip
        tell(row, done, "undone", set().union(*told.values()), now=now, but=acting_user.pk,
             status=row.status, resolution=row.resolution)  # fmt: skip
        for other, verb, data in _echoes(reversed_):
            save(Ticket.objects.get(pk=other), verb, user=acting_user, now=now, data=data)
        if was_cancelled and row.status != Status.CANCELLED:
            send_news(row, done, "restored", now=now)
    return Undone(row, words_stay=any(_says(e) for e in act if e not in unsaid))


# ---- the act and what came after it -------------------------------------------------------------


def act_of(ticket: Ticket, version: int) -> list[Event]:
    """The events of one act, oldest first: same person, same moment. Raises NotUndoable."""
    event = events.history(Ticket.SUBJECT, ticket.pk).filter(version=version).first()
    if event is None:
        raise NotUndoable(
            Problem("version", _("There is no such act."), _("Reload the page."), str(version))
        )
    return list(
        events.history(Ticket.SUBJECT, ticket.pk).filter(
            actor_id=event.actor_id, occurred_at=event.occurred_at, request_id=event.request_id
        )
    )


def newest_act(ticket: Ticket, user: User, *, since: dt.datetime) -> int | None:
    """The version that undoes what this person just did, if it can be undone at all."""
    newest = _acts_since(pk=ticket.pk, actor=user.pk, since=since)
    return newest[0].version if newest and may_undo(newest[0], user, since) else None


@Prepared
def _acts_since(pk: int, actor: int, since: dt.datetime) -> models.QuerySet[Event]:
    acts = events.history(Ticket.SUBJECT, pk).filter(actor_id=actor, occurred_at__gte=since)
    return acts.order_by("-version")[:1]


def may_undo(event: Event, user: User, now: dt.datetime) -> bool:
    """Whether an undo of this event is worth offering; later changes may still refuse it."""
    return (
        event.actor_id == user.pk
        and not event.imported
        and UNDOING.get(event.verb, UNKNOWN).why_not is None
        and now - event.occurred_at <= dt.timedelta(days=UNDO_DAYS)
    )


def _later(row: Recorded, act: Sequence[Event]) -> list[Event]:
    last = max(event.version for event in act)
    own = {event.pk for event in act}
    later = events.history(row.SUBJECT, row.pk).filter(version__gt=last)
    return [event for event in later if event.pk not in own]


def undone_versions(later: Iterable[Event]) -> set[int]:
    """The versions that undo events among `later` reversed."""
    return {
        version
        for event in later
        if event.verb == "undo"
        for version in event.data.get("undone", ())
    }


def in_force(later: Sequence[Event], since: int) -> list[Event]:
    """`later` without what was undone meanwhile, and without those undos themselves.

    `since` is the version these events came after.
    """
    undone = undone_versions(later)
    return [
        event
        for event in later
        if event.version not in undone
        and not (event.verb == "undo" and min(event.data.get("undone", [0])) > since)
    ]


def _main(act: Sequence[Event]) -> Event:
    """The event that names the act: the last that is more than words."""
    acts = [event for event in act if event.verb not in ("comment", "note")]
    return (acts or list(act))[-1]


def _echoes(act: Iterable[Event]) -> list[tuple[int, str, dict[str, Any]]]:
    """The other tickets an act wrote to, and what the undo says in their history."""
    found: list[tuple[int, str, dict[str, Any]]] = []
    for event in act:
        if event.verb in ("merge", "restore") and "merged_into_id" in event.changes:
            before, after = event.changes["merged_into_id"]
            verb = "unmerged" if event.verb == "merge" else "merged_in"
            found.append((after or before, verb, {"ticket_id": event.subject_id}))
        elif event.verb in ("link", "unlink"):
            ends = {event.data["source_id"], event.data["target_id"]}
            verb = "unlinked" if event.verb == "link" else "linked"
            found += [(pk, verb, event.data) for pk in ends - {event.subject_id}]
    return found


# ---- may it be undone ---------------------------------------------------------------------------


def _require_undoable(
    row: Ticket, act: Sequence[Event], later: Sequence[Event], user: User, now: dt.datetime
) -> None:
    main = _main(act)
    refused = next((u for u in map(_undo_of, act) if u.why_not is not None), None)
    if refused is not None:
        raise NotUndoable(Problem("version", refused.why_not or "", refused.instead, main.verb))
    if main.actor_id != user.pk:
        who = User.objects.filter(pk=main.actor_id or 0).first()
        raise NotUndoable(
            Problem(
                "version", _("Only who did this undoes it."),
                _("Ask them, or set it by hand."), who.name if who else "",
            )
        )  # fmt: skip
    if now - main.occurred_at > dt.timedelta(days=UNDO_DAYS):
        raise NotUndoable(
            Problem(
                "version", _("This was done more than 30 days ago."),
                _("Set it by hand as it should be."),
                timezone.localdate(main.occurred_at).isoformat(),
            )
        )  # fmt: skip
    if {event.version for event in act} & undone_versions(later):
        raise NotUndoable(
            Problem("version", _("This was undone already."), _("Reload the page."), main.verb)
        )
    if row.driver and main.verb in ("confirm", "reopen"):
        raise NotUndoable(
            Problem(
                "version", _("The demand has this answer already."),
                _("Reopen or confirm the ticket instead."), row.driver,
            )
        )  # fmt: skip


def _undo_of(event: Event) -> Undo:
    if event.imported:
        return UNKNOWN
    # A push that only followed its cause moved no level.
    if event.verb == "push" and "level" not in event.changes:
        return UNDOING["accept"]
    return UNDOING.get(event.verb, UNKNOWN)


def _require_something(act: Sequence[Event], reversed_: Sequence[Event]) -> None:
    if not reversed_:
        raise NotUndoable(
            Problem(
                "version", _("What was said cannot be unsaid: it was delivered already."),
                _("Write a correction."), _main(act).verb,
            )
        )  # fmt: skip


def _require_untouched(row: Recorded, fields: Mapping[str, Any], later: Sequence[Event]) -> None:
    """Refuse, field by field, what a later act that still holds has changed."""
    watched = set(fields).union(*(_LEANS_ON.get(name, ()) for name in fields))
    touched = {name: event for event in later for name in event.changes.keys() & watched}
    if not touched:
        return
    people = dict(
        User.objects.filter(pk__in={e.actor_id for e in touched.values() if e.actor_id})
        .values_list("pk", "name")
    )  # fmt: skip
    system = _("the system")
    raise ChangedSince(
        *(
            Problem(
                name.removesuffix("_id"),
                _("“%(field)s” was changed again later by %(who)s.")
                % {"field": label_of(name), "who": people.get(event.actor_id or 0, system)},
                _("Undo that first, or set it by hand."),
                value_said(name, getattr(row, name)),
            )
            for name, event in sorted(touched.items())
        )
    )


# ---- reversing ----------------------------------------------------------------------------------


def _fields(
    row: Recorded, act: Sequence[Event], keep: frozenset[int] | set[int] = frozenset()
) -> dict[str, Any]:
    """What each recorded field of the act was before it, as values of the row.

    `keep` are the versions whose words stay said.
    """
    found: dict[str, Any] = {}
    columns = {field.attname: field for field in row._meta.concrete_fields}
    for event in act:
        for name, (before, _after) in event.changes.items():
            if name in found or name not in columns:
                continue
            if name in _SAID_FOR_GOOD and event.version in keep and _says(event):
                continue
            if name in row.SEALED_FIELDS:
                found[name] = _former_text(row, event, name, before)
            else:
                found[name] = _read(columns[name], before)
    return {
        name: value
        for name, value in found.items()
        if events.plain(value) != events.plain(getattr(row, name))
    }


def _read(field: models.Field[Any, Any], value: Any) -> Any:
    """A value of the log as the column holds it."""
    if value is None or isinstance(field, models.JSONField):
        return value
    if isinstance(field, models.ForeignKey):
        return field.target_field.to_python(value)
    return field.to_python(value)


def _former_text(row: Recorded, event: Event, name: str, before: Any) -> str:
    if not before:
        return ""
    kept = FormerText.objects.filter(ticket_id=row.pk, version=event.version, field=name).first()
    if kept is None or row.SUBJECT != Ticket.SUBJECT:
        raise NotUndoable(
            Problem(
                name, _("The former text is not kept any more."), _("Write it again."),
                label_of(name),
            )
        )  # fmt: skip
    return kept.text


def _undo_cause(row: Ticket, act: Sequence[Event], user: User, now: dt.datetime) -> None:
    """A push that gave the cause its owner takes that back too, while the owner did nothing."""
    push = next((event for event in act if event.verb == "push"), None)
    if push is None:
        return
    cause_id = int(push.changes.get("cause_id", (None, row.cause_id))[1] or 0)
    given = events.history(Cause.SUBJECT, cause_id).filter(
        verb="push", actor_id=push.actor_id, occurred_at=push.occurred_at
    )
    own = list(given)
    if not own:
        return
    cause = events.lock(Cause, cause_id)
    others = Ticket.objects.filter(cause_id=cause.pk, level=Level.PUSH).exclude(pk=row.pk)
    if in_force(_later(cause, own), own[-1].version) or others.exists():
        return
    _withdraw(f"cause:{cause.pk}:{own[-1].version}:", now)
    events.change(
        cause, "undo", actor_id=user.pk, now=now, fields=_fields(cause, own),
        data={"undone": [event.version for event in own], "verb": "push"},
    )  # fmt: skip


# ---- words and notices --------------------------------------------------------------------------


def _says(event: Event) -> bool:
    """Whether words of this event stand in the conversation."""
    return _undo_of(event).says and bool({"comment_id", "reason"} & event.data.keys())


def _is_unsaid(event: Event, told: Mapping[int, set[int]], now: dt.datetime) -> bool:
    """Words are taken back while their notices waited: then nobody was told of them."""
    waited = now - event.occurred_at <= dt.timedelta(seconds=settings.NOTICE_DELAY_SECONDS)
    return _says(event) and waited and not told[event.version]


def _stays_said(event: Event, unsaid: Sequence[Event]) -> bool:
    """A reply or note that was delivered is not reversed at all."""
    return event.verb in ("comment", "note") and event not in unsaid


def _stop_notices(row: Ticket, act: Sequence[Event], now: dt.datetime) -> dict[int, set[int]]:
    """Withdraw what did not leave yet; by version, who was told already."""
    return {event.version: _withdraw(f"ticket:{row.pk}:{event.version}:", now) for event in act}


def _withdraw(prefix: str, now: dt.datetime) -> set[int]:
    outbox.withdraw(prefix, now=now)
    left = OutboxRow.objects.filter(key__startswith=prefix, kind=OutboxRow.Kind.NOTICE)
    payloads = left.exclude(last_error=outbox.WITHDRAWN).values_list("payload", flat=True)
    return {int(payload["recipient"]) for payload in payloads}
