"""Links between tickets in words, for each of their two directions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from accounts.models import User
from tickets.models import Ticket, TicketLink

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise

Kind = TicketLink.Kind
#: kind → how it reads from its source, and from its target.
_WORDS: dict[str, tuple[StrPromise, StrPromise]] = {
    Kind.RELATES: (_("Relates to"), _("Relates to")),
    Kind.FOLLOWS: (_("Follows"), _("Followed by")),
    Kind.DUPLICATE: (_("Duplicate of"), _("Has a duplicate")),
    Kind.BLOCKS: (_("Blocks"), _("Blocked by")),
    Kind.SPLIT: (_("Split from"), _("Split into")),
}
#: What a person chooses, read from the ticket they stand on.
LINK_CHOICES: tuple[tuple[str, StrPromise], ...] = (
    ("relates", _("Relates to")),
    ("blocks", _("Blocks")),
    ("blocked_by", _("Blocked by")),
    ("duplicate", _("Duplicate of")),
    ("duplicated_by", _("Has a duplicate")),
)


def link_said(kind: str, *, from_source: bool) -> str:
    """What the link is called, read from one of its ends."""
    words = _WORDS.get(kind)
    return str(words[0] if from_source else words[1]) if words else kind


def open_blockers(ticket: Ticket, user: User) -> list[Ticket]:
    """The unresolved tickets that block this one, out of those this person may see."""
    links = TicketLink.objects.filter(target=ticket, kind=Kind.BLOCKS)
    blockers = Ticket.objects.visible_to(user).unresolved()
    return list(blockers.filter(pk__in=links.values("source_id")).order_by("pk"))
