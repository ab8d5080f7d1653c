"""The life of a rule: write, order, switch on and off, pause itself (自动化规则)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import F, Max
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from catalog.access import rights_of
from catalog.choices import PermissionRole
from core import events, outbox
from core.changes import add, refuse, revise
from core.errors import BadInput, NotAllowed, Problem
from tickets.actions.acts import Act, check_act
from tickets.choices import FAILURES_MAX, RuleState, WhyPaused
from tickets.models import HOURLY_CAP, Rule
from tickets.policies.triggers import check_trigger
from tickets.search.conditions import check_conditions
from tickets.search.filters import Asking

#: More acts than this nobody reads.
ACTS_MAX = 8
HOURLY_CAP_MAX = 100


@dataclass(frozen=True)
class RuleDraft:
    """A rule as somebody typed it."""

    name: str
    trigger: Any
    conditions: Any
    acts: Any
    hourly_cap: int = HOURLY_CAP


def draft_of(rule: Rule) -> RuleDraft:
    """The rule as it would be typed again."""
    return RuleDraft(rule.name, rule.trigger, rule.conditions, rule.acts, rule.hourly_cap)


def checked_rule(draft: RuleDraft, owner: User, now: dt.datetime) -> dict[str, Any]:
    """The recorded fields of a rule. Raises BadInput with every problem of every part.

    `owner` is who `me` in a condition is.

    Fields are named `name`, `trigger…`, `if_<n>`, `then_<n>`, `hourly_cap`.
    """
    problems: list[Problem] = []
    fields: dict[str, Any] = {"name": draft.name.strip(), "hourly_cap": draft.hourly_cap}
    if not 0 < len(fields["name"]) <= 80:
        problems.append(
            Problem("name", _("The rule needs a name."), _("Use 1 to 80 characters."), draft.name)
        )
    if not 1 <= draft.hourly_cap <= HOURLY_CAP_MAX:
        problems.append(
            Problem("hourly_cap", _("This is no number of times an hour."), "1 – 100",
                    str(draft.hourly_cap))
        )  # fmt: skip

    def conditions(value: Any) -> list[str]:
        return check_conditions(value, Asking(owner, now))

    checks: tuple[tuple[str, Callable[[Any], Any], Any], ...] = (
        ("trigger", check_trigger, draft.trigger),
        ("conditions", conditions, draft.conditions),
        ("acts", check_acts, draft.acts),
    )
    for name, check, value in checks:
        try:
            fields[name] = check(value)
        except BadInput as refusal:
            problems += refusal.problems
    if problems:
        raise BadInput(*problems)
    return fields


def check_acts(acts: Any) -> list[dict[str, Any]]:
    """The acts as they are kept. Raises BadInput naming each by its place: `then_0`, …"""
    if not isinstance(acts, list) or not 0 < len(acts) <= ACTS_MAX:
        raise BadInput(
            Problem("acts", _("A rule does at least one thing."), _("Choose 1 to 8 acts."),
                    str(len(acts)) if isinstance(acts, list) else str(acts)[:80])
        )  # fmt: skip
    problems: list[Problem] = []
    kept = []
    for place, value in enumerate(acts):
        try:
            act = Act.from_json(value)
            check_act(act, acting_user=None)
            kept.append(act.as_json())
        except (BadInput, NotAllowed) as refusal:
            problems += [
                Problem(f"then_{place}_{one.field}", one.message, one.remedy, one.value)
                for one in refusal.problems
            ]
    if problems:
        raise BadInput(*problems)
    return kept


def create_rule(draft: RuleDraft, *, acting_user: User, now: dt.datetime) -> Rule:
    """A new rule, last in order, as a draft that does nothing yet."""
    require_administrator(acting_user)
    fields = checked_rule(draft, acting_user, now)
    with transaction.atomic():
        last = Rule.objects.aggregate(last=Max("position"))["last"] or 0
        row = Rule(
            **fields, owner=acting_user, position=last + 1, trigger_kind=fields["trigger"]["kind"]
        )
        return add(row, acting_user=acting_user, now=now)


def edit_rule(
    rule: Rule,
    draft: RuleDraft,
    *,
    acting_user: User,
    now: dt.datetime,
    seen_version: int | None = None,
) -> Rule:
    """Another wording of the rule; an active one works in the new one from now on."""
    require_administrator(acting_user)
    fields = checked_rule(draft, rule.owner, now)
    same = all(getattr(rule, name) == value for name, value in fields.items())
    return revise(
        rule, "edit", fields, acting_user=acting_user, now=now, seen_version=seen_version,
        derived=None if same else {"trigger_kind": fields["trigger"]["kind"]},
    )  # fmt: skip


def activate_rule(rule: Rule, *, acting_user: User, now: dt.datetime) -> Rule:
    """From now on it acts. What it names must still be there. Raises BadInput."""
    require_administrator(acting_user)
    checked_rule(draft_of(rule), rule.owner, now)
    if rule.state == RuleState.ACTIVE:
        return rule
    return revise(
        rule, "activate",
        {"state": RuleState.ACTIVE, "why_paused": WhyPaused.NONE, "activated_at": now},
        derived={"failures": 0}, acting_user=acting_user, now=now,
    )  # fmt: skip


def switch_off_rule(rule: Rule, *, acting_user: User, now: dt.datetime) -> Rule:
    """It does nothing until it is activated again."""
    require_administrator(acting_user)
    return revise(
        rule, "switch_off", {"state": RuleState.OFF, "why_paused": WhyPaused.NONE},
        acting_user=acting_user, now=now,
    )  # fmt: skip


def order_rules(pks: Sequence[int], *, acting_user: User, now: dt.datetime) -> None:
    """Consider the rules in this order; those not named keep theirs behind."""
    require_administrator(acting_user)
    with transaction.atomic():
        known = Rule.objects.values_list("pk", flat=True)
        rows = {row.pk: row for row in events.lock_many(Rule, known)}
        if unknown := [pk for pk in pks if pk not in rows]:
            refuse("order", str(_("There is no such rule.")), "", unknown[0])
        rest = sorted((row for row in rows.values() if row.pk not in set(pks)), key=_place)
        for place, row in enumerate([*(rows[pk] for pk in dict.fromkeys(pks)), *rest], start=1):
            if row.position != place:
                events.change(
                    row, "order", actor_id=acting_user.pk, now=now, fields={"position": place}
                )


def _place(rule: Rule) -> tuple[int, int]:
    return rule.position, rule.pk


def count_failure(rule: Rule, *, now: dt.datetime) -> None:
    """One more refusal in a row; the last one allowed pauses the rule. In the run's transaction."""
    Rule.objects.filter(pk=rule.pk).update(failures=F("failures") + 1)
    if Rule.objects.filter(pk=rule.pk, failures__gte=FAILURES_MAX).exists():
        pause_rule(rule, WhyPaused.FAILS, now=now)


def pause_rule(rule: Rule, why: str, *, now: dt.datetime) -> Rule:
    """The rule stops by itself and its owner is told, once."""
    with transaction.atomic():
        row = events.lock(Rule, rule.pk)
        if row.state != RuleState.ACTIVE:
            return row
        event = events.change(
            row, "pause", actor_id=None, now=now,
            fields={"state": RuleState.PAUSED, "why_paused": why},
        )  # fmt: skip
        outbox.notify(
            row.owner_id, "rule.paused", {"name": row.name, "why": why},
            key=f"rule:{row.pk}:{event.version}:paused", now=now,
            subject=Rule.SUBJECT, subject_id=row.pk,
        )  # fmt: skip
    return row


def require_administrator(user: User) -> None:
    """Rules belong to administrators. Raises NotAllowed."""
    if not rights_of(user).has(PermissionRole.ADMINISTRATOR):
        raise NotAllowed(
            Problem("", _("Only administrators change rules."), _("Ask an administrator."))
        )
