"""Whom a change of a ticket or cause is told, and in which words.

A notice is kept as kind and parameters, and put into words in the reader's language. They are
told when the name they see changes, when the promised date moves, and when a person writes.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.dateparse import parse_date
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts.models import User
from catalog.access import rights_of
from catalog.models import Team
from core import outbox
from core.channels.addresses import address_of
from core.markup import exact
from core.models import Event, Notice, OutboxRow
from core.prepared import Prepared
from core.registry import Link, Message, NoticeText, Reader
from core.text import excerpt
from tickets.access import get_ticket_for_view, may_read_notes
from tickets.choices import MOVED_TO_DEMAND_LABEL, STATUS_META, Resolution, WhyPaused
from tickets.models import Cause, Comment, Ticket, Watcher

if TYPE_CHECKING:
    from django.contrib.auth.base_user import AbstractBaseUser

_Titled = Callable[[Mapping[str, Any]], str]


#: The kind of message in a team's group, as the outbox and the registry name it.
RELAYED_TO_GROUP = "ticket.relayed_to_group"


def visible_name(status: str, resolution: str) -> str:
    """The status as the requester reads it."""
    if status == "resolved" and resolution == Resolution.MOVED_TO_DEMAND:
        return str(MOVED_TO_DEMAND_LABEL)
    return str(STATUS_META[status].requester_label)


def tell(
    ticket: Ticket,
    event: Event,
    kind: str,
    recipients: set[int | None],
    *,
    now: dt.datetime,
    but: int | None = None,
    **params: Any,
) -> None:
    """Queue one notice per person, never for who acted (`but`) and never for imported tickets."""
    if ticket.imported:
        return
    for recipient in sorted(pk for pk in recipients if pk is not None and pk != but):
        outbox.notify(
            recipient,
            f"ticket.{kind}",
            {
                "ref": ticket.ref,
                "title": ticket.title,
                "mine": _follows(ticket, kind, recipient),
                **params,
            },
            key=f"ticket:{ticket.pk}:{event.version}:{kind}",
            now=now,
            subject=Ticket.SUBJECT,
            subject_id=ticket.pk,
        )


def _follows(ticket: Ticket, kind: str, recipient: int) -> bool:
    """Whether the notice leads to the requester's page: for the requester and for watchers.

    Of those told about a status or a reply, everybody but the holder is one or the other.
    """
    if recipient == ticket.requester_id:
        return True
    return kind in ("status", "reply", "undone") and recipient != ticket.assignee_id


def followers(ticket: Ticket) -> set[int | None]:
    """The requester and the watchers."""
    return {ticket.requester_id, *_watching(ticket=ticket.pk)}


@Prepared
def _watching(ticket: int) -> QuerySet[Watcher, int]:
    return Watcher.objects.filter(ticket=ticket).values_list("user_id", flat=True)


def tell_comment(
    ticket: Ticket,
    comment: Comment,
    event: Event,
    *,
    now: dt.datetime,
    named: Collection[int] = (),
) -> None:
    """A public reply reaches requester, watchers and holder, a note only the holder.

    Whoever is `named` in it is told that, and nothing else about it.
    """
    recipients: set[int | None] = {ticket.assignee_id}
    if comment.kind == "public":
        recipients |= followers(ticket)
    said = {
        "author": comment.author.name if comment.author else "", "words": excerpt(comment.body),
        "comment": comment.pk,
    }  # fmt: skip
    but = comment.author_id
    kind = "reply" if comment.kind == "public" else "note"
    tell(ticket, event, kind, recipients - set(named), now=now, but=but, **said)
    tell(ticket, event, "mentioned", set(named), now=now, but=but, in_note=kind == "note", **said)


def tell_cause(
    cause: Cause, event: Event, kind: str, recipients: set[int | None], *, now: dt.datetime,
    but: int | None = None, **params: Any,
) -> None:  # fmt: skip
    """Queue one notice about a cause per person."""
    for recipient in sorted(pk for pk in recipients if pk is not None and pk != but):
        outbox.notify(
            recipient,
            f"cause.{kind}",
            {"ref": cause.ref, "title": cause.title, **params},
            key=f"cause:{cause.pk}:{event.version}:{kind}",
            now=now,
            subject=Cause.SUBJECT,
            subject_id=cause.pk,
        )


def tell_clock(
    ticket: Ticket, verb: str, recipient: int, *, clock: str, due_at: dt.datetime, now: dt.datetime
) -> None:
    """One step of a ticket's service target, once per person and due time."""
    outbox.notify(
        recipient,
        f"ticket.{verb}",
        {"ref": ticket.ref, "title": ticket.title, "clock": clock, "due_at": due_at.isoformat()},
        key=f"{verb}:{ticket.pk}:{clock}:{due_at:%Y%m%dT%H%M%S.%f}",
        now=now,
        subject=Ticket.SUBJECT,
        subject_id=ticket.pk,
    )


