"""Who wrote a message that came from outside, and what becomes of those nobody here wrote.

One rule for every way in: mail, chat, whatever comes later. A sender is a person only when exactly
one working account is theirs; a name, or an address that two people share, is not enough to act for
somebody.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from accounts.models import User
from tickets.choices import Strangers

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from django_stubs_ext import StrPromise


class Outcome(StrEnum):
    """What may be done with a message."""

    #: It is the words of `Sender.person`.
    TAKE = "take"
    #: It becomes a ticket of the stand-in, with the writer named in its text.
    STAND_IN = "stand_in"
    #: An agent decides, on the page of incoming messages.
    HOLD = "hold"
    #: Nothing is kept but the message itself; the writer is answered why.
    REFUSE = "refuse"


@dataclass(frozen=True)
class Policy:
    """What the mailbox or robot says about people nobody knows."""

    strangers: str = Strangers.HOLD
    stand_in: User | None = None


@dataclass(frozen=True)
class Sender:
    """Whose words a message is. `person` is None where it is held or refused.

    `reason` says why nobody was found, for agents; "" for a known person.
    """

    outcome: Outcome
    person: User | None = None
    reason: str | StrPromise = ""


def by_mail(address: str, policy: Policy) -> Sender:
    """The sender with this mail address, whatever its case."""
    address = address.strip()
    found = User.objects.filter(email__iexact=address) if address else User.objects.none()
    return _sender(found, policy)


def by_username(name: str, policy: Policy) -> Sender:
    """The sender whom another system calls by the user name they have here (chat user ids)."""
    name = name.strip()
    found = User.objects.filter(username__iexact=name) if name else User.objects.none()
    return _sender(found, policy)


def by_person(person: User | None, policy: Policy) -> Sender:
    """The sender that something else has found already, as an address book of a chat does."""
    found = User.objects.none() if person is None else User.objects.filter(pk=person.pk)
    return _sender(found, policy)


def _sender(found: QuerySet[User], policy: Policy) -> Sender:
    people = list(found.order_by("pk")[:20])
    working = [person for person in people if person.may_sign_in]
    if len(working) == 1:
        return Sender(Outcome.TAKE, working[0])
    if working:
        return Sender(Outcome.HOLD, None, _("Several people have this address."))
    if people:
        # Somebody who left is not a stranger: whoever has their address now is not them.
        return _turned_away(policy, _("This person has no working account any more."))
    return _stranger(policy)


def _turned_away(policy: Policy, reason: StrPromise) -> Sender:
    refused = policy.strangers == Strangers.REFUSE
    return Sender(Outcome.REFUSE if refused else Outcome.HOLD, None, reason)


def _stranger(policy: Policy) -> Sender:
    reason = _("Nobody here has this address.")
    if policy.strangers != Strangers.STAND_IN:
        return _turned_away(policy, reason)
    stand_in = policy.stand_in
    if stand_in is None or not stand_in.may_sign_in:
        return Sender(Outcome.HOLD, None, _("The stand-in has no working account."))
    return Sender(Outcome.STAND_IN, stand_in, reason)
