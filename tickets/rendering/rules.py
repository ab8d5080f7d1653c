"""A rule in sentences: when, if, then; and what became of its runs, in the reader's language."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from tickets.choices import RunOutcome, Trigger
from tickets.models import Rule, RuleRun
from tickets.rendering.acts import act_said
from tickets.rendering.words import label_of, value_said
from tickets.search.filters import Asking, Chip, read_filter

_OUTCOME_TONES: dict[str, str] = {
    RunOutcome.ACTED: "jade",
    RunOutcome.REFUSED: "seal",
    RunOutcome.NOT_MATCHED: "grey",
}


@dataclass(frozen=True)
class RuleSaid:
    """The three parts of a rule, each a list of whole sentences."""

    when: str
    conditions: Sequence[Chip]
    acts: Sequence[str]


def rule_said(definition: Mapping[str, Any], asking: Asking) -> RuleSaid:
    """A rule (or a draft of one) by its recorded parts."""
    return RuleSaid(
        trigger_said(definition["trigger"]),
        read_filter(definition["conditions"], asking).chips,
        [act_said(act["verb"], act["params"]) for act in definition["acts"]],
    )


def parts_of(rule: Rule) -> dict[str, Any]:
    return {"trigger": rule.trigger, "conditions": rule.conditions, "acts": rule.acts}


def trigger_said(trigger: Mapping[str, Any]) -> str:
    """When the rule runs, as one sentence."""
    return _WHEN[trigger["kind"]](trigger)


def _hours(template: Callable[[int], str]) -> Callable[[Mapping[str, Any]], str]:
    return lambda trigger: (
        template(trigger["hours"])
        % {"hours": trigger["hours"], "status": value_said("status", trigger.get("status"))}
    )


_WHEN: dict[str, Callable[[Mapping[str, Any]], str]] = {
    Trigger.SUBMITTED: lambda t: _("When a ticket is submitted"),
    Trigger.CHANGED: lambda t: (
        _("When “%(field)s” of a ticket changes") % {"field": label_of(t["field"])}
    ),
    Trigger.STATUS: lambda t: (
        _("When a ticket becomes “%(status)s”") % {"status": value_said("status", t["status"])}
    ),
    Trigger.LEVEL: lambda t: (
        _("When a ticket comes to %(level)s") % {"level": value_said("level", t["level"])}
    ),
    Trigger.REQUESTER_REPLIED: lambda t: _("When the requester replies"),
    Trigger.AGENT_REPLIED: lambda t: _("When staff reply to the requester"),
    Trigger.RETURNED: lambda t: _("When a ticket is returned"),
    Trigger.REOPENED: lambda t: _("When a ticket is reopened"),
    Trigger.SLA_WARNED: lambda t: _("When a service target is at risk"),
    Trigger.SLA_BREACHED: lambda t: _("When a service target is missed"),
    Trigger.IN_STATUS: _hours(
        lambda n: ngettext(
            "When a ticket has been “%(status)s” for %(hours)s working hour",
            "When a ticket has been “%(status)s” for %(hours)s working hours",
            n,
        )
    ),
    Trigger.SILENT: _hours(
        lambda n: ngettext(
            "When nobody has replied for %(hours)s working hour",
            "When nobody has replied for %(hours)s working hours",
            n,
        )
    ),
    Trigger.BEFORE_DUE: _hours(
        lambda n: ngettext(
            "When %(hours)s working hour is left before the resolution is due",
            "When %(hours)s working hours are left before the resolution is due",
            n,
        )
    ),
}


@dataclass(frozen=True)
class ConditionSeen:
    """A condition of a run: its words, whether it held, and the value it read."""

    chip: Chip
    held: bool
    value: str


@dataclass(frozen=True)
class RunSaid:
    """One run as the trace shows it."""

    run: RuleRun
    tone: str
    occasion: str
    conditions: Sequence[ConditionSeen]
    done: Sequence[str]
    refused: Sequence[str]


def run_said(run: RuleRun, asking: Asking) -> RunSaid:
    """What a rule saw and did, condition by condition, act by act."""
    conditions = [
        ConditionSeen(
            read_filter([one["condition"]], asking).chips[0],
            one["held"],
            value_said(one["column"], one["value"]) if one["column"] else "",
        )
        for one in run.judged
    ]
    done, refused = [], []
    for one in run.done:
        said = act_said(one["act"]["verb"], one["act"]["params"])
        if "refusal" not in one:
            done.append(said)
            continue
        words = [f"{p['message']} {p['remedy']}".strip() for p in one["refusal"]]
        refused.append(_("%(act)s: %(words)s") % {"act": said, "words": " ".join(words)})
    return RunSaid(
        run, _OUTCOME_TONES.get(run.outcome, "amber"), trigger_said(run.rule.trigger),
        conditions, done, refused,
    )  # fmt: skip
