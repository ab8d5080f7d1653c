"""Bursts: see them, make a known issue of one, tell everybody concerned without a name in sight."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Collection, Sequence

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from core import events, outbox
from core.changes import checked_text
from core.errors import Problem, Refused
from core.models import Event
from core.origin import brought_about
from tickets.access import RELATED
from tickets.actions.causes import link_cause, open_cause
from tickets.actions.conversing import add_comment
from tickets.actions.known_issues import declare_known_issue
from tickets.choices import CommentKind
from tickets.errors import WrongState
from tickets.models import Burst, BurstDismissal, Cause, Ticket, UsualRate
from tickets.search.burst_rates import HOURS, WINDOW, bursting, threshold, tickets_of, usual_rates

logger = logging.getLogger(__name__)

ATTACH_JOB = "tickets.attach_to_cause"
REPLY_JOB = "tickets.reply_to_all"


def keep_usual_rates(now: dt.datetime) -> int:
    """Recompute what is usual for each module; those without tickets lose their row."""
    rates = usual_rates(now)
    with transaction.atomic():
        UsualRate.objects.exclude(module__in=rates).delete()
        UsualRate.objects.bulk_create(
            [
                UsualRate(module_id=module, p95=p95, hours=HOURS, computed_at=now)
                for module, p95 in sorted(rates.items())
            ],
            update_conflicts=True,
            unique_fields=["module"],
            update_fields=["p95", "hours", "computed_at"],
        )
    return len(rates)


def watch_bursts(now: dt.datetime) -> int:
    """Open a burst where one began, end those whose hour fell below. Returns how many are open.

    Two sweeps at once do no harm: a module has one open burst, and the highest count stays.
    """
    usual = dict(UsualRate.objects.values_list("module_id", "p95"))
    seen = bursting(now, usual)
    with transaction.atomic():
        running = {
            burst.module_id: burst
            for burst in Burst.objects.select_for_update()
            .filter(ended_at__isnull=True)
            .order_by("pk")
        }
        for module, requesters in sorted(seen.items()):
            burst = running.pop(module, None)
            if burst is not None:
                burst.last_seen_at = max(burst.last_seen_at, now)
                burst.requesters = max(burst.requesters, requesters)
                burst.save(update_fields=["last_seen_at", "requesters"])
                continue
            rate = usual.get(module, 0.0)
            Burst.objects.bulk_create(
                [
                    Burst(
                        module_id=module, began_at=now, last_seen_at=now, requesters=requesters,
                        usual=rate, threshold=threshold(rate),
                    )
                ],
                ignore_conflicts=True,
            )  # fmt: skip
        for burst in running.values():
            burst.ended_at = now
            burst.save(update_fields=["ended_at"])
    return len(seen)


def tickets_in_burst(burst: Burst, now: dt.datetime) -> list[Ticket]:
    """Its unresolved tickets that no cause has yet, from the hour before it began."""
    until = burst.ended_at or now
    found = tickets_of(burst.module_id, burst.began_at - WINDOW, until)
    return list(found.filter(cause__isnull=True).select_related(*RELATED))


def make_known_issue(
    burst: Burst,
    title: str,
    workaround: str,
    *,
    only: Collection[int] | None = None,
    acting_user: User,
    now: dt.datetime,
) -> Cause:
    """One cause for all of it: a known issue with its workaround, attached and told by a job.

    `only` are the ids of the tickets it is for, out of those of the burst; None: all of them.

    Raises BadInput for a missing text, WrongState when a colleague made it already.
    """
    workaround = checked_text("workaround", workaround)
    with transaction.atomic():
        row = Burst.objects.select_for_update(of=("self",)).select_related(
            "module__product", "cause"
        ).get(pk=burst.pk)  # fmt: skip
        if row.cause is not None:
            raise WrongState(
                Problem(
                    "title", _("A colleague made a known issue of this burst already."),
                    _("Open it; later tickets can be attached there."), row.cause.ref,
                )
            )  # fmt: skip
        cause = open_cause(
            title=title, product=row.module.product, module=row.module,
            acting_user=acting_user, now=now,
        )  # fmt: skip
        cause = declare_known_issue(cause, workaround, acting_user=acting_user, now=now)
        row.cause = cause
        row.save(update_fields=["cause"])
        concerned = tickets_in_burst(row, now)
        if only is not None:
            concerned = [ticket for ticket in concerned if ticket.pk in only]
        _put_attach(cause, concerned, acting_user, now)
    return cause


def attach_later(burst: Burst, *, acting_user: User, now: dt.datetime) -> int:
    """Attach what came since the known issue was made, and tell them too. Returns how many."""
    with transaction.atomic():
        row = Burst.objects.select_for_update(of=("self",)).select_related("cause").get(pk=burst.pk)
        if row.cause is None:
            raise WrongState(
                Problem("cause", _("This burst has no known issue yet."), _("Make one first."))
            )
        waiting = tickets_in_burst(row, now)
        _put_attach(row.cause, waiting, acting_user, now)
    return len(waiting)


def _put_attach(cause: Cause, tickets: Sequence[Ticket], user: User, now: dt.datetime) -> None:
    for ticket in tickets:
        outbox.job(
            ATTACH_JOB, {"cause_id": cause.pk, "ticket_id": ticket.pk, "user_id": user.pk},
            key=f"{ATTACH_JOB}:{cause.pk}:{ticket.pk}", now=now,
        )  # fmt: skip


def attach_to_cause(cause_id: int, ticket_id: int, user_id: int, now: dt.datetime) -> None:
    """Link one ticket to the known issue and reply its workaround there; once.

    A ticket that cannot take the cause any more (it was resolved, pushed, given another one) is
    left as it is.
    """
    user = User.objects.get(pk=user_id)
    with transaction.atomic():
        cause = Cause.objects.get(pk=cause_id)
        events.lock(Ticket, ticket_id)
        ticket = Ticket.objects.select_related(*RELATED).get(pk=ticket_id)
        if ticket.cause_id is not None:
            return
        try:
            with transaction.atomic(), brought_about(broadcast=f"known:{cause.pk}"):
                ticket = link_cause(ticket, cause, acting_user=user, now=now)
                if cause.workaround:
                    add_comment(ticket, cause.workaround, acting_user=user, now=now)
        except Refused as refusal:
            logger.info("%s was not attached to %s: %s", ticket.ref, cause.ref, refusal)


def reply_to_all(cause: Cause, body: str, *, key: str, acting_user: User, now: dt.datetime) -> int:
    """A public reply to each unresolved ticket of the cause, one by one: nobody sees the others.

    `key` names this one sending, so that a form sent twice replies once. Returns how many.
    """
    body = checked_text("body", body)
    tickets = Ticket.objects.filter(cause=cause).unresolved().visible_to(acting_user)
    pks = list(tickets.order_by("pk").values_list("pk", flat=True))
    with transaction.atomic():
        for pk in pks:
            outbox.job(
                REPLY_JOB,
                {"ticket_id": pk, "user_id": acting_user.pk, "body": body, "key": key},
                key=f"{REPLY_JOB}:{key}:{pk}", now=now,
            )  # fmt: skip
    return len(pks)


def reply_to_one(ticket_id: int, user_id: int, body: str, key: str, now: dt.datetime) -> None:
    """The reply of `reply_to_all` on one ticket; once, however often it is delivered."""
    user = User.objects.get(pk=user_id)
    with transaction.atomic():
        events.lock(Ticket, ticket_id)
        ticket = Ticket.objects.select_related(*RELATED).get(pk=ticket_id)
        said = Event.objects.filter(
            subject=Ticket.SUBJECT, subject_id=ticket_id, data__broadcast=f"reply:{key}"
        )
        if said.exists():
            return
        try:
            with transaction.atomic(), brought_about(broadcast=f"reply:{key}"):
                add_comment(ticket, body, kind=CommentKind.PUBLIC, acting_user=user, now=now)
        except Refused as refusal:
            logger.info("%s got no reply to all: %s", ticket.ref, refusal)


def dismiss_burst(burst: Burst, *, acting_user: User, now: dt.datetime) -> None:
    """This person does not want to see the banner any more."""
    BurstDismissal.objects.get_or_create(burst=burst, user=acting_user, defaults={"at": now})


def shown_bursts(products: frozenset[int] | None, user: User, now: dt.datetime) -> list[Burst]:
    """Open bursts of these products (None: all) that the person has not dismissed."""
    rows = Burst.objects.filter(ended_at__isnull=True).exclude(dismissals__user=user)
    if products is not None:
        rows = rows.filter(Q(module__product__in=products))
    return list(rows.select_related("module__product", "cause").order_by("-requesters", "pk"))