def tell_clocks(recipient: int, verb: str, tickets: Sequence[Ticket], *, now: dt.datetime) -> None:
    """The same step of many tickets in one notice; `refs` says of which."""
    pks = sorted(ticket.pk for ticket in tickets)
    due_times = ",".join(f"{ticket.pk}:{ticket.sla_told_for}" for ticket in tickets)
    outbox.notify(
        recipient,
        f"tickets.{verb}",
        {"count": len(pks), "refs": [f"OPS-{pk}" for pk in pks[:10]]},
        key=f"{verb}:many:{hashlib.sha256(due_times.encode()).hexdigest()[:24]}",
        now=now,
    )


def tell_group(ticket: Ticket, team: Team, event: Event, *, now: dt.datetime) -> None:
    """Announce a relayed ticket in the group of its team, when the team has a robot there."""
    group = address_of(Team.SUBJECT, team.pk)
    if group is None or ticket.imported or ticket.confidential:
        return
    outbox.send(
        OutboxRow.Kind.CHAT, RELAYED_TO_GROUP, {"ticket": ticket.pk, "team": team.pk},
        key=f"ticket:{ticket.pk}:{event.version}:relayed", now=now, address=group.pk,
        subject=Ticket.SUBJECT, subject_id=ticket.pk,
    )  # fmt: skip


class RelayedMessage:
    """A relayed ticket in the group of its team; unsent when it is no longer there."""

    def compose(
        self, reader: Reader, params: Mapping[str, Any], now: dt.datetime
    ) -> Message | None:
        ticket = (
            Ticket.objects.select_related("product", "module")
            .filter(pk=params["ticket"], relayed_to=params["team"], confidential=False)
            .unresolved()
            .first()
        )
        if ticket is None:
            return None
        sent = ticket.hand_overs.filter(returned_at__isnull=True).order_by("-id").first()
        where = str(ticket.product) + (f" · {ticket.module}" if ticket.module else "")
        return Message(
            title=_("%(ref)s was relayed to your team") % {"ref": ticket.ref},
            text=ticket.title,
            facts=((_("Where"), where),),
            quotes=(excerpt(sent.note, 400),) if sent is not None and sent.note else (),
            links=(Link(_("Open in OpsDesk"), reverse("ticket", args=[ticket.pk]), is_first=True),),
            thread=f"ticket-{ticket.pk}",
        )


def _date(params: Mapping[str, Any], key: str) -> str:
    day = parse_date(params.get(key) or "")
    return date_format(day, "SHORT_DATE_FORMAT") if day else ""


def _about(params: Mapping[str, Any]) -> str:
    """The ticket or cause by reference and title: the subject that all its mails share."""
    return f"{params['ref']} {params['title']}"


@dataclass(frozen=True)
class TicketNotice:
    """Notices about a ticket: the requester is led to their page, everyone else to the desk."""

    title: Callable[[Mapping[str, Any]], str]
    body: Callable[[Mapping[str, Any]], str] = lambda params: params["title"]

    def text(self, notice: Notice) -> NoticeText:
        name = "my_ticket" if notice.params.get("mine") else "ticket"
        return NoticeText(
            title=self.title(notice.params),
            body=self.body(notice.params),
            url=reverse(name, args=[notice.subject_id]),
            about=_about(notice.params),
        )

    def may_receive(self, user: AbstractBaseUser, params: Mapping[str, Any]) -> bool:
        pk = int(str(params["ref"]).removeprefix("OPS-"))
        return isinstance(user, User) and Ticket.objects.visible_to(user).filter(pk=pk).exists()


@dataclass(frozen=True)
class MentionNotice(TicketNotice):
    """Somebody named the reader: in a note, only who may still read the notes is told of it."""

    def may_receive(self, user: AbstractBaseUser, params: Mapping[str, Any]) -> bool:
        if not super().may_receive(user, params) or not isinstance(user, User):
            return False
        if not params.get("in_note"):
            return True
        pk = int(str(params["ref"]).removeprefix("OPS-"))
        return may_read_notes(get_ticket_for_view(user, pk), user)


@dataclass(frozen=True)
class ManyClocksNotice:
    """Many tickets whose clocks came to the same step lead to the queue of what is at risk."""

    title: Callable[[Mapping[str, Any]], str]

    def text(self, notice: Notice) -> NoticeText:
        return NoticeText(
            title=self.title(notice.params),
            body=", ".join(notice.params["refs"]),
            url=f"{reverse('desk')}?queue=at-risk",
        )

    def may_receive(self, user: AbstractBaseUser, params: Mapping[str, Any]) -> bool:
        return isinstance(user, User) and rights_of(user).is_staff


