"""Who may be named in a text about a ticket, as the list under `@` offers them."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Q
from django.db.models.functions import Length

from accounts.models import User
from tickets.access import may_read_notes, people_on, reach_of
from tickets.models import Ticket
from tickets.policies import VERBS, stands_as

SHOWN = 8


@dataclass(frozen=True)
class Nameable:
    """A person the list offers. `words` is what stands in the text; `joins`: naming adds them."""

    user: User
    words: str
    detail: str
    joins: bool = False


def people_to_name(ticket: Ticket, typed: str, *, for_note: bool, user: User) -> list[Nameable]:
    """At most `SHOWN` people whose name or user name holds what was typed; who is here first.

    Who is no staff of the ticket is offered the people on it and nobody else.
    """
    near = [one for one in people_on(ticket) if one.pk != user.pk and _fits(one, typed)]
    others: list[User] = []
    if may_read_notes(ticket, user) and typed:
        found = User.objects.working_here().filter(
            Q(name__icontains=typed) | Q(username__istartswith=typed)
        )
        found = found.exclude(pk__in=[user.pk, *(one.pk for one in near)])
        others = list(found.order_by(Length("name"), "name", "pk")[: 2 * SHOWN])
    people = [*near, *others]
    reach = reach_of(ticket, people)
    may_add = bool(stands_as(ticket, user) & VERBS["watch"].who)
    names = [one.name for one in people]
    offered = []
    for one in people:
        seen = reach[one.pk]
        reads = seen.notes if for_note else seen.ticket
        could = seen.notes_if_added if for_note else True
        if not reads and not (could and may_add):
            continue
        several = names.count(one.name) > 1
        words = f"{one.name}({one.username})" if several else one.name
        offered.append(Nameable(one, words, one.username, joins=not reads))
    return offered[:SHOWN]


def _fits(user: User, typed: str) -> bool:
    wanted = typed.casefold()
    return wanted in user.name.casefold() or user.username.casefold().startswith(wanted)
