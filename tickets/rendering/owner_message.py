"""The message an owner gets about a cause: what is new, the evidence, and links that answer."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Mapping
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from core.registry import Link, Message, Reader
from core.text import excerpt
from tickets.choices import CauseState
from tickets.models import Cause, PushItem, PushMessage, Ticket
from tickets.policies.owner_links import Standing, standing_of, token_of

#: Pieces of evidence, and characters of each, that a message shows.
QUOTES, QUOTE_LENGTH = 2, 400


class OwnerMessage:
    """Worded when it leaves: what the owner answered meanwhile leaves it unsent.

    With a reader it carries the signed link. A team's group gets the same without it: whoever
    reads there must not be able to answer in the owner's name.
    """

    def compose(
        self, reader: Reader, params: Mapping[str, Any], now: dt.datetime
    ) -> Message | None:
        message = (
            PushMessage.objects.select_related(
                "cause__product", "cause__module", "owner", "link__owner"
            )
            .filter(pk=params["message"])
            .first()
        )
        if message is None or standing_of(message.link, message.cause, now) != Standing.OPEN:
            return None
        cause = message.cause
        kinds = Counter(message.items.values_list("kind", flat=True))
        in_group = reader.user is None
        return Message(
            title=_title(cause, kinds, message.owner.name if in_group else ""),
            text=_news(cause, kinds),
            facts=_facts(cause),
            quotes=tuple(evidence_of(cause)),
            links=_group_links(cause) if in_group else _signed_links(message),
            note="" if in_group else _note(message.link.expires_at),
            thread=f"cause-{cause.pk}",
        )


def evidence_of(cause: Cause) -> list[str]:
    """What is on record, each text once: of the cause, then of open tickets' own."""
    tickets = Ticket.objects.filter(cause=cause, confidential=False).exclude(evidence="")
    found = [cause.evidence, *tickets.order_by("-id").values_list("evidence", flat=True)[:20]]
    once = dict.fromkeys(text for text in found if text)
    return [excerpt(text, QUOTE_LENGTH) for text in once][:QUOTES]


def hit_by(cause: Cause) -> str:
    """“3 tickets from 2 departments”: how many people it hits, and nobody's name."""
    rows = Ticket.objects.filter(cause=cause).values_list("department_id", flat=True)
    tickets = len(rows)
    departments = len({pk for pk in rows if pk})
    said = ngettext("%(n)s ticket", "%(n)s tickets", tickets) % {"n": tickets}
    from_where = ngettext("%(n)s department", "%(n)s departments", departments) % {"n": departments}
    return _("%(tickets)s from %(departments)s") % {"tickets": said, "departments": from_where}


def _title(cause: Cause, kinds: Counter[str], owner: str) -> str:
    values = {"ref": cause.ref, "title": cause.title, "owner": owner}
    if owner:
        return _("%(ref)s %(title)s – for %(owner)s") % values
    if PushItem.Kind.PUSHED in kinds:
        return _("Pushed to you: %(ref)s %(title)s") % values
    if PushItem.Kind.OVERDUE in kinds:
        return _("Overdue: %(ref)s %(title)s") % values
    if cause.state == CauseState.PUSHED:
        return _("Waits for your answer: %(ref)s %(title)s") % values
    return _("A word about %(ref)s %(title)s") % values


def _news(cause: Cause, kinds: Counter[str]) -> str:
    """What came since the last message, a line each."""
    lines = []
    if PushItem.Kind.PUSHED in kinds:
        lines.append(_("Product operations asks you to take this on. Accept it with a date, or "
                       "decline it with a reason."))  # fmt: skip
    if n := kinds[PushItem.Kind.TICKET]:
        lines.append(
            ngettext("%(n)s more ticket of this cause came in.",
                     "%(n)s more tickets of this cause came in.", n) % {"n": n}
        )  # fmt: skip
    if n := kinds[PushItem.Kind.CHASED]:
        lines.append(
            ngettext("You were asked for word.", "You were asked for word %(n)s times.", n)
            % {"n": n}
        )
    if PushItem.Kind.SILENT in kinds:
        lines.append(_("It was pushed more than a working day ago and has no answer yet."))
    if PushItem.Kind.DUE_SOON in kinds and cause.promised_on:
        lines.append(_("Your date, %(day)s, comes near.") % {"day": _day(cause.promised_on)})
    if PushItem.Kind.OVERDUE in kinds and cause.promised_on:
        lines.append(
            _("Your date, %(day)s, is over. Deliver, or give a new date; it counts as a slip.")
            % {"day": _day(cause.promised_on)}
        )
    return "\n".join(lines)


def _facts(cause: Cause) -> tuple[tuple[str, str], ...]:
    where = str(cause.product) + (f" · {cause.module}" if cause.module else "")
    facts = [(_("Where"), where), (_("Hits"), hit_by(cause))]
    if cause.category:
        facts.append((_("Suspected"), str(cause.get_category_display())))
    if cause.promised_on:
        facts.append((_("Promised date"), _day(cause.promised_on)))
    return tuple(facts)


def _signed_links(message: PushMessage) -> tuple[Link, ...]:
    path = reverse("owner_link", args=[token_of(message.link.nonce)])
    if message.cause.state == CauseState.PUSHED:
        return (
            Link(_("Accept with a date"), path, is_first=True),
            Link(_("Decline"), f"{path}?act=decline"),
        )
    return (
        Link(_("Delivered"), path, is_first=True),
        Link(_("Change the date"), f"{path}?act=date"),
    )


def _group_links(cause: Cause) -> tuple[Link, ...]:
    return (Link(_("Open in OpsDesk"), reverse("cause", args=[cause.pk]), is_first=True),)


def _note(expires_at: dt.datetime) -> str:
    day = date_format(timezone.localtime(expires_at), "SHORT_DATE_FORMAT")
    return _(
        "These links answer in your name without signing in, each act once, until %(day)s. "
        "Do not pass them on."
    ) % {"day": day}


def _day(day: dt.date) -> str:
    return date_format(day, pgettext("date format", "j F"))