def _clock_title(first: Callable[[], str], resolution: Callable[[], str]) -> _Titled:
    """The words for the clock of the first response, and for that of the resolution."""

    def title(params: Mapping[str, Any]) -> str:
        words = first() if params["clock"] == "response" else resolution()
        return words % {"ref": params["ref"]}

    return title


def _clock_body(params: Mapping[str, Any]) -> str:
    return _("Due %(moment)s · %(title)s") % {
        "moment": exact(dt.datetime.fromisoformat(params["due_at"])), "title": params["title"],
    }  # fmt: skip


@dataclass(frozen=True)
class CauseNotice:
    """Notices about a cause lead to its page."""

    title: Callable[[Mapping[str, Any]], str]

    def text(self, notice: Notice) -> NoticeText:
        return NoticeText(
            title=self.title(notice.params),
            body=notice.params["title"],
            url=reverse("cause", args=[notice.subject_id]),
            about=_about(notice.params),
        )

    def may_receive(self, user: AbstractBaseUser, params: Mapping[str, Any]) -> bool:
        pk = int(str(params["ref"]).removeprefix("C-"))
        return isinstance(user, User) and Cause.objects.visible_to(user).filter(pk=pk).exists()


@dataclass(frozen=True)
class KnownIssueNotice:
    """A requester reads what to do meanwhile; it leads to their own ticket."""

    def text(self, notice: Notice) -> NoticeText:
        params = notice.params
        return NoticeText(
            title=_("A workaround for your %(ref)s") % {"ref": params["ticket_ref"]},
            body=_("Known issue “%(title)s”. Until it is fixed: %(workaround)s")
            % {"title": params["title"], "workaround": params["workaround"]},
            url=reverse("my_ticket", args=[params["ticket"]]),
            thread=f"ticket-{params['ticket']}",
        )

    def may_receive(self, user: AbstractBaseUser, params: Mapping[str, Any]) -> bool:
        return (
            isinstance(user, User)
            and Ticket.objects.visible_to(user).filter(pk=params["ticket"]).exists()
        )


@dataclass(frozen=True)
class RuleNotice:
    """Notices about an automation rule, for the administrator who owns it."""

    title: Callable[[Mapping[str, Any]], str]

    def text(self, notice: Notice) -> NoticeText:
        return NoticeText(
            title=self.title(notice.params),
            body=str(WhyPaused(notice.params["why"]).label),
            url=reverse("settings_rule", args=[notice.subject_id]),
        )

    def may_receive(self, user: AbstractBaseUser, params: Mapping[str, Any]) -> bool:
        return isinstance(user, User) and rights_of(user).is_administrator


def _status_title(params: Mapping[str, Any]) -> str:
    return _("%(ref)s is now “%(status)s”") % {
        "ref": params["ref"],
        "status": visible_name(params["status"], params.get("resolution", "")),
    }


def _closing_title(params: Mapping[str, Any]) -> str:
    said = {"ref": params["ref"], "date": _date(params, "closes_on")}
    if params.get("resolution") == Resolution.MOVED_TO_DEMAND:
        return _("%(ref)s closes after %(date)s; its demand goes on, and you are told of it") % said
    return _("Does %(ref)s work? Without a word from you it closes after %(date)s") % said


def _status_body(params: Mapping[str, Any]) -> str:
    if day := _date(params, "closes_on"):
        return _("%(title)s – please try it. Without a word from you it closes after %(date)s.") % {
            "title": params["title"], "date": day,
        }  # fmt: skip
    if params.get("reason"):
        return _("%(title)s – reason: %(reason)s") % {
            "title": params["title"],
            "reason": params["reason"],
        }
    return str(params["title"])


def _no_word(params: Mapping[str, Any]) -> str:
    if day := _date(params, "promised_on"):
        return _("%(ref)s was promised for %(date)s and is not delivered") % {
            "ref": params["ref"], "date": day,
        }  # fmt: skip
    return _("The owner of %(ref)s does not answer") % {"ref": params["ref"]}


