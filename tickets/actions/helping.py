"""Help before submit: a session per trouble, and a person's word that something solved it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from core import events
from core.errors import BadInput, NotAllowed, Problem
from docs_portal.models import Page
from tickets.errors import WrongState
from tickets.models import Cause, HelpSession, SelfService, Ticket

#: A session that rests for longer is over; what is typed then is another trouble.
REST = dt.timedelta(minutes=30)
#: How long after a session its "this solved it" is heard.
ANSWERABLE = dt.timedelta(hours=24)
#: Ids of one kind that a session keeps.
KEPT = 60


@dataclass(frozen=True)
class Found:
    """What was found for the words typed: ids, nearest first. `products` are those of the pages
    and issues, in the order of the page; `chosen` is the one chosen in the form.
    """

    pages: Sequence[int]
    issues: Sequence[int]
    demands: Sequence[int]
    products: Sequence[int] = ()
    chosen: int | None = None


def note_help(
    found: Found, *, place: str, is_held_out: bool, acting_user: User, now: dt.datetime
) -> HelpSession | None:
    """Note what was found for a person who types; None where that is nothing, and nothing was.

    Goes on with the session they are in: the same trouble, until they rest, submit or solve it.
    """
    has_found = bool(found.pages or found.issues or found.demands)
    with transaction.atomic():
        # Two pauses at once are one session: they wait for each other at the person's row.
        User.objects.select_for_update(of=("self",), no_key=True).get(pk=acting_user.pk)
        session = _running(acting_user, now)
        if session is None:
            if not has_found:
                return None
            session = HelpSession(
                person=acting_user, department=acting_user.department, place=place,
                is_held_out=is_held_out, started_at=now,
            )  # fmt: skip
        session.last_at = now
        session.is_shown |= bool(
            found.issues or found.demands or (found.pages and not session.is_held_out)
        )
        for name in ("pages", "issues", "demands"):
            known: list[int] = getattr(session, name)
            both = dict.fromkeys([*known, *getattr(found, name)])
            setattr(session, name, list(both)[:KEPT])
        chosen = found.chosen or (found.products[0] if found.products else None)
        session.product_id = chosen or session.product_id
        session.save()
    return session


def _running(person: User, now: dt.datetime) -> HelpSession | None:
    """The session this person is in: not rested, nothing submitted and nothing solved since."""
    sessions = HelpSession.objects.filter(person=person, last_at__gt=now - REST)
    session = sessions.order_by("-last_at", "-pk").first()
    if session is None or SelfService.objects.filter(session=session).exists():
        return None
    since = Ticket.objects.filter(requester=person, submitted_at__gte=session.started_at)
    return None if since.exists() else session


def say_solved(
    session: HelpSession, kind: str, ref: int, *, acting_user: User, now: dt.datetime
) -> SelfService:
    """The person says that one thing they were shown solved their trouble; said twice is once.

    Raises NotAllowed, WrongState, BadInput.
    """
    if session.person_id != acting_user.pk:
        raise NotAllowed(Problem("", _("Only the person themselves says this."), _("Ask them to.")))
    with transaction.atomic():
        locked = HelpSession.objects.select_for_update(of=("self",), no_key=True).get(pk=session.pk)
        said = SelfService.objects.filter(session=locked).first()
        if said is not None:
            return _said_again(said, kind, ref, acting_user, now)
        if now - locked.last_at > ANSWERABLE:
            raise WrongState(
                Problem(
                    "session", _("This was offered more than a day ago."),
                    _("Describe the trouble again."),
                )
            )  # fmt: skip
        product_id = _product_of(locked, kind, ref)
        row = SelfService(
            session=locked, person=acting_user, product_id=product_id, kind=kind, ref=ref,
            solved_at=now,
        )  # fmt: skip
        events.create(row, "say_solved", actor_id=acting_user.pk, now=now)
        # What helped knows best which product the trouble was about.
        HelpSession.objects.filter(pk=locked.pk).update(product_id=product_id)
    return row


def _said_again(
    said: SelfService, kind: str, ref: int, acting_user: User, now: dt.datetime
) -> SelfService:
    """The second click of the same; what was taken back is said anew."""
    if said.taken_back_at is None:
        return said
    row = events.lock(SelfService, said.pk)
    product_id = _product_of(row.session, kind, ref)
    events.change(
        row, "say_solved", actor_id=acting_user.pk, now=now,
        fields={"kind": kind, "ref": ref, "product_id": product_id, "solved_at": now,
                "taken_back_at": None},
    )  # fmt: skip
    HelpSession.objects.filter(pk=row.session_id).update(product_id=product_id)
    return row


def _product_of(session: HelpSession, kind: str, ref: int) -> int:
    """The product of what helped, which must be something that the session showed."""
    shown = {"page": [] if session.is_held_out else session.pages, "known_issue": session.issues,
             "demand": session.demands}  # fmt: skip
    if kind not in shown or ref not in shown[kind]:
        raise BadInput(
            Problem(
                "ref", _("This was not offered here."), _("Choose one of what is offered."),
                f"{kind} {ref}",
            )
        )  # fmt: skip
    if kind == "page":
        return Page.objects.values_list("manual__product_id", flat=True).get(pk=ref)
    if kind == "known_issue":
        return Cause.objects.values_list("product_id", flat=True).get(pk=ref)
    if session.product_id is None:
        raise BadInput(
            Problem("product", _("The product is not known."), _("Choose the product first."))
        )
    return session.product_id


def take_back_solved(said: SelfService, *, acting_user: User, now: dt.datetime) -> SelfService:
    """It did not solve it after all; only the person themselves, once. Raises NotAllowed."""
    with transaction.atomic():
        row = events.lock(SelfService, said.pk)
        if row.person_id != acting_user.pk:
            raise NotAllowed(
                Problem("", _("Only the person themselves says this."), _("Ask them to."))
            )
        if row.taken_back_at is None:
            events.change(
                row, "take_back", actor_id=acting_user.pk, now=now, fields={"taken_back_at": now}
            )
    return row
