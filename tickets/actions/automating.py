"""Rules at work: consider each for an occasion, judge, act, keep what became of it.

One rule on one occasion of one ticket is one transaction: its effects and its `RuleRun` are there
together or not at all, so a worker that dies half-way leaves nothing behind and the next delivery
does it once.
"""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from core import events
from core.errors import Refused
from core.models import Event
from core.origin import brought_about
from tickets.access import RELATED
from tickets.actions.acts import Act, carry_out
from tickets.actions.rules import count_failure, pause_rule
from tickets.choices import CHAIN_MAX, RuleState, RunOutcome, WhyPaused
from tickets.models import Rule, RuleRun, Ticket
from tickets.policies.triggers import chain_of, sets_off, triggers_of
from tickets.search.conditions import Judged, judge
from tickets.search.filters import Asking

logger = logging.getLogger(__name__)

#: Runs that did something; they count against the hourly cap.
_BUSY = (RunOutcome.ACTED, RunOutcome.REFUSED)
_HOUR = dt.timedelta(hours=1)


@dataclass(frozen=True)
class Occasion:
    """What sets a rule off, named so that it is the same one when it is delivered again."""

    key: str
    #: Rules that led here, the newest last.
    chain: tuple[int, ...] = ()
    #: The key of the occasion it all began with; its own when no rule led here.
    root: str = ""

    @property
    def begins_with(self) -> str:
        return self.root or self.key


def consider_event(ticket_id: int, version: int, now: dt.datetime) -> int:
    """Run every active rule that waits for this event, in order. Returns how many acted.

    Safe to run twice. A failure of one rule (not a refusal) is raised after the others had their
    turn, so that the delivery is tried again.
    """
    event = Event.objects.filter(
        subject=Ticket.SUBJECT, subject_id=ticket_id, version=version
    ).first()
    ticket = Ticket.objects.filter(pk=ticket_id).first()
    if event is None or ticket is None:
        return 0
    acted, failure = 0, None
    kinds = triggers_of(event, ticket.requester_id)
    occasion = Occasion(f"event:{version}", *chain_of(event))
    for rule in Rule.objects.active().filter(trigger_kind__in=kinds):
        if not _waits_for(rule, event, ticket):
            continue
        try:
            run = run_rule(rule, ticket_id, occasion, now=now)
            acted += run is not None and run.outcome == RunOutcome.ACTED
        except Exception as error:
            logger.exception("rule %s failed on OPS-%s", rule.pk, ticket_id)
            failure = failure or error
    if failure is not None:
        raise failure
    return acted


def _waits_for(rule: Rule, event: Event, ticket: Ticket) -> bool:
    since = rule.activated_at
    return (since is None or event.occurred_at >= since) and sets_off(
        rule.trigger, event, ticket.requester_id
    )


def run_rule(rule: Rule, ticket_id: int, occasion: Occasion, *, now: dt.datetime) -> RuleRun | None:
    """The rule on one occasion, once: None when it had its turn already or is not active."""
    with transaction.atomic():
        # The ticket's lock makes runs on one ticket wait for each other.
        locked = events.lock(Ticket, ticket_id)
        ticket = Ticket.objects.select_related(*RELATED).get(pk=locked.pk)
        current = Rule.objects.get(pk=rule.pk)
        seen = RuleRun.objects.filter(rule=rule, ticket=ticket, occasion=occasion.key)
        if current.state != RuleState.ACTIVE or seen.exists():
            return None
        run = RuleRun(
            rule=current, rule_version=current.version, ticket=ticket, occasion=occasion.key,
            root=occasion.begins_with,
            at=now, depth=len(occasion.chain),
        )  # fmt: skip
        run.outcome = _guarded(current, ticket, occasion, now) or _judged(run, ticket)
        if run.outcome == RunOutcome.ACTED:
            run.outcome = _act(run, occasion, now)
        run.save(force_insert=True)
        _count(run, current, now)
    return run


def _guarded(rule: Rule, ticket: Ticket, occasion: Occasion, now: dt.datetime) -> RunOutcome | None:
    """What forbids the rule to run at all: its own chain, a chain too long, too many runs."""
    if len(occasion.chain) >= CHAIN_MAX:
        return RunOutcome.TOO_DEEP
    before = RuleRun.objects.filter(rule=rule, ticket=ticket, outcome__in=_BUSY)
    if occasion.chain and before.filter(root=occasion.begins_with).exists():
        return RunOutcome.IN_CHAIN
    busy = before.filter(at__gt=now - _HOUR).count()
    return RunOutcome.TOO_OFTEN if busy >= rule.hourly_cap else None


def _judged(run: RuleRun, ticket: Ticket) -> RunOutcome:
    """Judge the conditions on the ticket as it stands; ACTED when all hold."""
    asking = Asking(run.rule.owner, run.at)
    found: list[Judged] = judge(run.rule.conditions, ticket, asking)
    run.judged = [one.as_json() for one in found]
    held = all(one.held for one in found)
    return RunOutcome.ACTED if held else RunOutcome.NOT_MATCHED


def _act(run: RuleRun, occasion: Occasion, now: dt.datetime) -> RunOutcome:
    """All acts in their order, or none: the refusal is kept with its words' parts."""
    rule = run.rule
    origin = {
        "id": rule.pk, "version": rule.version, "name": rule.name,
        "chain": [*occasion.chain, rule.pk],
        "root": occasion.begins_with,
    }  # fmt: skip
    done: list[dict[str, Any]] = []
    value: Mapping[str, Any] = {}
    try:
        with transaction.atomic(), brought_about(rule=origin):
            ticket = run.ticket
            for value in rule.acts:
                before = ticket.version
                ticket = carry_out(ticket, Act.from_json(value), acting_user=None, now=now)
                versions = list(range(before + 1, ticket.version + 1))
                done.append({"act": dict(value), "versions": versions})
    except Refused as refusal:
        run.done = [{"act": dict(value), "refusal": _words(refusal)}]
        return RunOutcome.REFUSED
    run.done = done
    return RunOutcome.ACTED


def _words(refusal: Refused) -> list[dict[str, str]]:
    return [
        {
            "field": one.field, "message": str(one.message), "remedy": str(one.remedy),
            "value": one.value,
        }
        for one in refusal.problems
    ]  # fmt: skip


def _count(run: RuleRun, rule: Rule, now: dt.datetime) -> None:
    """Pause a rule that loops or keeps failing; forget old refusals once it acts."""
    if run.outcome == RunOutcome.TOO_OFTEN:
        pause_rule(rule, WhyPaused.LOOPS, now=now)
    elif run.outcome == RunOutcome.REFUSED:
        count_failure(rule, now=now)
    elif run.outcome == RunOutcome.ACTED and rule.failures:
        Rule.objects.filter(pk=rule.pk).update(failures=0)