KINDS: dict[str, TicketNotice | ManyClocksNotice | CauseNotice | KnownIssueNotice | RuleNotice] = {
    "ticket.status": TicketNotice(_status_title, _status_body),
    "ticket.reply": TicketNotice(
        lambda p: _("%(author)s replied on %(ref)s") % {"author": p["author"], "ref": p["ref"]},
        lambda p: p["words"],
    ),
    "ticket.note": TicketNotice(
        lambda p: (
            _("%(author)s wrote a note on %(ref)s") % {"author": p["author"], "ref": p["ref"]}
        ),
        lambda p: p["words"],
    ),
    "ticket.mentioned": MentionNotice(
        lambda p: (
            _("%(author)s mentioned you on %(ref)s") % {"author": p["author"], "ref": p["ref"]}
        ),
        lambda p: p["words"],
    ),
    "ticket.assigned": TicketNotice(lambda p: _("%(ref)s was assigned to you") % {"ref": p["ref"]}),
    "ticket.relayed": TicketNotice(
        lambda p: _("%(ref)s was relayed to your team") % {"ref": p["ref"]}
    ),
    "ticket.returned": TicketNotice(
        lambda p: _("%(ref)s was returned to you") % {"ref": p["ref"]},
        lambda p: p.get("note") or p["title"],
    ),
    "ticket.promised": TicketNotice(
        lambda p: (
            _("%(ref)s is promised for %(date)s")
            % {"ref": p["ref"], "date": _date(p, "promised_on")}
        )
    ),
    "ticket.closing": TicketNotice(_closing_title),
    "ticket.rated": TicketNotice(
        lambda p: _("%(ref)s was rated “dissatisfied”") % {"ref": p["ref"]}
    ),
    "ticket.confirmed": TicketNotice(
        lambda p: _("The requester confirmed %(ref)s") % {"ref": p["ref"]}
    ),
    "ticket.reopened": TicketNotice(
        lambda p: _("%(ref)s was reopened") % {"ref": p["ref"]},
        lambda p: p.get("reason") or p["title"],
    ),
    "ticket.split": TicketNotice(
        lambda p: _("Part of %(ref)s goes on as %(part)s") % {"ref": p["ref"], "part": p["part"]},
        lambda p: p["part_title"],
    ),
    # Once, to who was told of something that was undone after its notice had left.
    "ticket.undone": TicketNotice(
        lambda p: (
            _("%(ref)s: what you were told was taken back; it is “%(status)s”")
            % {"ref": p["ref"], "status": visible_name(p["status"], p.get("resolution", ""))}
        )
    ),
    "ticket.told": TicketNotice(
        lambda p: _("A rule points you to %(ref)s") % {"ref": p["ref"]}, lambda p: p["words"]
    ),
    "ticket.sla_warned": TicketNotice(
        _clock_title(
            lambda: _("The first response to %(ref)s is due soon"),
            lambda: _("The resolution of %(ref)s is due soon"),
        ),
        _clock_body,
    ),
    "ticket.sla_breached": TicketNotice(
        _clock_title(
            lambda: _("The first response to %(ref)s is overdue"),
            lambda: _("The resolution of %(ref)s is overdue"),
        ),
        _clock_body,
    ),
    "ticket.sla_escalated": TicketNotice(
        _clock_title(
            lambda: _("%(ref)s still waits for its first response, past the due time"),
            lambda: _("%(ref)s is still unresolved, past the due time"),
        ),
        _clock_body,
    ),
    "tickets.sla_warned": ManyClocksNotice(
        lambda p: _("%(count)s tickets are due soon") % {"count": p["count"]}
    ),
    "tickets.sla_breached": ManyClocksNotice(
        lambda p: _("%(count)s tickets are overdue") % {"count": p["count"]}
    ),
    "tickets.sla_escalated": ManyClocksNotice(
        lambda p: (
            _("%(count)s tickets are still unresolved, past the due time") % {"count": p["count"]}
        )
    ),
    "cause.pushed": CauseNotice(lambda p: _("%(ref)s was pushed to you") % {"ref": p["ref"]}),
    "cause.chased": CauseNotice(lambda p: _("You are asked about %(ref)s") % {"ref": p["ref"]}),
    "cause.accepted": CauseNotice(
        lambda p: (
            _("%(ref)s was accepted for %(date)s")
            % {"ref": p["ref"], "date": _date(p, "promised_on")}
        )
    ),
    "cause.declined": CauseNotice(lambda p: _("%(ref)s was declined") % {"ref": p["ref"]}),
    "cause.slipped": CauseNotice(
        lambda p: (
            _("%(ref)s slips to %(date)s") % {"ref": p["ref"], "date": _date(p, "promised_on")}
        )
    ),
    "cause.delivered": CauseNotice(lambda p: _("%(ref)s was delivered") % {"ref": p["ref"]}),
    "cause.bounced": CauseNotice(
        lambda p: _("%(ref)s bounced three times; name its owner") % {"ref": p["ref"]}
    ),
    "cause.silent": CauseNotice(lambda p: _("%(ref)s waits for your answer") % {"ref": p["ref"]}),
    "cause.due_soon": CauseNotice(
        lambda p: _("Your date for %(ref)s comes near") % {"ref": p["ref"]}
    ),
    "cause.overdue": CauseNotice(lambda p: _("Your date for %(ref)s is over") % {"ref": p["ref"]}),
    "cause.no_word": CauseNotice(_no_word),
    "cause.known_issue": KnownIssueNotice(),
    "rule.paused": RuleNotice(
        lambda p: _("The rule “%(name)s” has paused itself") % {"name": p["name"]}
    ),
}
