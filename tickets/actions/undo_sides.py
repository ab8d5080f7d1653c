"""How each verb of a ticket is undone beside its fields, or why it is not.

The engine (`undoing`) reverses the recorded fields of an event; what else the verb wrote stands
here: hand-overs, links, watchers, words. One entry per verb, so that a new verb must decide.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext_lazy as _

from core.errors import Problem
from core.models import Event
from tickets.actions.saving import HAND_OVER_NOTE
from tickets.errors import ChangedSince
from tickets.models import (
    Attachment,
    Comment,
    FormerText,
    HandOver,
    StepTick,
    Ticket,
    TicketLink,
    Watcher,
)

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise

Side = Callable[[Ticket, Event], None]


@dataclass(frozen=True)
class Undo:
    """How a verb is undone: its fields, and what `side` takes back; or the reason why it is not.

    `says` marks verbs whose words stand in the conversation: they are taken back only while
    nobody was told of them.
    """

    side: Side | None = None
    why_not: StrPromise | None = None
    instead: StrPromise | str = ""
    says: bool = False


def _drop_hand_over(ticket: Ticket, event: Event) -> None:
    """The move up never was: neither was its hand-over."""
    if "level" in event.changes or event.verb == "relay":
        HandOver.objects.filter(
            ticket=ticket, sent_at=event.occurred_at, sender_id=event.actor_id
        ).delete()


def _keep_hand_over(ticket: Ticket, event: Event) -> None:
    """The return never was: the hand-over stands as its sender made it."""
    former = FormerText.objects.filter(
        ticket=ticket, version=event.version, field=HAND_OVER_NOTE
    ).first()  # fmt: skip
    HandOver.objects.filter(ticket=ticket, returned_at=event.occurred_at).update(
        returned_at=None, returned_by=None, reason="", note=former.text if former else ""
    )


def _unmerge(ticket: Ticket, event: Event) -> None:
    into = event.changes["merged_into_id"][1]
    forget_merge(ticket, into, event)


def forget_merge(ticket: Ticket, into_id: int, event: Event) -> None:
    """Take away the link and the watchers that a merge gave the other ticket."""
    TicketLink.objects.filter(
        source=ticket, target_id=into_id, kind=TicketLink.Kind.DUPLICATE
    ).delete()
    Watcher.objects.filter(
        ticket_id=into_id, created_at=event.occurred_at, added_by_id=event.actor_id,
        user__in=ticket.watchers.values("user_id"),
    ).delete()  # fmt: skip


def _merge_again(ticket: Ticket, event: Event) -> None:
    into = event.changes.get("merged_into_id", [None])[0]
    if into is not None:
        TicketLink.objects.get_or_create(
            source=ticket, target_id=into, kind=TicketLink.Kind.DUPLICATE,
            defaults={"created_by_id": event.actor_id, "created_at": event.occurred_at},
        )  # fmt: skip


def _untick(ticket: Ticket, event: Event) -> None:
    StepTick.objects.filter(ticket=ticket, step=event.data["step_id"]).delete()


def _tick(ticket: Ticket, event: Event) -> None:
    StepTick.objects.get_or_create(
        ticket=ticket, step_id=event.data["step_id"],
        defaults={"user_id": event.actor_id, "ticked_at": event.occurred_at},
    )  # fmt: skip


def _unwatch(ticket: Ticket, event: Event) -> None:
    deleted, _rows = Watcher.objects.filter(
        ticket=ticket, user_id=event.data["user_id"], created_at=event.occurred_at
    ).delete()
    if not deleted:
        raise _changed("user")


def _watch(ticket: Ticket, event: Event) -> None:
    _watcher, created = Watcher.objects.get_or_create(
        ticket=ticket, user_id=event.data["user_id"],
        defaults={"added_by_id": _made_by(event), "created_at": _made_at(event)},
    )  # fmt: skip
    if not created:
        raise _changed("user")


def _unlink(ticket: Ticket, event: Event) -> None:
    deleted, _rows = TicketLink.objects.filter(
        **_link_of(ticket, event), created_at=event.occurred_at
    ).delete()
    if not deleted:
        raise _changed("other")


def _link(ticket: Ticket, event: Event) -> None:
    _row, created = TicketLink.objects.get_or_create(
        **_link_of(ticket, event),
        defaults={"created_by_id": _made_by(event), "created_at": _made_at(event)},
    )
    if not created:
        raise _changed("other")


def _made_by(event: Event) -> int | None:
    """Who made the row that the event took away; events before made_by was kept name no one."""
    maker: int | None = event.data.get("made_by", event.actor_id)
    return maker


def _made_at(event: Event) -> dt.datetime:
    """When it was made: by this an undo of the making knows its own row again."""
    made_at = parse_datetime(event.data.get("made_at") or "")
    return made_at or event.occurred_at


def _link_of(ticket: Ticket, event: Event) -> dict[str, object]:
    source, target = event.data["source_id"], event.data["target_id"]
    return {"source_id": source, "target_id": target, "kind": event.data["kind"]}


def _changed(field: str) -> ChangedSince:
    return ChangedSince(
        Problem(field, _("This was changed again since."), _("Set it by hand as it should be."))
    )


_NOT_FROM_HERE = _("This followed from its root cause.")
_ON_THE_CAUSE = _("Change it on the page of the cause.")
_BY_THE_DEMAND = _("A demand carries this ticket, and its people are told by the demand.")
_BY_THE_CLOCK = _("The system did this, nobody takes it back.")
_TOLD_BY_THE_CLOCK = _("The clock told it; nothing was changed.")

#: verb of an event → how it is undone.
UNDOING: dict[str, Undo] = {
    "submit": Undo(
        why_not=_("A ticket that was submitted stays."), instead=_("Withdraw or reject it instead.")
    ),
    "claim": Undo(),
    "assign": Undo(),
    "transfer": Undo(),
    "edit": Undo(),
    "tag": Undo(),
    "comment": Undo(says=True),
    "note": Undo(says=True),
    "tell": Undo(
        why_not=_("Who was told was told."), instead=_("Write a note, or tell them again.")
    ),
    "ask": Undo(says=True),
    "relay": Undo(_drop_hand_over),
    "return": Undo(_keep_hand_over),
    "move_up": Undo(_drop_hand_over),
    "push": Undo(_drop_hand_over),
    "link_cause": Undo(),
    "resolve": Undo(),
    "confirm": Undo(),
    "reopen": Undo(says=True),
    "withdraw": Undo(says=True),
    "reject": Undo(says=True),
    "merge": Undo(_unmerge),
    "restore": Undo(_merge_again),
    "tick": Undo(_untick),
    "untick": Undo(_tick),
    "watch": Undo(_unwatch),
    "unwatch": Undo(_watch),
    "link": Undo(_unlink),
    "unlink": Undo(_link),
    "split": Undo(
        why_not=_("The requester was told of the new ticket."),
        instead=_("Merge the new ticket into this one instead."),
    ),
    "merged_in": Undo(
        why_not=_("This was done to the other ticket."), instead=_("Undo it on that ticket.")
    ),
    "unmerged": Undo(
        why_not=_("This was done to the other ticket."), instead=_("Undo it on that ticket.")
    ),
    "unlinked": Undo(
        why_not=_("This was done to the other ticket."), instead=_("Undo it on that ticket.")
    ),
    "linked": Undo(
        why_not=_("This was done to the other ticket."), instead=_("Undo it on that ticket.")
    ),
    "accept": Undo(why_not=_NOT_FROM_HERE, instead=_ON_THE_CAUSE),
    "promise": Undo(why_not=_NOT_FROM_HERE, instead=_ON_THE_CAUSE),
    "decline": Undo(why_not=_NOT_FROM_HERE, instead=_ON_THE_CAUSE),
    "deliver": Undo(why_not=_NOT_FROM_HERE, instead=_ON_THE_CAUSE),
    "drive": Undo(why_not=_BY_THE_DEMAND, instead=_("Return the ticket to a lower level.")),
    "driver": Undo(why_not=_BY_THE_DEMAND, instead=_("Change it on the page of the demand.")),
    "sla_warned": Undo(why_not=_TOLD_BY_THE_CLOCK),
    "sla_breached": Undo(why_not=_TOLD_BY_THE_CLOCK),
    "sla_escalated": Undo(why_not=_TOLD_BY_THE_CLOCK),
    "announce_closing": Undo(why_not=_TOLD_BY_THE_CLOCK),
    "rate": Undo(why_not=_("A rating is changed by rating again."), instead=_("Rate it again.")),
    "auto_confirm": Undo(why_not=_BY_THE_CLOCK, instead=_("Reopen the ticket.")),
    "undo": Undo(
        why_not=_("An undo is not undone."), instead=_("Do what was undone once more.")
    ),
}  # fmt: skip
#: A verb nobody described: imported history, or a newer release's.
UNKNOWN = Undo(why_not=_("This cannot be undone."), instead=_("Set it by hand as it should be."))


def take_back_words(ticket: Ticket, event: Event) -> None:
    """Remove words that reached nobody; the event stays, with their hash."""
    said = Comment.objects.filter(ticket=ticket, author_id=event.actor_id)
    if "comment_id" in event.data:
        said = said.filter(pk=event.data["comment_id"])
    else:  # a reason, which has no event of its own
        said = said.filter(created_at=event.occurred_at, salt=ticket.salt)
    Attachment.objects.filter(comment__in=said.values("pk")).delete()
    said.delete()
