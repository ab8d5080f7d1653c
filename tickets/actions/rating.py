"""A requester says how the course of their ticket was: optional, with reasons, theirs to change."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from core import events
from core.errors import BadInput, Problem
from tickets.actions.saving import save, take
from tickets.choices import RATING_DAYS, Score
from tickets.errors import WrongState
from tickets.models import Rating, Ticket
from tickets.notifications import tell
from tickets.policies.rating import rated_until, reasons_for

WORDS_MAX = 2000


def rate_ticket(
    ticket: Ticket,
    score: int,
    reasons: Collection[str] = (),
    words: str = "",
    *,
    acting_user: User,
    now: dt.datetime,
) -> Rating:
    """Rate a ticket of one's own that has ended, or change the rating while that is open.

    The ticket's history says that it was rated and how; words and reasons stay in the rating.
    Its holder is told of a bad one only. The same rating again changes nothing.
    """
    words = words.strip()
    with transaction.atomic():
        row = take(ticket, "rate", acting_user, None, ())
        until = rated_until(row)
        if until is None or now > until:
            raise WrongState(
                Problem(
                    "score", _("This ticket ended more than %(days)s days ago.")
                    % {"days": RATING_DAYS},
                    _("Submit a new ticket if something is still wrong."), row.ref,
                )
            )  # fmt: skip
        chosen = _checked(row, score, reasons, words)
        rating, before = _keep(row, score, chosen, words, acting_user, now)
        if before == (score, chosen, words):
            return rating
        event = save(row, "rate", user=acting_user, now=now, data={"score": score})
        if score == Score.DISSATISFIED and (before is None or before[0] != score):
            tell(row, event, "rated", {row.assignee_id}, now=now, but=acting_user.pk)
    return rating


def _checked(row: Ticket, score: int, reasons: Collection[str], words: str) -> list[str]:
    """The reasons in the order they are offered. Raises BadInput naming each fault."""
    problems = []
    if score not in Score.values:
        problems.append(
            Problem("score", _("This is no rating."), ", ".join(map(str, Score.values)), str(score))
        )
    offered = [reason.value for reason in reasons_for(score, row.family)]
    if strange := sorted(set(reasons) - set(offered)):
        problems.append(
            Problem(
                "reasons", _("This reason does not go with the rating."), ", ".join(offered),
                ", ".join(strange),
            )
        )  # fmt: skip
    if len(words) > WORDS_MAX:
        problems.append(
            Problem(
                "words", _("This is too long."),
                _("Use at most %(most)s characters.") % {"most": WORDS_MAX}, str(len(words)),
            )
        )  # fmt: skip
    if problems:
        raise BadInput(*problems)
    return [reason for reason in offered if reason in set(reasons)]


_Said = tuple[int, list[str], str]


def _keep(
    row: Ticket, score: int, reasons: list[str], words: str, user: User, now: dt.datetime
) -> tuple[Rating, _Said | None]:
    """The rating as it is now, and what it said before; the ticket's lock keeps it one."""
    known = Rating.objects.filter(ticket=row).first()
    if known is None:
        rating = Rating(
            ticket=row, person=user, score=score, reasons=reasons, words=words, rated_at=now
        )
        events.create(rating, "rate", actor_id=user.pk, now=now)
        return rating, None
    before = (known.score, list(known.reasons), known.words)
    if before != (score, reasons, words):
        rating = events.lock(Rating, known.pk)
        fields = {"score": score, "reasons": reasons, "words": words, "rated_at": now}
        events.change(rating, "rate", actor_id=user.pk, now=now, fields=fields)
        return rating, before
    return known, before
